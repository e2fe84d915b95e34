"""Identities in what leaves: the metadata beside documents, and every exchange that names a person without INS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.mail.common import folded
from conformance.checks.subjects.identity import Identity, of_info
from conformance.checks.subjects.readable import readable
from conformance.checks.subjects.xdm import XdmArchive
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
    yield from readable(observation.blob(record, "message"))
