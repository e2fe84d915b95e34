"""The operator's autoconfiguration document, fetched and understood.

``https://autoconfig.<domain>/mail/config-v1.1.xml`` (MSS/CONF.04, ECO.1.1.9), in the clientConfig 1.1 format. The
names of authentications that operators use are a hypothesis (wire.md §1.2): ``OAuth2`` and ``TLS-client-cert``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from .faults import Fault, MailFault
from .safe_xml import Element, read_xml
from .web_client import MAX_ANSWER, call

PATH = "/mail/config-v1.1.xml"
AUTHENTICATIONS = {"PER": "OAuth2", "ORG": "OAuth2", "APP": "TLS-client-cert"}


@dataclass(frozen=True, slots=True)
class Server:
    """Where one protocol of the operator answers, always with STARTTLS."""

    host: str
    port: int
    authentication: str


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers of a mailbox."""

    smtp: Server
    imap: Server


def location(domain: str, told: str) -> str:
    """Where the document is: as the administrator told, else at the name that the referential derives."""
    if not told:
        return f"https://autoconfig.{domain}{PATH}"
    return told if urlsplit(told).path.strip("/") else told.rstrip("/") + PATH


def discover(
    url: str, ca_pem: str, address: str, kind: str, host: str = "", *, lenient: bool = False, **tls: Any
) -> Servers:
    """Fetch the document and choose the servers for this family of mailbox; ``host`` overrides the one asked for.

    ``lenient`` is a defect's: a document that is not XML is guessed. ``tls`` is how the host is judged (``context`` and
    ``judge`` of :func:`.web_client.call`).
    """
    status, content = call("GET", url, ca_pem, headers={"Host": host} if host else {}, **tls)
    if status != 200:
        raise MailFault("refdui.fault.autoconfig-status", status=status, url=url)
    return servers_of(_guessed(content) if lenient else content, address, kind)


def servers_of(content: bytes, address: str, kind: str) -> Servers:
    """Read the document; raises :class:`MailFault` when it is not a usable clientConfig."""
    root = _parsed(content)
    return Servers(
        smtp=_server(root, "outgoingServer", "smtp", address, kind),
        imap=_server(root, "incomingServer", "imap", address, kind),
    )


def _guessed(content: bytes) -> bytes:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    return etree.tostring(etree.fromstring(content, parser))


def _parsed(content: bytes) -> Element:
    try:
        root = read_xml(content, MAX_ANSWER)
    except Fault as exc:
        raise MailFault("refdui.fault.autoconfig-refused", transient=False) from exc
    if root.tag != "clientConfig":
        raise MailFault("refdui.fault.autoconfig-refused", transient=False)
    return root


def _server(root: Element, tag: str, protocol: str, address: str, kind: str) -> Server:
    offered = [
        server
        for element in root.iter(tag)
        if element.get("type") == protocol and _text(element, "socketType").upper() == "STARTTLS"
        for server in _servers_in(element, address)
    ]
    wanted = AUTHENTICATIONS[kind].lower()
    fitting = [s for s in offered if s.authentication.lower() == wanted] or offered
    if not fitting:
        raise MailFault("refdui.fault.autoconfig-no-server", transient=False, protocol=protocol)
    return fitting[0]


def _servers_in(element: Element, address: str) -> list[Server]:
    local, _, domain = address.partition("@")
    host = _text(element, "hostname")
    for place, value in (("%EMAILADDRESS%", address), ("%EMAILLOCALPART%", local), ("%EMAILDOMAIN%", domain)):
        host = host.replace(place, value)
    port = _text(element, "port")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        return []
    names = [(e.text or "").strip() for e in element.iter("authentication")] or [""]
    return [Server(host, int(port), name) for name in names]


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()
