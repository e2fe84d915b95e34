"""Hardening of what the front door tells browsers: headers, and what it tells anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.subjects.front_door import DoorMethod, DoorPage, DoorWalk, EncryptedPage
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.words import Basis

ASVS = "OWASP ASVS 4.0.3"
MOZILLA = "Mozilla, Server Side TLS, guidelines 5.7 (intermediate)"
# Mozilla 5.7: hsts_min_age (two years).
HSTS = 63_072_000
# Values of Referrer-Policy that give the whole address to others (Referrer Policy, W3C, §3).
LEAKING = frozenset({"unsafe-url", "no-referrer-when-downgrade"})
TELLING = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator")
_VERSION = re.compile(r"\d+\.\d+")
_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)


@check("hardening.encrypted", source=f"{ASVS}, V9.1.1; RFC 9110 §17.1", basis=Basis.GUIDE, alone=False)
def the_front_door_is_encrypted(walk: DoorWalk) -> Iterator[Finding]:
    """From the front door on, every page is given over https.

    Pass: every address of the walk is of https. Fail: one is in clear, or leads to one that is.
    """
    for step in walk.steps:
        if not step["encrypted"]:
            yield error("hardening.encrypted.clear", expected="https", got=str(step["url"]))
        elif str(step["location"] or "").startswith("http://"):
            yield error("hardening.encrypted.leads-out", expected="https", got=str(step["location"]))


@check("hardening.hsts", source=f"{ASVS}, V14.4.5; {MOZILLA}; RFC 6797 §6.1", basis=Basis.GUIDE, alone=False)
def browsers_are_told_to_stay_encrypted(page: EncryptedPage) -> Iterator[Finding]:
    """The page tells browsers to come back over https only (``Strict-Transport-Security``), for two years.

    Pass: so it does. Warning: for a shorter time. Fail: it does not, or for no time at all.
    """
    told = page.value("strict-transport-security")
    found = _AGE.search(told)
    if found is None or int(found.group(1)) == 0:
        yield _header("hardening.hsts.missing", "Strict-Transport-Security", f"max-age={HSTS}", told)
    elif int(found.group(1)) < HSTS:
        yield warning("hardening.hsts.short", expected=f"max-age={HSTS}", got=told)


@check(
    "hardening.content-policy",
    source=f"{ASVS}, V14.4.3; Content Security Policy Level 3, W3C",
    basis=Basis.GUIDE,
    alone=False,
)
def the_page_says_what_may_run(page: DoorPage) -> Iterator[Finding]:
    """The page says which scripts may run in it (``Content-Security-Policy``).

    Pass: a policy bounds scripts. Fail: there is none, none bounds scripts, or it lets any inline script run.
    """
    policy = _directives(page.value("content-security-policy"))
    scripts = policy.get("script-src", policy.get("default-src"))
    if scripts is None:
        told = page.value("content-security-policy")
        yield _header("hardening.content-policy.missing", "Content-Security-Policy", "script-src, default-src", told)
        return
    strict = any(source.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for source in scripts)
    if "'unsafe-inline'" in scripts and not strict:
        yield _header("hardening.content-policy.inline", "Content-Security-Policy", "-", "'unsafe-inline'")


@check("hardening.framing", source=f"{ASVS}, V14.4.7; RFC 7034", basis=Basis.GUIDE, alone=False)
def the_page_stands_in_no_strange_frame(page: DoorPage) -> Iterator[Finding]:
    """The page cannot be shown inside a page of another site.

    Pass: ``frame-ancestors`` of the policy, or ``X-Frame-Options``, says so. Fail: neither does.
    """
    ancestors = _directives(page.value("content-security-policy")).get("frame-ancestors")
    told = page.value("x-frame-options").strip().lower()
    if "*" in (ancestors or ()) or (ancestors is None and told not in ("deny", "sameorigin")):
        yield _header("hardening.framing.open", "X-Frame-Options", "frame-ancestors 'none'", told)


@check("hardening.content-type", source=f"{ASVS}, V14.4.4", basis=Basis.GUIDE, alone=False)
def browsers_do_not_guess_types(page: DoorPage) -> Iterator[Finding]:
    """The page tells browsers not to guess content types (``X-Content-Type-Options: nosniff``).

    Pass: so it does. Fail: it does not.
    """
    told = page.value("x-content-type-options")
    if told.strip().lower() != "nosniff":
        yield _header("hardening.content-type.guessed", "X-Content-Type-Options", "nosniff", told)


@check("hardening.referrer", source=f"{ASVS}, V14.4.6", basis=Basis.GUIDE, alone=False)
def addresses_are_not_told_to_others(page: DoorPage) -> Iterator[Finding]:
    """The page keeps its whole address from other sites (``Referrer-Policy``).

    Pass: a policy that does. Fail: none, or one that gives the whole address.
    """
    told = page.value("referrer-policy").strip().lower()
    if not told or told.rpartition(",")[2].strip() in LEAKING:
        yield _header("hardening.referrer.told", "Referrer-Policy", "same-origin", told)


@check("hardening.caching", source=f"{ASVS}, V8.2.1; RFC 9111 §5.2.2.5", basis=Basis.GUIDE, alone=False)
def pages_are_not_kept(page: DoorPage) -> Iterator[Finding]:
    """The page is not kept by browsers nor by what stands between (``Cache-Control: no-store``).

    Pass: so it says. Fail: it does not.
    """
    told = page.value("cache-control")
    if "no-store" not in told.lower():
        yield _header("hardening.caching.kept", "Cache-Control", "no-store", told)


@check("hardening.disclosure", source=f"{ASVS}, V14.3.3", basis=Basis.GUIDE, alone=False)
def versions_are_not_told(page: DoorPage) -> Iterator[Finding]:
    """No header tells the version of a component.

    Pass: none does. Fail: one does.
    """
    for name in TELLING:
        if _VERSION.search(page.value(name)):
            yield _header("hardening.disclosure.version", name, "-", page.value(name))


@check("hardening.trace", source=f"{ASVS}, V14.5.1; RFC 9110 §9.3.8", basis=Basis.GUIDE, alone=False)
def trace_is_not_answered(method: DoorMethod) -> Iterator[Finding]:
    """A TRACE is not answered with what it carried.

    Pass: it is refused, or gives nothing back. Fail: its headers come back in the answer.
    """
    if method.echoed:
        yield error("hardening.trace.echoed", expected="405", got=str(method.status))


def _header(code: str, name: str, expected: str, got: str) -> Finding:
    return error(code, expected=expected, got=got or "-", where=Where(header=name), header=name)


def _directives(policy: str) -> dict[str, list[str]]:
    """The directives of a policy: the first of each name counts (CSP Level 3 §2.2.1)."""
    found: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *values = part.split()[:200] or [""]
        found.setdefault(name.lower(), [value.lower() for value in values])
    return found
