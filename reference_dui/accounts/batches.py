"""Accounts changed in batches: rows of a file or of a call, each an action on one account (SSI/IAM.88)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..faults import Fault
from ..sins import Sins

if TYPE_CHECKING:
    from .life import AccountLife

# What a batch may give or take away in this product, and the role that comes of each.
PERMISSION = "administration"
GRANTED, REVOKED = "administrator", "professional"
ACTIONS = ("create", "change", "delete", "grant", "revoke")
MAX_ROWS = 10_000


def run(life: AccountLife, who: str, rows: Sequence[Any], sins: Sins) -> int:
    """Carry out a batch, or nothing of it when a row cannot be read; answers how many rows were done."""
    if len(rows) > MAX_ROWS:
        raise Fault("refdui.fault.too-large", what="rows", limit=MAX_ROWS)
    read = [_row(row) for row in rows]
    for row in read:
        _act(life, who, row, sins)
    return len(read)


def _row(raw: Any) -> Mapping[str, str]:
    if not isinstance(raw, Mapping) or raw.get("action") not in ACTIONS or not raw.get("account"):
        raise Fault("refdui.fault.wrong-member", member="rows")
    return {str(name): str(value) for name, value in raw.items()}


def _act(life: AccountLife, who: str, row: Mapping[str, str], sins: Sins) -> None:
    action, login = row["action"], row["account"]
    if action in ("create", "change"):
        known = life.accounts.find(login)
        name = row.get("displayed") or (known["name"] if known else login)
        role = row.get("audience") or (known["role"] if known else "professional")
        life.create(who, login, name, role, password=row.get("password", ""))
    elif action == "delete":
        if not sins.has("ignores-deletions-in-batches"):
            life.delete(who, login)
    elif row.get("permission") != PERMISSION:
        raise Fault("refdui.fault.wrong-member", member="permission")
    elif not sins.has("ignores-permissions-in-batches"):
        life.set_role(who, login, GRANTED if action == "grant" else REVOKED)
