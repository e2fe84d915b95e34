"""The provider's tokens of the people who are logged in, in memory only: for the APIs that are called in their name."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from ..faults import MailFault
from .provider import Granted, OpenIdProvider

# Renewed a little before they die, in seconds.
MARGIN = 5.0


@dataclass(slots=True)
class Session:
    """Who logged in, and their tokens; ``until`` is of the monotonic clock."""

    identifier: str
    name: str
    first_name: str
    access_token: str
    refresh_token: str
    until: float


class Sessions:
    """One session for each account that the provider opened."""

    def __init__(self, provider: OpenIdProvider) -> None:
        self._provider = provider
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    def begin(self, login: str, identifier: str, name: str, first_name: str, granted: Granted) -> None:
        """Keep what a log-in gave."""
        session = Session(identifier, name, first_name, granted.access_token, granted.refresh_token, _end(granted))
        with self._lock:
            self._open[login] = session

    def end(self, login: str) -> None:
        """Forget a session."""
        with self._lock:
            self._open.pop(login, None)

    def of(self, login: str) -> Session:
        """The session of an account with a live access token; a :class:`MailFault` when nobody is logged in."""
        with self._lock:
            session = self._open.get(login)
            if session is None:
                raise MailFault("refdui.fault.not-logged-in", transient=False, account=login)
            if time.monotonic() >= session.until - MARGIN:
                granted = self._provider.renew(session.refresh_token)
                session.access_token, session.until = granted.access_token, _end(granted)
                session.refresh_token = granted.refresh_token or session.refresh_token
            return session


def _end(granted: Granted) -> float:
    return time.monotonic() + granted.expires_in
