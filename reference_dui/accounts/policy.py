"""What a structure asks of the accounts of each role, and what holds until it says otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from ..faults import Fault
from ..store import Store

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one role: ``history`` former passwords refused, days of life (0: no end), failures before the lock."""

    length: int = 8
    classes: int = 3
    history: int = 0
    password_days: int = 0
    device_days: int = 0
    attempts: int = 10
    factors: int = 1
    # Seconds during which the password alone is enough to come back after both factors (SSI/IE.37); 0: never.
    one_factor: int = 0


# Eight characters of three classes and a lock at the tenth failure: CNIL, deliberation 2017-012, second case, which the
# scenarios SC.SSI/IE.36.02 and IE.52.02 stay within; two factors for persons: SSI/IE.51; administrators: SC.SSI/IAM.92.01.
DEFAULTS: Mapping[str, Policy] = {
    "professional": Policy(),
    "administrator": Policy(length=15, classes=4, history=3),
    "person": Policy(factors=2),
    # Generic accounts: processes, never at a screen (SSI/GEN.17).
    "service": Policy(),
}


class Policies:
    """The policy of each role."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, role: str) -> Policy:
        """The policy in force for a role."""
        row = self._store.row("SELECT rules FROM policies WHERE role = ?", role)
        return Policy(**json.loads(row["rules"])) if row else DEFAULTS[role]

    def change(self, role: str, wanted: Mapping[str, int]) -> Policy:
        """Set some rules; 0 goes back to the product's own. A lock may not come after the tenth failure (SSI/IAM.92)."""
        if role not in DEFAULTS:
            raise Fault("refdui.fault.wrong-member", member="audience")
        own = DEFAULTS[role]
        for name, value in wanted.items():
            most = {"classes": 4, "factors": 2, "attempts": 10}.get(name, MOST)
            if not 0 <= value <= most:
                raise Fault("refdui.fault.wrong-member", member=name)
        asked = {name: value or getattr(own, name) for name, value in wanted.items()}
        made = replace(own, **asked)
        self._store.run("INSERT OR REPLACE INTO policies VALUES (?, ?)", role, json.dumps(asdict(made)))
        return made


RULES = tuple(field.name for field in fields(Policy))
