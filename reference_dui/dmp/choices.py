"""What an administrator chose for the DMP: types to preload and for how long, types to announce."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..faults import Fault
from ..store import Store

LEVELS = ("structure", "service")
# A day, as long as a stay in consultation may last; and the longest that anybody may set.
DEFAULT_SECONDS = 86_400
MAX_SECONDS = 30 * 86_400
MAX_TYPES = 200


@dataclass(frozen=True, slots=True)
class Preload:
    """Which documents are preloaded, by type (none: no document), and for how many seconds they are kept."""

    type_codes: tuple[str, ...]
    seconds: int


class Choices:
    """Named values in the settings of the product."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def preload(self) -> Preload:
        """What is preloaded: nothing, until somebody says what."""
        raw = self._read("dmp-preloading")
        if raw is None:
            return Preload((), DEFAULT_SECONDS)
        types, seconds = json.loads(raw)
        return Preload(tuple(types), seconds)

    @preload.setter
    def preload(self, wanted: Preload) -> None:
        if not 1 <= wanted.seconds <= MAX_SECONDS:
            raise Fault("refdui.fault.wrong-member", member="seconds")
        self._write("dmp-preloading", json.dumps([_known(wanted.type_codes), wanted.seconds]))

    def follow(self, level: str, type_codes: Sequence[str]) -> None:
        """Announce these types only; none goes back to every type."""
        if level not in LEVELS:
            raise Fault("refdui.fault.wrong-member", member="level")
        self._write(f"dmp-types-{level}", json.dumps(_known(type_codes)))

    def followed(self, level: str) -> tuple[str, ...]:
        """The types chosen at a level; none where nobody chose."""
        raw = self._read(f"dmp-types-{level}")
        return tuple(json.loads(raw)) if raw else ()

    def announces(self, type_code: str) -> bool:
        """Whether a type is announced: as the service chose, else as the structure did, else always."""
        chosen = self.followed("service") or self.followed("structure")
        return not chosen or type_code in chosen

    def _read(self, name: str) -> str | None:
        row = self._store.row("SELECT value FROM settings WHERE name = ?", name)
        return str(row["value"]) if row else None

    def _write(self, name: str, value: str) -> None:
        self._store.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)


def _known(type_codes: Sequence[str]) -> list[str]:
    codes = list(dict.fromkeys(code.strip() for code in type_codes if code.strip()))
    if len(codes) > MAX_TYPES or any(len(code) > 40 for code in codes):
        raise Fault("refdui.fault.wrong-member", member="type_codes")
    return codes
