"""Checks on the hosts of the web that the product talks to for its mail: configuration and Pro Santé Connect."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.bad_servers import left
from conformance.checks.subjects.web_hosts import BadConfigurationHost, BadIdentityProvider
from conformance.core.check import check
from conformance.core.finding import Finding

# The alert that names each fault exactly (RFC 5246 §7.2.2, RFC 6066 §9 for a name).
EXACT = {
    "expired": frozenset({"certificate_expired"}),
    "revoked": frozenset({"certificate_revoked", "bad_certificate_status_response"}),
    "unknown-ca": frozenset({"unknown_ca"}),
    "wrong-name": frozenset({"unrecognized_name"}),
}


@check("tls.refuses-configuration-host", source="REM vague 2, SSI/GEN.12; RFC 9110 §4.3.4, RFC 9525 §6", alone=False)
def a_bad_configuration_host_is_refused(host: BadConfigurationHost) -> Iterator[Finding]:
    """The product asks nothing of a configuration host whose certificate is expired, revoked, unknown or misnamed.

    Pass: no request reached the host, while the good one of the same window answered.
    Fail: the configuration document was asked there.
    """
    yield from left(host, EXACT[host.kind])


@check("tls.refuses-identity-provider", source="REM vague 2, SSI/GEN.12; RFC 9110 §4.3.4, RFC 9525 §6", alone=False)
def a_bad_identity_provider_is_refused(host: BadIdentityProvider) -> Iterator[Finding]:
    """The product shows nothing to a Pro Santé Connect whose certificate is expired, revoked, unknown or misnamed.

    Pass: no request reached the host, while the good one of the same window gave a token.
    Fail: a request, with its client secret or its refresh token, was sent there.
    """
    yield from left(host, EXACT[host.kind])
