"""Hardening of the cookies that the front door sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.subjects.front_door import DoorCookie
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis

ASVS = "OWASP ASVS 4.0.3"
# Tokens against forged requests that scripts of the page read and send back in a header (OWASP, Cross-Site Request Forgery
# Prevention Cheat Sheet, "Double-Submit Cookie"); V3.4.2 speaks of session tokens.
_FORGERY = re.compile("[cx]srf", re.IGNORECASE)


@check("hardening.cookie-secure", source=f"{ASVS}, V3.4.1; RFC 6265 §4.1.2.5", basis=Basis.GUIDE, alone=False)
def a_cookie_travels_encrypted_only(cookie: DoorCookie) -> Iterator[Finding]:
    """Each cookie is marked ``Secure``: browsers never send it in clear.

    Pass: it is. Fail: it is not.
    """
    if not cookie.secure:
        yield error("hardening.cookie-secure.missing", expected="Secure", got="-", cookie=cookie.name)


@check("hardening.cookie-script", source=f"{ASVS}, V3.4.2; RFC 6265 §4.1.2.6", basis=Basis.GUIDE, alone=False)
def a_cookie_is_hidden_from_scripts(cookie: DoorCookie) -> Iterator[Finding]:
    """Each cookie is marked ``HttpOnly``: no script reads it.

    Pass: it is, or its name says that it is a token against forged requests, which scripts must read. Fail: it is not.
    """
    if not cookie.http_only and not _FORGERY.search(cookie.name):
        yield error("hardening.cookie-script.missing", expected="HttpOnly", got="-", cookie=cookie.name)


@check("hardening.cookie-site", source=f"{ASVS}, V3.4.3", basis=Basis.GUIDE, alone=False)
def a_cookie_stays_on_its_site(cookie: DoorCookie) -> Iterator[Finding]:
    """Each cookie is marked ``SameSite``, ``Lax`` or ``Strict``: requests that other sites cause do not carry it.

    Pass: it is. Fail: it is not, or ``None``.
    """
    if cookie.same_site.lower() not in ("lax", "strict"):
        yield error(
            "hardening.cookie-site.missing", expected="Lax, Strict", got=cookie.same_site or "-", cookie=cookie.name
        )
