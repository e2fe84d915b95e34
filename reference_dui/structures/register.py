"""The structures that may enter, by number."""

from __future__ import annotations

from ..faults import Fault
from ..sins import Sins
from ..store import Store
from ..traces import Traces

# The first character of a structure's national id, by kind (CI-SIS; wire.md §2.7).
PREFIXES = {"finess": "1", "siren": "2", "siret": "3", "rpps-rang": "4"}


class Structures:
    """The accounts of structures, and who came."""

    def __init__(self, store: Store, traces: Traces, sins: Sins) -> None:
        self._store = store
        self._traces = traces
        self._sins = sins
        # Where the entrance is, once it is open.
        self.entrance = ""

    def allow(self, who: str, kind: str, number: str) -> str:
        """Make the account of a structure; answers its national id."""
        if kind not in PREFIXES or not number.isalnum():
            raise Fault("refdui.fault.wrong-member", member="kind" if kind not in PREFIXES else "identifier")
        identifier = PREFIXES[kind] + number
        self._store.run("INSERT OR IGNORE INTO structures VALUES (?)", identifier)
        self._traces.add(who, "structure.allow", identifier)
        return identifier

    def admit(self, identifier: str) -> bool:
        """Whether a structure may enter; its visit is traced."""
        known = self._store.row("SELECT 1 FROM structures WHERE identifier = ?", identifier) is not None
        if self._sins.has("knows-structures-by-finess-only") and not identifier.startswith(PREFIXES["finess"]):
            known = False
        if self._sins.has("turns-structures-away"):
            known = False
        if self._sins.has("lets-any-structure-in"):
            known = True
        if not self._sins.has("traces-no-structure"):
            self._traces.add(identifier, "structure.enter", "entrance", response="done" if known else "refused")
        return known
