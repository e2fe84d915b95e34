"""How professionals enter a product: its log-in by an identity provider, its accounts, the life of its sessions."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class ReadLogin(Operation):
    """Where a professional enters, in a browser.

    Answers ``{"login_url", "redirect_uri", "home_url", "logout_url"}``, absolute or relative to the control API's host:
    what starts a log-in by the identity provider, the address that the provider sends back to, a page that
    needs a session and shows the name of its account, what ends the session.
    """

    name = "read_login"
    method = "GET"
    path = "/login"
    reads = True


@dataclass(frozen=True, slots=True)
class SetSessionIdle(Operation):
    """Set the time after which an idle session closes; 0 goes back to the product's own.

    A product that cannot be set to that very time refuses (4xx), and nothing is concluded.
    """

    name = "set_session_idle"
    method = "PUT"
    path = "/sessions/idle"

    seconds: int
