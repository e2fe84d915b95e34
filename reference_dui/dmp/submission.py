"""What goes into the DMP: a submission set with its documents, signed; and changes of what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from conformance._bundled.fixtures.documents.codes import (
    CONFIDENTIALITY,
    FACILITIES,
    OID_STRUCTURE,
    PRACTICE_SETTING,
    Coded,
)
from conformance._bundled.fixtures.documents.ebrim import (
    associated,
    authored,
    classified,
    escaped,
    identified,
    named,
    slot,
    xon,
)
from conformance._bundled.fixtures.documents.metadata import HAS_MEMBER, cx, entry_id, metadata
from conformance._bundled.fixtures.documents.model import OID_LOCAL_PERSONS, SubmissionSpec, patient_id
from conformance._bundled.fixtures.identifiers import uuid
from lxml import etree

from .. import facts
from ..sins import Sins
from ..writing import new_oid
from .link import Link
from .xades import PURPOSE, signature

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
XDSB = "urn:ihe:iti:xds-b:2007"
XOP = "http://www.w3.org/2004/08/xop/include"
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
UPDATES_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
_STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
# The codes of the entry of a signature, as the published example has them (wire.md §2.6).
_SCHEMES: Mapping[str, tuple[str, Coded]] = {
    "class": (
        "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
        Coded("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature"),
    ),
    "type": ("urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", Coded("E1762", "ASTM", "Full Document")),
    "format": (
        "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
        Coded("http://www.w3.org/2000/09/xmldsig#", "URN", "Default Signature Style"),
    ),
    "event": ("urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", Coded(PURPOSE, "1.2.840.10065.1.12", "Source")),
}
_CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
_ENTRY_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
_AUTHORS = (_ENTRY_AUTHOR, "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d")
_FACILITY = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
_PRACTICE_SETTING = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
_ENTRY_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
_ENTRY_UNIQUE = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name


@dataclass(frozen=True, slots=True)
class Made:
    """A request and the parts beside it."""

    body: Element
    parts: tuple[tuple[str, bytes], ...] = ()


def feeding(link: Link, spec: Any, cda: bytes, sins: Sins, *, with_structure: bool = False) -> Made:
    """ITI-41 for one document: its entry, the submission set, the signature of the set.

    ``with_structure`` adds the structure to the authors of the document and of the set (DMP/HISTO.04).
    """
    submission = submission_of(spec)
    request = etree.fromstring(sins.alter("submission", metadata([(spec, cda, "")], submission)))
    objects = request.find(f"{{{RIM}}}RegistryObjectList")
    package = None if objects is None else objects.find(f"{{{RIM}}}RegistryPackage")
    if objects is None or package is None:
        raise ValueError("metadata without objects")
    if with_structure and not sins.has("leaves-the-structure-out-of-the-authors"):
        _add_structure(objects, spec.structure)
    for absent in [s for s in objects.iter(f"{{{RIM}}}Slot") if s.get("name") == "URI"]:
        parent = absent.getparent()
        if parent is not None:
            parent.remove(absent)
    signed = [] if sins.has("signs-the-set-without-its-document") else [(spec.unique_id, cda)]
    unique_id = new_oid()
    content = signature(link, submission.unique_id, signed, sha1=sins.has("signs-the-set-with-sha1"))
    entry = _signature_entry(objects, spec, unique_id)
    slot(associated(objects, HAS_MEMBER, str(package.get("id")), entry), "SubmissionSetStatus", "Original")
    associated(objects, SIGNS, entry, str(package.get("id")))
    body = etree.Element(f"{{{XDSB}}}ProvideAndRegisterDocumentSetRequest", nsmap={"xds": XDSB})
    body.append(request)
    parts = ((f"document@{facts.SOURCE_ID}", cda), (f"signature@{facts.SOURCE_ID}", content))
    for id, (name, _) in zip((entry_id(spec.unique_id), entry), parts, strict=True):
        holder = etree.SubElement(body, f"{{{XDSB}}}Document", id=id)
        etree.SubElement(holder, f"{{{XOP}}}Include", nsmap={"xop": XOP}, attrib={"href": f"cid:{name}"})
    return Made(body, parts)


def status_change(spec: Any, entry: str, before: str, after: str) -> Made:
    """ITI-57: another availability for a document."""
    request, objects, package = _empty(spec)
    association = associated(objects, UPDATES_STATUS, package, entry)
    slot(association, "OriginalStatus", before)
    slot(association, "NewStatus", after)
    return Made(request)


def metadata_change(spec: Any, registered: Element, version: str, visibility: tuple[str, ...]) -> Made:
    """ITI-57: the entry again, with other confidentiality codes."""
    request, objects, package = _empty(spec)
    entry = etree.fromstring(etree.tostring(registered, with_tail=False))
    entry.set("lid", str(registered.get("lid") or registered.get("id")))
    entry.set("id", f"urn:uuid:{uuid('version', spec.unique_id, version, *visibility)}")
    for code in entry.findall(f"{{{RIM}}}Classification"):
        if code.get("classificationScheme") == _CONFIDENTIALITY:
            entry.remove(code)
    objects.append(entry)
    for name in visibility:
        classified(entry, _CONFIDENTIALITY, CONFIDENTIALITY[name])
    member = associated(objects, HAS_MEMBER, package, str(entry.get("id")))
    slot(member, "SubmissionSetStatus", "Original")
    slot(member, "PreviousVersion", version)
    return Made(request)


def submission_of(spec: Any) -> Any:
    """Make a new submission set for a document."""
    return SubmissionSpec(
        unique_id=new_oid(),
        source_id=facts.SOURCE_ID,
        submitted=datetime.now(UTC).replace(microsecond=0),
        author=spec.author,
        structure=spec.structure,
        person=spec.person,
        title=spec.title,
    )


def _add_structure(objects: Element, structure: Any) -> None:
    """Make the structure an author of every document and of the set, after the person."""
    for author in [c for c in objects.iter(f"{{{RIM}}}Classification") if c.get("classificationScheme") in _AUTHORS]:
        holder = author.getparent()
        if holder is None:
            continue
        other = etree.fromstring(etree.tostring(author, with_tail=False))
        other.set("id", f"urn:uuid:{uuid(str(author.get('id')), structure.finess)}")
        for told in other.findall(f"{{{RIM}}}Slot"):
            other.remove(told)
        slot(other, "authorInstitution", xon(structure))
        # How a structure is written as an author is in no published example: as a professional is, with the
        # authority and the type of identifiers of structures.
        name = f"1{structure.finess}^{escaped(structure.name)}^^^^^^^&{OID_STRUCTURE}&ISO^D^^^IDNST"
        slot(other, "authorPerson", name)
        holder.insert(holder.index(author) + 1, other)


def _empty(spec: Any) -> tuple[Element, Element, str]:
    """A request with a submission set and nothing else."""
    request = etree.fromstring(metadata([], submission_of(spec)))
    objects = request.find(f"{{{RIM}}}RegistryObjectList")
    package = None if objects is None else objects.find(f"{{{RIM}}}RegistryPackage")
    if objects is None or package is None:
        raise ValueError("metadata without objects")
    return request, objects, str(package.get("id"))


def _signature_entry(objects: Element, spec: Any, unique_id: str) -> str:
    owner = f"urn:uuid:{uuid('signature', unique_id)}"
    entry = etree.SubElement(objects, f"{{{RIM}}}ExtrinsicObject", id=owner, mimeType="text/xml", objectType=_STABLE)
    slot(entry, "creationTime", f"{datetime.now(UTC):%Y%m%d%H%M%S}")
    slot(entry, "languageCode", "art")
    slot(entry, "sourcePatientId", cx(spec.person.key, OID_LOCAL_PERSONS))
    named(entry, "Source")
    authored(entry, _ENTRY_AUTHOR, spec.author, spec.structure)
    for scheme, coded in _SCHEMES.values():
        classified(entry, scheme, coded)
    classified(entry, _FACILITY, FACILITIES[spec.structure.sector])
    classified(entry, _PRACTICE_SETTING, PRACTICE_SETTING)
    for code in ("N", "MASQUE_PS", "INVISIBLE_PATIENT"):
        classified(entry, _CONFIDENTIALITY, CONFIDENTIALITY[code])
    identified(entry, _ENTRY_PATIENT, "XDSDocumentEntry.patientId", cx(*patient_id(spec.person)))
    identified(entry, _ENTRY_UNIQUE, "XDSDocumentEntry.uniqueId", unique_id)
    return owner
