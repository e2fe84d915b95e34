"""How entries, submission sets and associations are filed in the registry, and given back."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from lxml import etree

from conformance.dmp import codes
from conformance.dmp.codes import RIM
from conformance.dmp.objects import Association, Entry, SubmissionSet
from conformance.services.dmp.held import Held, HeldSet, Link
from conformance.soap.guarded import Element


def facts_of(entry: Entry) -> dict[str, Any]:
    """What a search compares of an entry."""
    return {
        "codes": {name: [code for code, _ in values] for name, values in entry.codes.items()},
        "coded": {name: [f"{code}^^{system}" for code, system in values] for name, values in entry.codes.items()},
        "times": {n: entry.slot(n) for n in ("creationTime", "serviceStartTime", "serviceStopTime")},
        "title": entry.title,
        "persons": list(entry.persons),
        "references": list(entry.slots.get(codes.REFERENCES, ())),
        "signature": entry.is_signature,
    }


def set_of(held: SubmissionSet, *, matricule: str, structure: str, at: str) -> HeldSet:
    """A submission set as it is filed."""
    uuid = uuid_of(held.id)
    return HeldSet(
        unique_id=held.unique_id,
        uuid=uuid,
        matricule=matricule,
        structure=structure,
        at=at,
        facts={
            "source": held.source_id,
            "submitted": held.submitted,
            "content": held.content_type,
            "persons": list(held.persons),
        },
        xml=etree.tostring(_renamed(held.element, uuid)),
    )


def link_of(association: Association, ids: Mapping[str, str]) -> Link:
    """An association as it is filed; ``ids`` are the ids given to the objects of the same submission."""
    ends = (ids.get(association.source, association.source), ids.get(association.target, association.target))
    slots = {name: list(values) for name, values in association.slots.items()}
    return Link(f"urn:uuid:{uuid4()}", association.type, *ends, slots)


def registered(entry: Entry, uuid: str, sha1: str, size: int) -> bytes:
    """The entry as the registry gives it back: with its ids, its status, and what the repository knows of the document."""
    element = _renamed(entry.element, uuid)
    for slot in [s for s in element.iterfind(f"{{{RIM}}}Slot") if s.get("name") in ("hash", "size")]:
        element.remove(slot)
    for position, (name, value) in enumerate(_of_repository(sha1, size)):
        element.insert(position, _slot(name, [value]))
    return etree.tostring(element)


def uuid_of(given: str) -> str:
    """An id that is a UUID stays (IHE ITI TF-3, 4.2.1.5); a symbolic one is replaced."""
    return given if given.startswith("urn:uuid:") else f"urn:uuid:{uuid4()}"


def as_entry(held: Held) -> Element:
    """An entry with the status and the version that it has now."""
    element = etree.fromstring(held.xml)
    element.set("status", held.status)
    version = etree.Element(f"{{{RIM}}}VersionInfo", versionName=str(held.version))
    after = [c for c in element if c.tag in (f"{{{RIM}}}Slot", f"{{{RIM}}}Name", f"{{{RIM}}}Description")]
    element.insert(len(after), version)
    return element


def as_set(held: HeldSet) -> Element:
    """A submission set as it is given back."""
    return etree.fromstring(held.xml)


def as_association(link: Link) -> Element:
    """An association as it is given back."""
    element = etree.Element(
        f"{{{RIM}}}Association",
        id=link.uuid,
        associationType=link.type,
        sourceObject=link.source,
        targetObject=link.target,
    )
    element.extend([_slot(name, values) for name, values in link.slots.items()])
    return element


def _renamed(given: Element, uuid: str) -> Element:
    element = copy.deepcopy(given)
    element.tail = None
    element.attrib.update({"id": uuid, "lid": uuid, "status": codes.APPROVED})
    for owned in element.iter(f"{{{RIM}}}Classification", f"{{{RIM}}}ExternalIdentifier"):
        for name in {"classifiedObject", "registryObject"} & set(owned.attrib):
            owned.set(name, uuid)
    return element


def _of_repository(sha1: str, size: int) -> Iterator[tuple[str, str]]:
    yield "hash", sha1
    yield "size", str(size)
    yield "repositoryUniqueId", codes.REPOSITORY


def _slot(name: str, values: Iterable[str]) -> Element:
    slot = etree.Element(f"{{{RIM}}}Slot", name=name)
    held = etree.SubElement(slot, f"{{{RIM}}}ValueList")
    for value in values:
        etree.SubElement(held, f"{{{RIM}}}Value").text = value
    return slot
