"""Verification in batches: identities are deposited together, and their results collected later.

No public document gives its contract; only that it exists and is asynchronous (wire.md §3.4). Its shape here is ours, and a hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.services.insi.identity import Register

MAX_IDENTITIES, MAX_BATCHES = 1000, 100
FOUND, DENIED, PENDING, UNKNOWN = "00", "KO", "EC", "01"


@dataclass(frozen=True, slots=True)
class Asked:
    """One identity of a batch: the caller's own reference, the traits, the given names."""

    reference: str
    fields: Mapping[str, str]
    first_names: tuple[str, ...]


class Batches:
    """The batches of a lane. The first collection of each finds it in progress."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._held: dict[str, tuple[tuple[str, str], ...]] = {}
        self._asked_for: set[str] = set()
        self._last = 0

    def deposit(self, identities: Sequence[Asked]) -> str:
        """Take a batch in; answers its number, or nothing for one that is empty or too long."""
        if not 0 < len(identities) <= MAX_IDENTITIES:
            return ""
        self._last += 1
        number = f"LOT-{self._last:06d}"
        self._held[number] = tuple((one.reference, self._verified(one)) for one in identities)
        while len(self._held) > MAX_BATCHES:
            self._held.pop(next(iter(self._held)))
        return number

    def collect(self, number: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The code of a collection, and the code of each identity once the batch is done."""
        if number not in self._held:
            return UNKNOWN, ()
        if number not in self._asked_for:
            self._asked_for.add(number)
            return PENDING, ()
        return FOUND, self._held[number]

    def _verified(self, one: Asked) -> str:
        number, key, oid = (one.fields.get(name, "") for name in ("NumIdentifiant", "Cle", "OID"))
        return FOUND if self._register.holds(number, key, oid, one.fields, one.first_names) else DENIED
