"""Where a session is sent before it may see a page: what must be renewed, and the pages that are a person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sessions import Session

if TYPE_CHECKING:
    from ..application import Dui

ACCOUNT, PASSWORD, DEVICE, END = "/compte", "/compte/mot-de-passe", "/compte/appareil", "/deconnexion"
ACCOUNTS = "/comptes"
ADMINISTRATION = ("/parametres", "/traces", ACCOUNTS)
RENEWALS = {"password": PASSWORD, "device": DEVICE}


def elsewhere(dui: Dui, session: Session, path: str) -> str:
    """The page to go to instead of this one; empty when it may be seen."""
    if path == END:
        return ""
    renewal = RENEWALS.get(dui.life.entry.due(session.login), "")
    if renewal and not path.startswith(renewal):
        return renewal
    # Persons accompanied and technical administrators see what is theirs; the records are the professionals' (SSI/GEN.16).
    own = {"person": (ACCOUNT,), "administrator": (ACCOUNT, *ADMINISTRATION)}.get(session.role)
    if own is None or path.startswith(own):
        return ""
    if session.role == "administrator" and dui.sins.has("lets-administrators-read-records"):
        return ""
    return ACCOUNT
