"""The autoconfiguration document of a lane's domain: Mozilla clientConfig 1.1 (ECO.1.1.9, MSS/CONF.04).

Hypothesis: the referential names the format and the address, not the words that operators put in
``authentication``. :data:`AUTHENTICATIONS` offers, in one server entry, Mozilla's words for the two ways that the
referential knows; both the words and the single entry are parameters of :func:`document` and :func:`app`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services import contract
from conformance.services.http import session_of

PATH = "/mail/config-v1.1.xml"
# bugzilla.mozilla.org/show_bug.cgi?id=422814 and wiki.mozilla.org, "Autoconfiguration: ConfigFileFormat".
AUTHENTICATIONS = ("OAuth2", "TLS-client-cert")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Server = tuple[str, int]


def document(domain: str, smtp: Server, imap: Server, authentications: Sequence[str] = AUTHENTICATIONS) -> bytes:
    """The XML document that gives a domain its servers, as ``(host, port)``."""
    config = etree.Element("clientConfig", version="1.1")
    provider = etree.SubElement(config, "emailProvider", id=domain)
    etree.SubElement(provider, "domain").text = domain
    etree.SubElement(provider, "displayName").text = f"MSSanté simulée ({domain})"
    for tag, kind, (host, port) in (("incomingServer", "imap", imap), ("outgoingServer", "smtp", smtp)):
        server = etree.SubElement(provider, tag, type=kind)
        members = [("hostname", host), ("port", str(port)), ("socketType", "STARTTLS"), ("username", "%EMAILADDRESS%")]
        for name, value in (*members, *(("authentication", word) for word in authentications)):
            etree.SubElement(server, name).text = value
    return etree.tostring(config, xml_declaration=True, encoding="UTF-8", pretty_print=True)


@dataclass(frozen=True, slots=True)
class Published:
    """What a host hands over; ``fault`` is that of a front, empty for the operator itself."""

    domain: str
    content: bytes
    fault: str = ""


Choose = Callable[[str], Awaitable[Published]]


def app(*, lane: str, journal: Journal, choose: Choose) -> Starlette:
    """Serves the document and records every request as ``autoconfig.request`` before it is answered.

    ``choose`` answers what the host that a request names publishes. ``domain`` in the record is the domain whose
    document was handed over, empty when none was; a front without a document answers 404.
    """

    async def answer(request: Request) -> Response:
        host = request.headers.get("host", "")[:300]
        published = await choose(host.rpartition(":")[0] or host)
        found = request.url.path == PATH and published.content
        status = 404 if not found else 200 if request.method in ("GET", "HEAD") else 405
        data = {
            "method": request.method,
            "host": host,
            "path": request.url.path[:500],
            "status": status,
            "domain": published.domain if status == 200 else "",
        }
        journal.append(
            contract.AUTOCONFIG,
            lane,
            "autoconfig.request",
            provenance=Provenance.WIRE,
            data={**data, "fault": published.fault} if published.fault else data,
            session=session_of(request),
            marks=(published.domain,) if published.fault else (),
        )
        return Response(published.content if status == 200 else b"", status, media_type="application/xml")

    return Starlette(routes=[Route("/{path:path}", answer, methods=METHODS)])
