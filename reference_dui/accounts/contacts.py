"""The mail address of each holder: asked, confirmed by a code, used to recover an account, changed with a word to the old one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from ..faults import Conflict, Fault
from ..people import is_address
from ..sins import Sins
from ..store import Store
from .notices import Notices

# Seconds that a code lives, and the tries that it bears.
LIFE, TRIES = 900.0, 5
CONFIRM, RESET = "confirm", "reset"


class Contacts:
    """The contacts of the accounts, and the codes that prove them."""

    def __init__(self, store: Store, notices: Notices, sins: Sins) -> None:
        self._store = store
        self._notices = notices
        self._sins = sins

    def of(self, login: str) -> tuple[str, str]:
        """The contact in use and the one that waits to be confirmed; each may be empty."""
        row = self._store.row("SELECT contact, pending FROM contacts WHERE login = ?", login)
        return (row["contact"], row["pending"]) if row else ("", "")

    def ask(self, login: str, contact: str) -> None:
        """Take a contact that its holder must confirm; the one in use stays, and is told."""
        if not is_address(contact):
            raise Fault("refdui.fault.wrong-address", address=contact)
        known, _ = self.of(login)
        taken = contact if known and self._sins.has("changes-contacts-at-once") else known
        self._store.run("INSERT OR REPLACE INTO contacts VALUES (?, ?, ?)", login, taken, contact)
        if not self._sins.has("sends-no-confirmation"):
            self._notices.send(contact, CONFIRM, code=self._code(login, CONFIRM), login=login)
        if known:
            self._tell(known, "change-asked", login)

    def confirm(self, login: str, code: str) -> None:
        """Use from now on the contact that waited."""
        self._redeem(login, CONFIRM, code)
        known, pending = self.of(login)
        self._store.run("UPDATE contacts SET contact = pending, pending = '' WHERE login = ?", login)
        if known and known != pending:
            self._tell(known, "change-done", login)

    def recover(self, login: str) -> None:
        """Send what opens a forgotten account to its confirmed contact; an account without one gets nothing."""
        contact, pending = self.of(login)
        if not contact and self._sins.has("trusts-unconfirmed-contacts"):
            contact = pending
        if contact:
            self._notices.send(contact, RESET, code=self._code(login, RESET), login=login)

    def redeem(self, login: str, code: str) -> None:
        """Take the code of a recovery."""
        self._redeem(login, RESET, code)

    def tell(self, login: str, what: str) -> None:
        """Tell the holder something at the contact in use, where there is one."""
        contact, _ = self.of(login)
        if contact:
            self._tell(contact, what, login)

    def _tell(self, contact: str, what: str, login: str) -> None:
        if not self._sins.has("tells-nobody-of-changes"):
            self._notices.send(contact, what, login=login)

    def _code(self, login: str, purpose: str) -> str:
        code = f"{secrets.randbelow(10**8):08d}"
        row = (login, purpose, _digest(code), time.time() + LIFE, 0)
        self._store.run("INSERT OR REPLACE INTO codes VALUES (?, ?, ?, ?, ?)", *row)
        return code

    def _redeem(self, login: str, purpose: str, code: str) -> None:
        row = self._store.row("SELECT * FROM codes WHERE login = ? AND purpose = ?", login, purpose)
        self._store.run("UPDATE codes SET tries = tries + 1 WHERE login = ? AND purpose = ?", login, purpose)
        good = row is not None and row["until"] >= time.time() and row["tries"] < TRIES
        if row is None or not good or not hmac.compare_digest(row["code"], _digest(code)):
            raise Conflict("refdui.fault.wrong-code")
        self._store.run("DELETE FROM codes WHERE login = ? AND purpose = ?", login, purpose)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
