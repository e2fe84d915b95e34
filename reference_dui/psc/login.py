"""Log-ins by the provider: those in progress, the accounts they lead to, the tokens that end them."""

from __future__ import annotations

import hashlib
import secrets
import time

from ..accounts.register import Accounts
from ..connections import Connections
from ..faults import NotFound
from ..sins import Sins
from ..store import Store
from ..traces import Traces
from .identity import claims_of
from .provider import LoginFault, OpenIdProvider
from .sessions import Sessions

# Seconds that a person has to log in.
PATIENCE = 600.0


class Logins:
    """Log-in by the provider."""

    def __init__(self, store: Store, connections: Connections, accounts: Accounts, traces: Traces, sins: Sins) -> None:
        self._store = store
        self._accounts = accounts
        self._traces = traces
        self._sins = sins
        self.provider = OpenIdProvider(connections, sins)
        self.sessions = Sessions(self.provider)
        # Identity tokens of the open sessions, in memory only: what ends the provider's session.
        self._hints: dict[str, str] = {}

    def begin(self, browser: str, redirect_uri: str) -> str:
        """Where a browser (its session) is sent to log in."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        self._store.run("DELETE FROM logins WHERE until < ?", time.time())
        row = (state, nonce, verifier, _digest(browser), time.time() + PATIENCE)
        self._store.run("INSERT INTO logins VALUES (?, ?, ?, ?, ?)", *row)
        return self.provider.authorization_url(redirect_uri, state, nonce, verifier)

    def finish(self, browser: str, state: str, code: str, redirect_uri: str) -> str:
        """The account that an answer of the provider opens; a doubtful one is a :class:`LoginFault`."""
        row = self._store.row("SELECT * FROM logins WHERE state = ? AND browser = ?", state, _digest(browser))
        if row is None and self._sins.has("ignores-the-state"):
            row = self._store.row("SELECT * FROM logins WHERE browser = ?", _digest(browser))
        if row is None or row["until"] < time.time():
            raise LoginFault("refdui.fault.login-answer", transient=False)
        self._store.run("DELETE FROM logins WHERE state = ?", row["state"])
        granted = self.provider.redeem(code, redirect_uri, row["verifier"])
        settings = self.provider.settings
        claims = claims_of(
            granted.id_token,
            self.provider.keys(),
            issuer=settings["issuer"],
            audience=settings["client_id"],
            nonce=row["nonce"],
            sins=self._sins,
        )
        identifier, name = str(claims["SubjectNameID"]), str(claims.get("family_name", ""))
        login = self._account_of(identifier, name)
        self._hints[login] = granted.id_token
        self.sessions.begin(login, identifier, name, str(claims.get("given_name", "")), granted)
        self._traces.add(login, "session.open", "session", "psc")
        return login

    def link(self, login: str, identifier: str) -> None:
        """A national identifier opens an account (PSC.02)."""
        self._store.run("INSERT OR REPLACE INTO identities VALUES (?, ?)", identifier, login)

    def hint(self, login: str) -> str:
        """The identity token of an account's session, once: the session is over."""
        self.sessions.end(login)
        return self._hints.pop(login, "")

    def _account_of(self, identifier: str, name: str) -> str:
        row = self._store.row("SELECT login FROM identities WHERE identifier = ?", identifier)
        if self._sins.has("makes-an-account-beside-the-known-one") and row is not None:
            self._accounts.create(f"double-{identifier}", name)
            return f"double-{identifier}"
        if row is not None:
            return str(row["login"])
        if self._sins.has("makes-an-account-for-anybody"):
            self._accounts.create(f"nouveau-{identifier}", name)
            return f"nouveau-{identifier}"
        self._traces.add(identifier[:40], "session.refuse", "session", "psc")
        raise NotFound("refdui.fault.login-unknown", identifier=identifier)


def _digest(browser: str) -> str:
    # The database keeps no cookie that could be used again.
    return hashlib.sha256(browser.encode()).hexdigest()
