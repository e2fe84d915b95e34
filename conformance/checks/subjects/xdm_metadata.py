"""``METADATA.XML`` of an XDM archive: the ebRIM submission as plain members.

ebRIM 3.0 as IHE ITI TF vol. 3 §4.2 uses it; the scheme identifiers were read in published examples (wire.md §2.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.checks.subjects.xml import Element, XmlFault, line_of, parse_xml

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
SUBMISSION_SET = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
ENTRY_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
ENTRY_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
SET_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
SET_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
TYPE_CODE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``ExtrinsicObject``: what says where the file is and what it is; ``None`` for what is absent."""

    id: str
    line: int | None
    uri: str | None
    hash: str | None
    size: str | None
    unique_id: str | None
    patient_id: str | None
    type_code: str | None
    created: str | None
    started: str | None
    stopped: str | None


@dataclass(frozen=True, slots=True)
class SubmissionSet:
    """One ``RegistryPackage`` classified as a submission set."""

    id: str
    line: int | None
    unique_id: str | None
    source_id: str | None
    patient_id: str | None
    submitted: str | None


@dataclass(frozen=True, slots=True)
class Association:
    """One ``Association``: a type, a source and a target object."""

    line: int | None
    type: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class XdmMetadata:
    """A submission: its entries, sets and associations; ``fault`` when the file does not read as one."""

    fault: XmlFault | None = None
    entries: tuple[Entry, ...] = ()
    sets: tuple[SubmissionSet, ...] = ()
    associations: tuple[Association, ...] = field(default=())

    @classmethod
    def from_bytes(cls, content: bytes) -> XdmMetadata:
        """Read ``METADATA.XML``; never raises."""
        parsed = parse_xml(content)
        if parsed.root is None:
            return cls(parsed.fault)
        root = parsed.root
        if root.tag != f"{{{LCM}}}SubmitObjectsRequest":
            expected = f"{{{LCM}}}SubmitObjectsRequest"
            return cls(XmlFault("xdm.metadata.root", line_of(root), expected=expected, got=root.tag))
        return cls(
            None,
            tuple(_entry(e) for e in root.iter(f"{{{RIM}}}ExtrinsicObject")),
            tuple(_set(e) for e in root.iter(f"{{{RIM}}}RegistryPackage") if _is_set(e, root)),
            tuple(_associations(root)),
        )

    @property
    def patient_ids(self) -> tuple[tuple[int | None, str | None], ...]:
        """``(line, patientId)`` of every entry and set, in order."""
        owners: tuple[SubmissionSet | Entry, ...] = (*self.sets, *self.entries)
        return tuple((o.line, o.patient_id) for o in owners)


def _entry(element: Element) -> Entry:
    return Entry(
        id=element.get("id", ""),
        line=line_of(element),
        uri=_slot(element, "URI"),
        hash=_slot(element, "hash"),
        size=_slot(element, "size"),
        unique_id=_identifier(element, ENTRY_UNIQUE_ID),
        patient_id=_identifier(element, ENTRY_PATIENT),
        type_code=_classified(element, TYPE_CODE),
        created=_slot(element, "creationTime"),
        started=_slot(element, "serviceStartTime"),
        stopped=_slot(element, "serviceStopTime"),
    )


def _set(element: Element) -> SubmissionSet:
    return SubmissionSet(
        id=element.get("id", ""),
        line=line_of(element),
        unique_id=_identifier(element, SET_UNIQUE_ID),
        source_id=_identifier(element, SET_SOURCE),
        patient_id=_identifier(element, SET_PATIENT),
        submitted=_slot(element, "submissionTime"),
    )


def _is_set(element: Element, root: Element) -> bool:
    """Whether a package is a submission set: its Classification lies in it, or beside it and names it."""
    inside = element.iterfind(f"{{{RIM}}}Classification")
    beside = (c for c in root.iter(f"{{{RIM}}}Classification") if c.get("classifiedObject") == element.get("id"))
    return any(c.get("classificationNode") == SUBMISSION_SET for c in (*inside, *beside))


def _associations(root: Element) -> Iterator[Association]:
    for element in root.iter(f"{{{RIM}}}Association"):
        yield Association(
            line=line_of(element),
            type=element.get("associationType", ""),
            source=element.get("sourceObject", ""),
            target=element.get("targetObject", ""),
        )


def _slot(element: Element, name: str) -> str | None:
    """The values of a slot, joined: a long URI is cut in several, each after ``n|`` (ITI TF-3 §4.2.3.2.27)."""
    slot = next((s for s in element.iterfind(f"{{{RIM}}}Slot") if s.get("name") == name), None)
    if slot is None:
        return None
    values = [(v.text or "").strip() for v in slot.iter(f"{{{RIM}}}Value")]
    if name == "URI" and len(values) > 1:
        return "".join(v.partition("|")[2] for v in sorted(values))
    return values[0] if values else None


def _identifier(element: Element, scheme: str) -> str | None:
    found = element.iterfind(f"{{{RIM}}}ExternalIdentifier")
    return next((e.get("value") for e in found if e.get("identificationScheme") == scheme), None)


def _classified(element: Element, scheme: str) -> str | None:
    found = element.iterfind(f"{{{RIM}}}Classification")
    return next((c.get("nodeRepresentation") for c in found if c.get("classificationScheme") == scheme), None)
