"""How the product behaved before servers that take the place of a national service: bad certificates, or clear text.

Each subject holds its positive control: the good service, which answered the same act in the same window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

from conformance.checks.subjects.web_hosts import WebConnection
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

IMPOSTOR: Final = "impostor"
CLEAR = "clear"


@dataclass(frozen=True)
class BadNationalService:
    """An impostor whose TLS was met; ``kind`` is what is wrong with its certificate, ``protocol`` the service it plays."""

    kind: str
    protocol: str
    connections: tuple[WebConnection, ...]
    evidence: tuple[str, ...]

    @property
    def fault(self) -> str:
        """What is wrong, as findings name it."""
        return self.kind

    @classmethod
    def of(cls, observation: Observation) -> Iterator[BadNationalService]:
        """Every such impostor that was met; one that was asked nothing is concluded on in a settled window only."""
        sessions = [tuple(records) for records in observation.sessions(IMPOSTOR).values()]
        for expected in observation.expected("impostor"):
            control = _control(observation, expected)
            if expected["fault"] == CLEAR or control is None:
                continue
            domain = str(expected["domain"])
            mine = [records for records in sessions if any(r.data.get("domain") == domain for r in records)]
            met = [WebConnection(IMPOSTOR, domain, records) for records in mine]
            met = [connection for connection in met if connection.handshake is not None]
            if met and (any(connection.trusted for connection in met) or settled(observation)):
                cited = (str(expected["evidence"]), *(i for c in met for i in c.ids), control.id)
                frame = observation.frame_evidence
                yield cls(str(expected["fault"]), str(expected["peer"]), tuple(met), (*frame, *cited))


@dataclass(frozen=True)
class ClearNationalService:
    """A service that the product was told to reach in clear: the requests that came, and what they told of the person."""

    peer: str
    told: tuple[tuple[Record, str], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ClearNationalService]:
        """Every one that the product was sent to, once something was told or the window is settled.

        That nothing was told only counts where the product asked something in clear, or where the same act reached the
        good service again afterwards: a product that remembers its first answer would ask nobody.
        """
        for expected in observation.expected("impostor"):
            control = _control(observation, expected)
            if expected["fault"] != CLEAR or control is None:
                continue
            came = [r for r in observation.of_kind("impostor.request") if r.data["domain"] == expected["domain"]]
            told = tuple((r, name) for r in came for name in _named(observation, r, expected))
            place = next(r for r in observation.expectations if r.id == expected["evidence"]).monotonic
            again = next((r for r in _calls(observation, expected) if r.monotonic > place), None)
            if told or (settled(observation) and (came or again)):
                after = () if again is None else (again.id,)
                cited = (str(expected["evidence"]), *(r.id for r in came), control.id, *after)
                yield cls(str(expected["peer"]), told, (*observation.frame_evidence, *cited))


def _control(observation: Observation, expected: Mapping[str, Any]) -> Record | None:
    """The first call that the good service took in this window."""
    return next(iter(_calls(observation, expected)), None)


def _calls(observation: Observation, expected: Mapping[str, Any]) -> tuple[Record, ...]:
    """The calls that the good service took."""
    return observation.of_kind(*(str(kind) for kind in expected["control"]))


def _named(observation: Observation, record: Record, expected: Mapping[str, Any]) -> Iterator[str]:
    """What a request says of the person, or of whom the product looks for, by name of the member."""
    body = observation.blob(record, "body").decode("utf-8", "replace") if "body" in record.blobs else ""
    text = unquote_plus(f"{record.data['path']}?{record.data['query']}") + body
    for name, value in expected["identity"].items():
        if value and str(value).casefold() in text.casefold():
            yield name
