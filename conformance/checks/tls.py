"""Checks on TLS towards the MSSanté operator. The floor and the suites are parameters of the profile."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.parameters import parameter
from conformance.checks.subjects.tls import TlsHandshake, TlsOffer, suite_label, suite_number
from conformance.core.check import Context, check
from conformance.core.finding import Finding, error, warning

# Référentiel socle MSSanté #2 v1.0, ECO.1.1.1 (at least TLS 1.2) and ECO.1.1.3 (six suites): MSS/CONF.01 and .03.
# Wave 1 narrows both by its profile: TLS 1.2 only (SC.MSS.04), the first four suites (SC.MSS.05).
VERSIONS = ("TLSv1.2", "TLSv1.3")
SUITES = (0xC030, 0xC02F, 0xC028, 0xC027, 0x009F, 0x009E)


def allowed_versions(context: Context) -> list[str]:
    """The TLS versions that the referential allows (``tls.versions``)."""
    return [str(version) for version in parameter(context, "tls.versions", VERSIONS)]


def allowed_suites(context: Context) -> list[int]:
    """The suites that the referential allows below TLS 1.3 (``tls.suites``), by number."""
    numbers = (suite_number(suite) for suite in parameter(context, "tls.suites", SUITES))
    return [number for number in numbers if number is not None]


@check("tls.version", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.1 (MSS/CONF.01, MSS/CONF.02)", alone=False)
def the_agreed_version_is_allowed(handshake: TlsHandshake, context: Context) -> Iterator[Finding]:
    """Every TLS session with the operator runs in a version that the referential allows.

    Pass: the version of the completed handshake is in the parameter ``tls.versions``.
    Fail: the handshake was completed in another version.
    """
    allowed = allowed_versions(context)
    if handshake.version not in allowed:
        yield error(
            "tls.version.refused", expected=", ".join(allowed), got=handshake.version or "?", service=handshake.service
        )


@check("tls.suite", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.3 (MSS/CONF.03)", alone=False)
def the_agreed_suite_is_allowed(handshake: TlsHandshake, context: Context) -> Iterator[Finding]:
    """Every TLS 1.2 session with the operator uses one of the suites that the referential names.

    The list names suites of TLS 1.2; those of TLS 1.3 are judged by ``tls.version`` alone.
    Pass: the suite of the completed handshake is in the parameter ``tls.suites``, or the session is in TLS 1.3.
    Fail: the handshake was completed with another suite.
    """
    allowed = allowed_suites(context)
    if handshake.version != "TLSv1.3" and handshake.suite not in allowed:
        got = handshake.suite_name or "?"
        if handshake.suite is not None:
            got = f"{suite_label(handshake.suite)} {handshake.suite_name}".strip()
        expected = ", ".join(suite_label(suite) for suite in allowed)
        yield error("tls.suite.refused", expected=expected, got=got, service=handshake.service)


@check("tls.offer", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.1 and ECO.1.1.3 (MSS/CONF.01, .03)", alone=False)
def the_offer_allows_an_allowed_session(offer: TlsOffer, context: Context) -> Iterator[Finding]:
    """The ClientHello offers an allowed version and an allowed suite; what it offers besides is told.

    The rule bears on what is used, so an offer that is too wide is a warning. GREASE values, signalling values and
    TLS 1.3 suites are not counted.
    Pass: at least one allowed version and, unless TLS 1.3 is offered and allowed, one allowed suite.
    Fail: no allowed version, or no allowed suite, is offered at all.
    """
    versions, suites = allowed_versions(context), allowed_suites(context)
    common = [version for version in offer.versions if version in versions]
    if not common:
        yield error(
            "tls.offer.no-version",
            expected=", ".join(versions),
            got=", ".join(offer.versions) or "-",
            service=offer.service,
        )
    if not set(offer.ciphers) & set(suites) and "TLSv1.3" not in common:
        yield error(
            "tls.offer.no-suite", expected=_labels(suites), got=_labels(offer.ciphers) or "-", service=offer.service
        )
    if beyond := [suite for suite in offer.ciphers if suite not in suites]:
        yield warning(
            "tls.offer.more-suites",
            expected=_labels(suites),
            got=_labels(beyond),
            service=offer.service,
            count=len(beyond),
        )
    if older := [version for version in offer.versions if version not in versions]:
        yield warning(
            "tls.offer.more-versions", expected=", ".join(versions), got=", ".join(older), service=offer.service
        )


def _labels(suites: list[int] | tuple[int, ...]) -> str:
    return ", ".join(suite_label(suite) for suite in suites)
