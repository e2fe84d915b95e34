"""The directory's entries and how they are found: a large fictitious population, and what a lane adds to it."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from conformance.services.annuaire.professional import Professional

_COLUMNS = tuple(field.name for field in fields(Professional))
_TABLE = f"""
CREATE TABLE professionals ({", ".join(_COLUMNS)}, family_key, given_key, structure_key);
CREATE UNIQUE INDEX by_rpps ON professionals (rpps);
CREATE INDEX by_family ON professionals (family_key, given_key, rpps, finess);
CREATE INDEX by_given ON professionals (given_key);
CREATE INDEX by_mailbox ON professionals (mailbox);
CREATE INDEX by_finess ON professionals (finess);
"""
# How a search value is compared; FHIR R4 §3.1.1.4.8 (string) and §3.1.1.4.10 (token).
_COMPARE = {"exact": "{} = ?", "starts": "{} >= ? AND {} < ?", "contains": "instr({}, ?) > 0"}
# Beyond every character a folded key holds: closes the range of keys that start with a value.
_LAST = "\U0010ffff"


def fold(text: str) -> str:
    """A name without case or accents, as FHIR R4 compares strings (§3.1.1.4.8)."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition: one of these columns must meet one of these values, compared as ``how`` says.

    ``how`` is ``exact``, ``starts`` or ``contains``; a folded column (``…_key``) is compared with folded values.
    """

    columns: tuple[str, ...]
    how: str
    values: tuple[str, ...]

    def sql(self) -> tuple[str, list[str]]:
        """The condition and what it binds."""
        conditions, bound = [], []
        for column in self.columns:
            for value in self.values:
                conditions.append(_COMPARE[self.how].format(column, column))
                bound += [value, value + _LAST] if self.how == "starts" else [value]
        return "(" + " OR ".join(conditions) + ")", bound


class Key(NamedTuple):
    """What tells an entry apart: a professional, at a structure."""

    rpps: str
    finess: str


class Register:
    """Professionals by RPPS, in memory; ``over`` is a register whose entries this one hides when it has them too."""

    def __init__(self, professionals: Iterable[Professional] = (), over: Register | None = None) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.executescript(_TABLE)
        self._over = over
        self._gone: set[str] = set()
        self.add(professionals)

    def add(self, professionals: Iterable[Professional]) -> None:
        """Add entries, or put them in place of those of the same RPPS."""
        marks = ", ".join("?" * (len(_COLUMNS) + 3))
        with self._db:
            self._db.executemany(f"INSERT OR REPLACE INTO professionals VALUES ({marks})", map(_row, professionals))  # noqa: S608 - no value in it

    def remove(self, rpps: str) -> None:
        """Withdraw an entry."""
        self._gone.add(rpps)
        with self._db:
            self._db.execute("DELETE FROM professionals WHERE rpps = ?", (rpps,))

    def find(self, criteria: Sequence[Criterion], *, limit: int) -> list[Key]:
        """The entries that meet every criterion, own ones first, then by name; at most ``limit``."""
        found = [Key(*row) for row in self._select("rpps, finess", criteria, limit)]
        if self._over is not None and len(found) < limit:
            hidden = self._gone | self._known()
            found += [key for key in self._over.find(criteria, limit=limit) if key.rpps not in hidden]
        return found[:limit]

    def load(self, keys: Sequence[Key]) -> list[Professional]:
        """The entries of these keys, in their order; one that was withdrawn meanwhile is left out."""
        if not keys:
            return []
        wanted = (Criterion(("rpps",), "exact", tuple(key.rpps for key in keys)),)
        below = self._over.load(keys) if self._over is not None else ()
        found = {entry.rpps: entry for entry in (*below, *self._rows(wanted, -1))}
        return [found[key.rpps] for key in keys if key.rpps in found]

    def all(self) -> Iterator[Professional]:
        """Every entry."""
        yield from self._rows((), -1)
        if self._over is not None:
            hidden = self._gone | self._known()
            yield from (p for p in self._over.all() if p.rpps not in hidden)

    def _known(self) -> set[str]:
        return {row[0] for row in self._db.execute("SELECT rpps FROM professionals")}

    def _rows(self, criteria: Sequence[Criterion], limit: int) -> Iterator[Professional]:
        for row in self._select(", ".join(_COLUMNS), criteria, limit):
            yield Professional(*row)

    def _select(self, columns: str, criteria: Sequence[Criterion], limit: int) -> Iterator[tuple[str, ...]]:
        parts = [criterion.sql() for criterion in criteria]
        where = " AND ".join(sql for sql, _ in parts) or "1"
        bound: list[object] = [value for _, values in parts for value in values]
        query = f"SELECT {columns} FROM professionals WHERE {where} ORDER BY family_key, given_key, rpps LIMIT ?"  # noqa: S608 - columns of our own, values bound
        yield from self._db.execute(query, [*bound, limit])


def _row(professional: Professional) -> tuple[str, ...]:
    values: Mapping[str, str] = professional.as_json()
    folded = (fold(professional.family), fold(professional.given), fold(professional.structure))
    return (*values.values(), *folded)
