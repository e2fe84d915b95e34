"""The directory's entries and how they are found: a large fictitious population, and what a lane adds to it."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple, overload

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
# Entries hidden from the background by name, at most: beyond, its keys are all read (SQLite binds 32,766 values).
_MOST_HIDDEN = 500
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


class Found(Sequence[Key]):
    """The keys that a search found when it was made: its own, then those of a background that nobody changes, read as needed."""

    def __init__(
        self, own: Sequence[Key], over: Register, criteria: Sequence[Criterion], hidden: frozenset[str], limit: int
    ) -> None:
        self._own = own
        self._over = over
        self._criteria = criteria
        self._hidden = hidden
        self._length = len(own) + over.count(criteria, hidden, limit - len(own))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Key]:
        return iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Key: ...

    @overload
    def __getitem__(self, place: slice) -> list[Key]: ...

    def __getitem__(self, place: int | slice) -> Key | list[Key]:
        if isinstance(place, int):
            return self[:][place]
        start, stop, step = place.indices(self._length)
        mine = len(self._own)
        below = self._over.keys(self._criteria, self._hidden, max(start - mine, 0), max(stop - max(start, mine), 0))
        return [*self._own[start:stop], *below][::step]


class Register:
    """Professionals by RPPS, in memory; ``over`` is a register whose entries this one hides when it has them too.

    A register that stands under another is not changed any more.
    """

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

    def find(self, criteria: Sequence[Criterion], *, limit: int) -> Sequence[Key]:
        """The entries that meet every criterion, own ones first, then by name; at most ``limit``."""
        own = self.keys(criteria, frozenset(), 0, limit)
        if self._over is None:
            return own
        hidden = frozenset(self._gone | self._known())
        if len(hidden) <= _MOST_HIDDEN:
            return Found(own, self._over, criteria, hidden, limit)
        below = (k for k in self._over.find(criteria, limit=limit + len(hidden)) if k.rpps not in hidden)
        return [*own, *below][:limit]

    def keys(self, criteria: Sequence[Criterion], hidden: frozenset[str], start: int, count: int) -> list[Key]:
        """Some of this register's own keys that meet every criterion, but the hidden."""
        query, bound = _query(criteria, hidden)
        rows = self._db.execute(f"SELECT rpps, finess {query} LIMIT ? OFFSET ?", [*bound, count, start])
        return list(map(Key._make, rows))

    def count(self, criteria: Sequence[Criterion], hidden: frozenset[str], limit: int) -> int:
        """How many of this register's own entries meet every criterion, but the hidden; ``limit`` at most."""
        query, bound = _query(criteria, hidden, ordered=False)
        found = self._db.execute(f"SELECT count(*) FROM (SELECT 1 {query} LIMIT ?)", [*bound, limit])  # noqa: S608 - values bound
        return int(found.fetchone()[0])

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
        query, bound = _query(criteria)
        rows = self._db.execute(f"SELECT {', '.join(_COLUMNS)} {query} LIMIT ?", [*bound, limit])
        for row in rows:
            yield Professional(*row)


def _query(
    criteria: Sequence[Criterion], hidden: frozenset[str] = frozenset(), *, ordered: bool = True
) -> tuple[str, list[object]]:
    """From where on, and what it binds."""
    parts = [criterion.sql() for criterion in criteria]
    conditions = [sql for sql, _ in parts]
    bound: list[object] = [value for _, values in parts for value in values]
    if hidden:
        conditions.append(f"rpps NOT IN ({', '.join('?' * len(hidden))})")
        bound += hidden
    where = " AND ".join(conditions) or "1"
    return f"FROM professionals WHERE {where}{' ORDER BY family_key, given_key, rpps' if ordered else ''}", bound


def _row(professional: Professional) -> tuple[str, ...]:
    values: Mapping[str, str] = professional.as_json()
    folded = (fold(professional.family), fold(professional.given), fold(professional.structure))
    return (*values.values(), *folded)
