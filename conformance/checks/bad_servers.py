"""Checks on what the product does before a mail server that it must refuse.

The server is bad in one way only, and the good server of the lane, met in the same window, is the positive control:
what ends the connection is then that one fault. The alert is told; one of another kind calls for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from conformance.checks.subjects.bad_servers import (
    BadServer,
    ClearServer,
    Connection,
    ExpiredServer,
    MisnamedServer,
    ModernServer,
    OldServer,
    RevokedServer,
    ShortServer,
    StrangeServer,
    WeakServer,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error, info, warning
from conformance.core.words import Basis, Keyword

# RFC 5246 §7.2.2 and RFC 8446 §6.2. Many clients answer any fault of a certificate by one of the first three.
GENERIC = frozenset({"bad_certificate", "certificate_unknown", "unsupported_certificate"})
# How a client leaves when it judges the certificate after the handshake.
LEAVING = frozenset({"close_notify", "user_canceled"})
# What either end says when they have no version, suite or group in common, or when one is too weak.
NO_COMMON = frozenset({"protocol_version", "handshake_failure", "insufficient_security", "illegal_parameter"})


@check("tls.refuses-expired", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.5 (MSS/va1.04)", alone=False)
def an_expired_server_is_refused(server: ExpiredServer) -> Iterator[Finding]:
    """The product leaves a mail server whose certificate has expired before it gives any credential.

    Pass: the connection ended by an alert on the certificate, or by its close before any credential, while the good
    server of the same window was accepted.
    Fail: the product authenticated, or went on to a message.
    """
    yield from left(server, frozenset({"certificate_expired"}))


@check("tls.refuses-revoked", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.6 (MSS/va1.05)", alone=False)
def a_revoked_server_is_refused(server: RevokedServer) -> Iterator[Finding]:
    """The product leaves a mail server whose certificate is revoked, by CRL or OCSP, before it gives any credential.

    Pass: the connection ended by an alert on the certificate, or by its close before any credential, while the good
    server of the same window was accepted.
    Fail: the product authenticated, or went on to a message.
    """
    yield from left(server, frozenset({"certificate_revoked", "bad_certificate_status_response"}))


@check("tls.refuses-unknown-ca", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.10 (SC.MSS/CONF.27)", alone=False)
def a_server_of_another_authority_is_refused(server: StrangeServer) -> Iterator[Finding]:
    """The product leaves a mail server whose certificate comes from an authority that is not the operators'.

    Pass: the connection ended by an alert on the certificate, or by its close before any credential, while the good
    server of the same window was accepted.
    Fail: the product authenticated, or went on to a message.
    """
    yield from left(server, frozenset({"unknown_ca"}))


@check("tls.refuses-wrong-name", source="RFC 3207 §4.1, RFC 9525 §6; SSI/GEN.12", alone=False)
def a_server_of_another_name_is_refused(server: MisnamedServer) -> Iterator[Finding]:
    """The product leaves a mail server whose certificate does not bear the name that it connected to.

    Pass: the connection ended by an alert on the certificate, or by its close before any credential, while the good
    server of the same window was accepted.
    Fail: the product authenticated, or went on to a message.
    """
    yield from left(server, frozenset({"unrecognized_name"}))


@check("tls.refuses-old-version", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.1 (MSS/CONF.01)", alone=False)
def an_old_version_is_refused(server: OldServer) -> Iterator[Finding]:
    """The product agrees to nothing with a mail server that speaks TLS 1.1 at most.

    Pass: no handshake came to its end, while the good server of the same window was accepted.
    Fail: a handshake was completed.
    """
    yield from _agreed(server)


@check("tls.refuses-weak-suite", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.3 (MSS/CONF.03)", alone=False)
def another_suite_is_refused(server: WeakServer) -> Iterator[Finding]:
    """The product agrees to nothing with a mail server that only has suites that MSSanté does not name.

    Pass: no handshake came to its end, while the good server of the same window was accepted.
    Fail: a handshake was completed.
    """
    yield from _agreed(server)


@check("tls.refuses-small-dh", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.3 (MSS/CONF.03)", alone=False)
def a_short_group_is_refused(server: ShortServer) -> Iterator[Finding]:
    """The product drops a key exchange whose group is too short: 1024-bit DH, or a curve under 256 bits.

    Pass: no handshake came to its end, while the good server of the same window was accepted.
    Fail: a handshake was completed.
    """
    yield from _agreed(server)


@check(
    "tls.opens-1-3",
    source="REM vague 2, MSS/CONF.02; Référentiel socle MSSanté #2 v1.0, ECO.1.1.1",
    level=Keyword.PEUT,
    alone=False,
)
def a_server_in_tls_1_3_is_met(server: ModernServer) -> Iterator[Finding]:
    """Before a mail server that speaks TLS 1.3 and nothing else, the session opens.

    Pass: an accepted login on it, in TLS 1.3.
    Fail: the product met it and its connections led to no login.
    """
    if not any(c.agreed and c.logins for c in server.connections):
        failed = next((c.handshake.data for c in server.connections if c.handshake and not c.agreed), {})
        got = str(failed.get("alert") or failed.get("reason") or "-")
        yield error("tls.opens-1-3.never", expected="TLSv1.3", got=got, protocol=server.protocol)


@check(
    "tls.refuses-clear",
    source="RFC 3207 §6, RFC 8314 §4 and §5; Référentiel socle MSSanté #2 v1.0, ECO.1.0.1 and ECO.1.0.2",
    alone=False,
)
def a_server_without_starttls_is_left(server: ClearServer) -> Iterator[Finding]:
    """Before a mail server that does not announce STARTTLS, the product shows no credential and sends nothing.

    Pass: every connection to it ended without an authentication, while the good server of the same window was
    accepted.
    Fail: the product authenticated in clear.
    """
    for connection in server.connections:
        if trusted := connection.trusted:
            yield error(
                "tls.refuses.trusted",
                expected="-",
                got=trusted.kind,
                fault_name=server.fault,
                protocol=server.protocol,
                record=trusted.id,
            )


class Met(Protocol):
    """A server that was met: its fault, how it is called, and the connections to it."""

    @property
    def fault(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def connections(self) -> Sequence[Connection]: ...


def left(server: Met, exact: frozenset[str]) -> Iterator[Finding]:
    """What a server with a bad certificate must see: nothing after the handshake; ``exact`` alerts name its fault."""
    for connection in server.connections:
        if trusted := connection.trusted:
            yield error(
                "tls.refuses.trusted",
                expected=_listed(exact),
                got=trusted.kind,
                fault_name=server.fault,
                protocol=server.protocol,
                record=trusted.id,
            )
        elif not connection.agreed:
            yield from _told(server, connection, exact | GENERIC | LEAVING, exact, by="client")


def _agreed(server: BadServer) -> Iterator[Finding]:
    for connection in server.connections:
        data = connection.handshake.data if connection.handshake else {}
        if connection.agreed:
            got = f"{data.get('version')} {data.get('suite_name') or data.get('suite')}"
            yield error("tls.refuses.agreed", expected="-", got=got, fault_name=server.fault, protocol=server.protocol)
        else:
            yield from _told(server, connection, NO_COMMON | LEAVING, NO_COMMON, by="")


def _told(
    server: Met, connection: Connection, known: frozenset[str], exact: frozenset[str], *, by: str
) -> Iterator[Finding]:
    """How a handshake failed: an alert that says something else than this fault leaves a doubt."""
    data = connection.handshake.data if connection.handshake else {}
    alert, author = data.get("alert"), str(data.get("alert_by") or "")
    values: dict[str, Any] = {"fault_name": server.fault, "protocol": server.protocol}
    if alert is not None and (alert not in known or (by and author != by)):
        got = f"{alert} ({author})"
        yield warning("tls.refuses.other-alert", expected=_listed(exact), got=got, basis=Basis.HYPOTHESIS, **values)
    elif alert not in exact:
        yield info("tls.refuses.inexact", expected=_listed(exact), got=str(alert or "-"), **values)


def _listed(alerts: frozenset[str]) -> str:
    return ", ".join(sorted(alerts))
