"""Checks on what the product does before a national service that it must not trust: INSi, DMP, directory."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.bad_servers import left
from conformance.checks.subjects.national_peers import BadNationalService, ClearNationalService
from conformance.checks.web_hosts import EXACT
from conformance.core.check import check
from conformance.core.finding import Finding, error


@check("tls.refuses-national-service", source="REM vague 2, SSI/GEN.12; RFC 9110 §4.3.4, RFC 9525 §6", alone=False)
def a_bad_national_service_is_refused(service: BadNationalService) -> Iterator[Finding]:
    """The product asks nothing of a national service whose certificate is expired, revoked, unknown or misnamed.

    Pass: no request reached it, while the good service of the same window took the same act.
    Fail: a request was sent there.
    """
    yield from left(service, EXACT[service.kind])


@check("clear.national-service", source="REM vague 2, SSI/GEN.12", alone=False)
def nothing_personal_travels_in_clear(service: ClearNationalService) -> Iterator[Finding]:
    """Told that a national service is at an address in clear, the product sends nothing there of the person it asks about.

    Pass: no request in clear names the person, while the good service took the same act over TLS.
    Fail: one does.
    """
    for record, member in service.told:
        yield error("clear.national-service.told", expected="TLS", got=member, peer=service.peer, record=record.id)
