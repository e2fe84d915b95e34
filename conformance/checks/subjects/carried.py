"""Identities in what leaves: the metadata beside documents, and every exchange that names a person without INS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.datamatrix.payload import is_ins, read_payload
from conformance.checks.mail.common import folded
from conformance.checks.pdf_text import text_of_pdf
from conformance.checks.subjects.identity import Identity, of_datamatrix, of_info
from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.pdf import PdfFile, pdfs_of
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.checks.subjects.xds_request import XdsRequest
from conformance.checks.xds import schemes
from conformance.core.finding import Where
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

INFO = "sourcePatientInfo"
# The exchanges that carry data of a person, with the role of the bytes that the product sent (docs/evidence.md).
REQUESTS = {"dmp.submission": "request", "dmp.update": "request", "tddui.request": "request", "sdo.call": "body"}


@dataclass(frozen=True)
class MetadataIdentity:
    """The person that one document entry describes, in an archive (``xdm``) or in a submission (``xds``)."""

    carrier: str
    identity: Identity
    where: Where
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[MetadataIdentity]:
        """Every entry that describes its person, in the messages and the submissions of the product."""
        for archive in XdmArchive.of(observation):
            for name, content in archive.files.items():
                if name.upper().endswith("METADATA.XML"):
                    yield from _entries("xdm", XdsRequest.from_bytes(content, evidence=archive.evidence), name)
        for request in XdsRequest.of(observation):
            yield from _entries("xds", request, None)


@dataclass(frozen=True)
class WithheldMatricule:
    """A person without qualified INS whom the product wrote about, and where their matricule stands in what left."""

    matricule: str
    carriers: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[WithheldMatricule]:
        """Everybody whose matricule the scenario wants withheld and whom some exchange names."""
        for wanted in observation.expected("ins-withheld"):
            number = re.compile(r"[\s.]*".join(re.escape(figure) for figure in str(wanted["matricule"])[:13]))
            name, named, carriers = folded(str(wanted["birth_name"])), [], []
            for record in observation.of_kind("smtp.message", *REQUESTS):
                said = list(_said(observation, record))
                if any(name in folded(text) for _, text in said):
                    named.append(record.id)
                carriers += [f"{record.id} {place}" for place, text in said if number.search(text)]
            if named or carriers:
                ids = [carrier.partition(" ")[0] for carrier in carriers]
                cited = (str(wanted["evidence"]), *named, *ids)
                yield cls(str(wanted["matricule"]), tuple(carriers), tuple(dict.fromkeys(cited)))


def _entries(carrier: str, request: XdsRequest, part: str | None) -> Iterator[MetadataIdentity]:
    for entry in request.entries:
        if info := entry.slots.get(INFO):
            identity = of_info(info, entry.identifier(schemes.ENTRY_PATIENT))
            yield MetadataIdentity(carrier, identity, Where(part=part, line=entry.line), request.evidence)


def _said(observation: Observation, record: Record) -> Iterator[tuple[str, str]]:
    """Place and text of everything that can be read in an exchange."""
    if record.kind != "smtp.message":
        role = REQUESTS[record.kind]
        if role in record.blobs:
            yield role, observation.blob(record, role).decode("utf-8", "replace")
        return
    raw = observation.blob(record, "message")
    message = MailMessage.from_bytes(raw)
    yield from ((header.name, header.value) for header in message.mime.headers)
    yield from ((leaf.content_type, leaf.content.decode("utf-8", "replace")) for leaf in message.body)
    for name, content in attached(raw):
        yield "name", name
        if is_archive(name, content):
            for path, held in XdmArchive.from_bytes(content).files.items():
                yield path, held.decode("utf-8", "replace")
        yield from (said for pdf in pdfs_of(name, content) for said in _printed(pdf))


def _printed(pdf: PdfFile) -> Iterator[tuple[str, str]]:
    # Imported where it serves, as in pdf_datamatrix.py.
    from conformance.checks.datamatrix.symbols import symbols_of

    yield pdf.part or "PDF", text_of_pdf(pdf.content).text
    for text in symbols_of(pdf.content).texts:
        shown = of_datamatrix(read_payload(text)).matricule if is_ins(text) else text
        yield f"{pdf.part or 'PDF'} datamatrix", shown
