"""The ebRIM objects of a submission, as plain members: entries, submission sets, associations (IHE ITI TF-3, 4.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.dmp import codes
from conformance.dmp.codes import LCM, RIM, XDSB
from conformance.soap.guarded import Element, Unreadable, text_of
from conformance.soap.mtom import Package, content_of

_CX = re.compile(r"(?P<number>[^^&]+)\^\^\^&(?P<root>[0-9.]+)&ISO(?:\^[A-Z]*)?(?:\^.*)?")
_INSTITUTION = re.compile(r"\^IDNST\^\^\^(?P<id>[0-9A-Z]+)$")
# Of each classification of an object, by scheme: its code and its slots.
_Classified = Mapping[str, Sequence[tuple[str, Mapping[str, tuple[str, ...]]]]]


@dataclass(frozen=True)
class Entry:
    """One ``ExtrinsicObject``. ``codes`` gives (code, system) pairs by attribute of :data:`~.codes.CLASSIFICATIONS`."""

    id: str
    lid: str
    mime: str
    status: str
    title: str
    slots: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, tuple[tuple[str, str], ...]]
    unique_id: str
    patient_id: str
    institutions: tuple[str, ...]
    persons: tuple[str, ...]
    element: Element

    def slot(self, name: str) -> str:
        """The first value of a slot; empty when it is missing."""
        values = self.slots.get(name, ())
        return values[0] if values else ""

    def code(self, name: str) -> str:
        """The first code of an attribute; empty when it is missing."""
        values = self.codes.get(name, ())
        return values[0][0] if values else ""

    @property
    def is_signature(self) -> bool:
        """Whether it describes the signature of the submission set."""
        return self.code("format_code") == codes.SIGNATURE_FORMAT


@dataclass(frozen=True)
class SubmissionSet:
    """One ``RegistryPackage`` classified as a submission set."""

    id: str
    unique_id: str
    source_id: str
    patient_id: str
    submitted: str
    content_type: str
    institutions: tuple[str, ...]
    persons: tuple[str, ...]
    element: Element


@dataclass(frozen=True)
class Association:
    """One association; ``slots`` by name."""

    type: str
    source: str
    target: str
    slots: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Submission:
    """What a ``SubmitObjectsRequest`` holds, and the bytes of its documents by entry id."""

    sets: tuple[SubmissionSet, ...]
    entries: tuple[Entry, ...]
    associations: tuple[Association, ...]
    documents: Mapping[str, bytes | None]

    def replaced_by(self, entry: Entry) -> tuple[str, ...]:
        """The entries that an entry replaces."""
        return tuple(a.target for a in self.associations if a.type == codes.REPLACES and a.source == entry.id)


def read_submission(body: Element, package: Package) -> Submission:
    """Read the body of an ITI-41 or an ITI-57; raises :class:`Unreadable`."""
    request = body if body.tag == f"{{{LCM}}}SubmitObjectsRequest" else body.find(f"{{{LCM}}}SubmitObjectsRequest")
    held = None if request is None else request.find(f"{{{RIM}}}RegistryObjectList")
    if held is None:
        raise Unreadable("no-objects")
    documents: dict[str, bytes | None] = {}
    for document in body.iterfind(f"{{{XDSB}}}Document"):
        name = document.get("id", "")
        if name in documents:
            raise Unreadable("document-twice")
        documents[name] = content_of(document, package)
    return Submission(
        sets=tuple(_set(p) for p in held.iterfind(f"{{{RIM}}}RegistryPackage") if _is_set(p, held)),
        entries=tuple(read_entry(e) for e in held.iterfind(f"{{{RIM}}}ExtrinsicObject")),
        associations=tuple(
            Association(a.get("associationType", ""), a.get("sourceObject", ""), a.get("targetObject", ""), _slots(a))
            for a in held.iterfind(f"{{{RIM}}}Association")
        ),
        documents=documents,
    )


def read_entry(element: Element) -> Entry:
    """Read one ``ExtrinsicObject``."""
    name = element.find(f"{{{RIM}}}Name/{{{RIM}}}LocalizedString")
    classified = _classified(element)
    return Entry(
        id=element.get("id", ""),
        lid=element.get("lid", ""),
        mime=element.get("mimeType", ""),
        status=element.get("status", ""),
        title="" if name is None else name.get("value", ""),
        slots=_slots(element),
        codes={attribute: _codes(classified, scheme) for attribute, scheme in codes.CLASSIFICATIONS.items()},
        unique_id=_identifier(element, codes.ENTRY_UNIQUE),
        patient_id=_identifier(element, codes.ENTRY_PATIENT),
        institutions=_authors(classified, codes.ENTRY_AUTHOR, "authorInstitution"),
        persons=_authors(classified, codes.ENTRY_AUTHOR, "authorPerson"),
        element=element,
    )


def person_of(cx: str) -> tuple[str, str] | None:
    """Number and OID of a person's identifier written as an HL7 CX; sets bear a trailing date in published examples."""
    match = _CX.fullmatch(cx)
    return (match["number"], match["root"]) if match else None


def structures_of(institutions: Sequence[str]) -> set[str]:
    """The national ids of author institutions written as HL7 XON."""
    return {match["id"] for value in institutions if (match := _INSTITUTION.search(value))}


def _set(element: Element) -> SubmissionSet:
    classified = _classified(element)
    content = _codes(classified, codes.SET_CONTENT)
    return SubmissionSet(
        id=element.get("id", ""),
        unique_id=_identifier(element, codes.SET_UNIQUE),
        source_id=_identifier(element, codes.SET_SOURCE),
        patient_id=_identifier(element, codes.SET_PATIENT),
        submitted=next(iter(_slots(element).get("submissionTime", ())), ""),
        content_type=content[0][0] if content else "",
        institutions=_authors(classified, codes.SET_AUTHOR, "authorInstitution"),
        persons=_authors(classified, codes.SET_AUTHOR, "authorPerson"),
        element=element,
    )


def _is_set(package: Element, held: Element) -> bool:
    inside = list(package.iterfind(f"{{{RIM}}}Classification"))
    beside = [c for c in held.iterfind(f"{{{RIM}}}Classification") if c.get("classifiedObject") == package.get("id")]
    return any(c.get("classificationNode") == codes.SET_NODE for c in (*inside, *beside))


def _slots(element: Element) -> dict[str, tuple[str, ...]]:
    return {
        slot.get("name", ""): tuple(text_of(v) for v in slot.iterfind(f"{{{RIM}}}ValueList/{{{RIM}}}Value"))
        for slot in element.iterfind(f"{{{RIM}}}Slot")
    }


def _classified(element: Element) -> _Classified:
    found: dict[str, list[tuple[str, Mapping[str, tuple[str, ...]]]]] = {}
    for one in element.iterfind(f"{{{RIM}}}Classification"):
        told = (one.get("nodeRepresentation", ""), _slots(one))
        found.setdefault(one.get("classificationScheme", ""), []).append(told)
    return found


def _codes(classified: _Classified, scheme: str) -> tuple[tuple[str, str], ...]:
    return tuple((code, next(iter(slots.get("codingScheme", ())), "")) for code, slots in classified.get(scheme, ()))


def _authors(classified: _Classified, scheme: str, slot: str) -> tuple[str, ...]:
    return tuple(value for _, slots in classified.get(scheme, ()) for value in slots.get(slot, ()))


def _identifier(element: Element, scheme: str) -> str:
    found = [e for e in element.iterfind(f"{{{RIM}}}ExternalIdentifier") if e.get("identificationScheme") == scheme]
    return found[0].get("value", "") if len(found) == 1 else ""
