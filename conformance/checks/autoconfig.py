"""Checks on the automatic set-up of a mailbox."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.autoconfig import (
    PATH,
    SERVICES,
    AutoconfigExchange,
    BrokenDocument,
    ConfiguredBox,
    host_of,
    is_loopback,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error, info


@check("autoconfig.fetched", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.9 (MSS/CONF.04)", alone=False)
def the_configuration_document_is_fetched(exchange: AutoconfigExchange) -> Iterator[Finding]:
    """A mailbox is set up from the document that its operator publishes for the domain of the box.

    Pass: ``GET https://autoconfig.<domain>/mail/config-v1.1.xml`` was asked and answered. A request that names the
    loopback address of the bench instead of the host is told and accepted.
    Fail: no request, another path, another host or method, or no successful answer.
    """
    expected = f"GET https://{exchange.host}{PATH}"
    if not exchange.requests:
        yield error("autoconfig.fetched.never", expected=expected, got="-", address=exchange.address)
        return
    if not exchange.served:
        last = exchange.requests[-1]
        got = f"{last.data.get('method')} {last.data.get('path')} -> {last.data.get('status')}"
        yield error("autoconfig.fetched.not-served", expected=expected, got=got, address=exchange.address)
        return
    if any(r.data.get("method") == "GET" and host_of(r) == exchange.host for r in exchange.served):
        return
    first = exchange.served[0]
    if first.data.get("method") != "GET":
        yield error("autoconfig.fetched.method", expected="GET", got=str(first.data.get("method")))
    elif is_loopback(host_of(first)):
        yield info("autoconfig.fetched.loopback", expected=exchange.host, got=host_of(first))
    else:
        yield error("autoconfig.fetched.host", expected=exchange.host, got=host_of(first) or "-")


@check("autoconfig.obeyed", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.9 (MSS/CONF.04)", alone=False)
def the_published_servers_are_used(box: ConfiguredBox) -> Iterator[Finding]:
    """After the fetch, the product opens the box on the servers that the document names, in both protocols.

    Pass: an accepted SMTP login and an accepted IMAP login to the box follow the answered request.
    Fail: one of them is missing, or the document was never served.
    """
    if not box.served:
        yield error("autoconfig.obeyed.no-document", expected=PATH, got="-", address=box.address)
        return
    if not box.smtp:
        yield error("autoconfig.obeyed.no-login", expected="SMTP", got="-", address=box.address, protocol="SMTP")
    if not box.imap:
        yield error("autoconfig.obeyed.no-login", expected="IMAP", got="-", address=box.address, protocol="IMAP")


@check(
    "autoconfig.broken-refused",
    source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.9 (MSS/CONF.04); XML 1.0 §1.2 (fatal error)",
    alone=False,
)
def a_broken_document_configures_nothing(document: BrokenDocument) -> Iterator[Finding]:
    """A document that is missing or is not XML configures nothing, and does no lasting harm.

    Pass: no login is tried on servers that the document did not give; once it is published again, the box that is
    set up again opens in both protocols.
    Fail: a login while the document was broken, or no login after it was mended.
    """
    for record in document.early:
        yield error("autoconfig.broken-refused.used", expected="-", got=record.id, fault_name=document.fault)
    for service, protocol in SERVICES.items():
        if service not in document.late:
            yield error("autoconfig.broken-refused.stuck", expected=document.address, got="-", protocol=protocol)
