"""What a simulated service plays of the real one, what it leaves out, and what of it no source settles.

One table for each service, ``fidelity.toml`` beside it: the service writes it into the evidence when it starts, the dossier
of the run prints it, and the page of the service under ``docs/services`` shows it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.core.errors import UsageError
from conformance.core.texts import Text

# Kind and role under which a service writes its table into the evidence, and the service that it is recorded under.
KIND = "service.fidelity"
RECORDER = "fidelity"
ROLE = "table"
MAX_BYTES = 64 * 1024
_MEMBERS = {"service", "title", "source", "played", "absent", "hypotheses"}


@dataclass(frozen=True, slots=True)
class Assumption:
    """A choice that no source settles; ``parameter`` is the one of a product sheet that replaces it, where there is one."""

    id: str
    statement: Text
    parameter: str = ""

    def in_force(self, parameters: Mapping[str, Any]) -> bool:
        """Whether the run rested on it: a product sheet that gives the parameter has settled it."""
        table, _, name = self.parameter.partition(".")
        given = parameters.get(table)
        return not (self.parameter and isinstance(given, Mapping) and name in given)


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The table of one service; ``source`` names what it was made from."""

    service: str
    title: Text
    source: str
    played: tuple[Text, ...]
    absent: tuple[Text, ...]
    hypotheses: tuple[Assumption, ...]

    def recorded(self, service: str) -> bool:
        """Whether exchanges recorded under this name are of this service: its own name, or that of one of its parts."""
        return service == self.service or service.startswith(f"{self.service}.")


def read_fidelity(content: bytes) -> Fidelity:
    """Read a table; one that says something unclear is a :class:`UsageError`."""
    try:
        if len(content) > MAX_BYTES:
            raise ValueError(len(content))
        raw = tomllib.loads(content.decode())
        if set(raw) != _MEMBERS - {"hypotheses"} | (set(raw) & {"hypotheses"}):
            raise ValueError(sorted(raw))
        return Fidelity(
            service=_word(raw["service"]),
            title=_text(raw["title"]),
            source=_word(raw["source"]),
            played=_texts(raw["played"]),
            absent=_texts(raw["absent"]),
            hypotheses=tuple(
                Assumption(_word(one["id"]), _text(one), _word(one.get("parameter", ""), empty=True))
                for one in raw.get("hypotheses", ())
            ),
        )
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise UsageError("fidelity.unreadable", reason=str(exc)[:200]) from exc


def _texts(raw: Sequence[Mapping[str, Any]]) -> tuple[Text, ...]:
    return tuple(_text(one) for one in raw)


def _text(raw: Mapping[str, Any]) -> Text:
    return Text(_word(raw["fr"]), _word(raw["en"]))


def _word(raw: Any, *, empty: bool = False) -> str:
    if not isinstance(raw, str) or not (raw or empty):
        raise TypeError(repr(raw)[:100])
    return raw
