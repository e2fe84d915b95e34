"""A request that feeds a repository (IHE ITI-41): its metadata, and the documents that it carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import decoded
from conformance.checks.subjects.ebrim import SUBMIT, RegistryObject, Submission
from conformance.checks.subjects.mtom import Package, looks_like_parts, split
from conformance.checks.subjects.xml import Bounds, Element, XmlFault, line_of, parse_xml
from conformance.evidence.observation import Observation

XDSB = "urn:ihe:iti:xds-b:2007"
ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
# The record of an ITI-41 and the role of its bytes (docs/evidence.md).
KIND = "dmp.submission"
ROLE = "request"
SOAP = ("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")
PROVIDE = f"{{{XDSB}}}ProvideAndRegisterDocumentSetRequest"
_ADDRESSING = "{http://www.w3.org/2005/08/addressing}Action"
_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
# A message with its documents in line weighs a third more than they do (base64).
_BOUNDS = Bounds(size=40 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Attached:
    """One ``Document`` element: whose entry it is, its bytes (``None`` when they do not come), where it is said."""

    entry: str
    content: bytes | None
    line: int | None


@dataclass(frozen=True)
class XdsRequest:
    """One request; ``submission`` is ``None`` exactly when ``fault`` says why it was not read.

    ``alone`` is true for a bare ``SubmitObjectsRequest``: metadata without the message that carries the documents.
    """

    submission: Submission | None
    fault: XmlFault | None = None
    action: str | None = None
    attached: tuple[Attached, ...] = ()
    submissions: int = 1
    envelope: bool = False
    alone: bool = False
    repeated: tuple[str, ...] = field(default=())
    evidence: tuple[str, ...] = ()

    @classmethod
    def from_bytes(
        cls, content: bytes, *, content_type: str | None = None, evidence: tuple[str, ...] = ()
    ) -> XdsRequest:
        """Read a SOAP message, in parts or not, or the metadata alone; never raises."""
        package = Package(content)
        if looks_like_parts(content) or "multipart" in (content_type or "").lower():
            package = split(content, content_type)
        if package.fault is not None:
            code, expected, got = package.fault
            return cls(None, XmlFault(code, expected=expected, got=got), evidence=evidence)
        parsed = parse_xml(package.root, _BOUNDS)
        if parsed.root is None:
            return cls(None, parsed.fault, evidence=evidence)
        return _read(parsed.root, package, evidence)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[XdsRequest]:
        """Every such request that a service recorded, under :data:`KIND`, as it came."""
        for record in observation.of_kind(KIND):
            declared = record.data.get("content_type")
            body = observation.blob(record, ROLE)
            yield cls.from_bytes(body, content_type=str(declared) if declared else None, evidence=(record.id,))

    @property
    def entries(self) -> tuple[RegistryObject, ...]:
        """The document entries."""
        return self.submission.entries if self.submission else ()

    @cached_property
    def contents(self) -> Mapping[str, bytes]:
        """The bytes of each document that came, by the id of its entry."""
        return {each.entry: each.content for each in self.attached if each.content is not None}

    @cached_property
    def documents(self) -> Mapping[str, CdaDocument]:
        """The documents that read as CDA, by the id of their entry."""
        read = {id: CdaDocument.from_bytes(c, part=id, evidence=self.evidence) for id, c in self.contents.items()}
        return {id: document for id, document in read.items() if document.root is not None}


def _read(root: Element, package: Package, evidence: tuple[str, ...]) -> XdsRequest:
    requests = [root] if root.tag == SUBMIT else list(root.iter(SUBMIT))
    if not requests:
        fault = XmlFault("xds.request.root", line_of(root), expected=SUBMIT, got=str(root.tag)[:200])
        return XdsRequest(None, fault, evidence=evidence)
    provided = [root] if root.tag == PROVIDE else list(root.iter(PROVIDE))
    action = next((str(e.text or "").strip() for e in root.iter(_ADDRESSING)), None)
    return XdsRequest(
        submission=Submission.of_element(requests[0]),
        action=action,
        attached=tuple(_attached(provided[0], package)) if provided else (),
        submissions=len(requests),
        envelope=any(root.tag == f"{{{namespace}}}Envelope" for namespace in SOAP),
        alone=not provided,
        repeated=package.repeated,
        evidence=evidence,
    )


def _attached(request: Element, package: Package) -> Iterator[Attached]:
    for element in request.iterfind(f"{{{XDSB}}}Document"):
        include = element.find(_INCLUDE)
        if include is None:
            content = decoded(element) or None
        else:
            reference = include.get("href", "").removeprefix("cid:")
            # A content id is quoted as a URL is where it is referred to (RFC 2392).
            part = package.parts.get(reference) or package.parts.get(unquote(reference))
            content = None if part is None else part.content
        yield Attached(element.get("id", ""), content, line_of(element))
