"""A DocumentReference as an entry of the registry, and back: one registry holds what came by either route."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from lxml import etree

from conformance.dmp import codes
from conformance.dmp.codes import CLASSIFICATIONS, RIM
from conformance.dmp.objects import Entry, read_entry
from conformance.services.dmp.draft import coding
from conformance.services.dmp.draft.coding import Coded, coded
from conformance.services.dmp.held import Held
from conformance.services.fhir.outcome import FhirFault, Json
from conformance.services.fhir.reading import objects
from conformance.soap.guarded import Element

_STATUSES = {codes.APPROVED: "current", codes.DEPRECATED: "superseded"}


def entry_of(resource: Mapping[str, Any]) -> Entry:
    """The entry that a DocumentReference describes; one without ``masterIdentifier`` is given an OID (the draft's example has none)."""
    content = next(iter(objects(resource.get("content"))), {})
    attachment, context = content.get("attachment"), resource.get("context")
    if not isinstance(attachment, Mapping):
        raise FhirFault(422, "required", "dmp.draft.attachment", expression="content.attachment")
    context = context if isinstance(context, Mapping) else {}
    period = context.get("period")
    element = etree.Element(f"{{{RIM}}}ExtrinsicObject", id=f"urn:uuid:{uuid4()}", mimeType="text/xml")
    slots = {
        "creationTime": coding.dtm(attachment.get("creation") or resource.get("date")),
        "languageCode": str(attachment.get("language", "")),
        "serviceStartTime": coding.dtm(period.get("start") if isinstance(period, Mapping) else None),
    }
    for slot, value in slots.items():
        if value:
            _slot(element, slot, value)
    name = etree.SubElement(etree.SubElement(element, f"{{{RIM}}}Name"), f"{{{RIM}}}LocalizedString")
    name.set("value", str(attachment.get("title", "")))
    _classify(element, _concepts(resource, content, context))
    number, root = coding.person_of(_mapping(resource.get("subject")))
    unique = str(_mapping(resource.get("masterIdentifier")).get("value", "")).removeprefix(coding.OID)
    _identify(element, codes.ENTRY_PATIENT, f"{number}^^^&{root}&ISO^NH")
    _identify(element, codes.ENTRY_UNIQUE, unique or f"2.25.{uuid4().int}")
    return read_entry(element)


def document_reference(held: Held, base: str) -> Json:
    """An entry of the registry, whichever route it came by."""
    entry = read_entry(etree.fromstring(held.xml))
    number, _, rest = entry.patient_id.partition("^^^&")
    attachment = {
        "contentType": entry.mime,
        "language": entry.slot("languageCode"),
        "url": f"{base}/Binary/{id_of(held)}",
        "size": int(size) if (size := entry.slot("size")).isdecimal() else None,
        "hash": _hash(entry.slot("hash")),
        "title": entry.title,
        "creation": coding.instant(entry.slot("creationTime")),
    }
    start = coding.instant(entry.slot("serviceStartTime"))
    content = {"attachment": _told(attachment), **_one(entry, "format_code", "format", bare=True)}
    context = {
        **({"period": {"start": start}} if start else {}),
        **_one(entry, "facility", "facilityType"),
        **_one(entry, "practice_setting", "practiceSetting"),
        **_many(entry, "event", "event"),
    }
    return {
        "resourceType": "DocumentReference",
        "id": id_of(held),
        "meta": {"versionId": str(held.version), "lastUpdated": held.at},
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"{coding.OID}{held.unique_id}"},
        "status": _STATUSES[held.status],
        **_one(entry, "type_code", "type"),
        **_many(entry, "class_code", "category"),
        "subject": {"identifier": {"system": f"{coding.OID}{rest.partition('&')[0]}", "value": number}},
        "date": held.at,
        **_many(entry, "confidentiality", "securityLabel"),
        "content": [content],
        **({"context": context} if context else {}),
    }


def shown(held: Held) -> bool:
    """Whether the route shows an entry: archived and deleted ones have no word in the draft, signatures are the other route's."""
    return held.status in _STATUSES and not held.facts["signature"]


def status_of(held: Held) -> str:
    """The status that the route shows."""
    return _STATUSES[held.status]


def id_of(held: Held) -> str:
    """The id of the resource: the logical id of the entry, without its scheme."""
    try:
        return str(UUID(held.lid.removeprefix("urn:uuid:")))
    except ValueError:
        return held.lid.removeprefix("urn:uuid:")


def _concepts(
    resource: Mapping[str, Any], content: Mapping[str, Any], context: Mapping[str, Any]
) -> Mapping[str, list[Coded]]:
    return {
        "type_code": coded(resource.get("type")),
        "class_code": coded(resource.get("category")),
        "confidentiality": coded(resource.get("securityLabel")) or [("N", "2.16.840.1.113883.5.25", "")],
        "format_code": coded(content.get("format")),
        "facility": coded(context.get("facilityType")),
        "practice_setting": coded(context.get("practiceSetting")),
        "event": coded(context.get("event")),
    }


def _classify(element: Element, concepts: Mapping[str, list[Coded]]) -> None:
    for attribute, found in concepts.items():
        for code, system, label in found:
            made = etree.SubElement(element, f"{{{RIM}}}Classification", id=f"urn:uuid:{uuid4()}")
            made.set("classificationScheme", CLASSIFICATIONS[attribute])
            made.set("nodeRepresentation", code)
            _slot(made, "codingScheme", system)
            name = etree.SubElement(etree.SubElement(made, f"{{{RIM}}}Name"), f"{{{RIM}}}LocalizedString")
            name.set("value", label)


def _identify(element: Element, scheme: str, value: str) -> None:
    made = etree.SubElement(element, f"{{{RIM}}}ExternalIdentifier", id=f"urn:uuid:{uuid4()}")
    made.set("identificationScheme", scheme)
    made.set("value", value)


def _slot(element: Element, name: str, value: str) -> None:
    held = etree.SubElement(etree.SubElement(element, f"{{{RIM}}}Slot", name=name), f"{{{RIM}}}ValueList")
    etree.SubElement(held, f"{{{RIM}}}Value").text = value


def _one(entry: Entry, attribute: str, member: str, *, bare: bool = False) -> Json:
    found = [coding.coding(*one) for one in entry.codes[attribute][:1]]
    return {member: found[0] if bare else {"coding": found}} if found else {}


def _many(entry: Entry, attribute: str, member: str) -> Json:
    found = [{"coding": [coding.coding(*one)]} for one in entry.codes[attribute]]
    return {member: found} if found else {}


def _hash(text: str) -> str:
    """A SHA-1 in hexadecimal as FHIR writes it; empty for what is none, which a product may have put into an entry."""
    try:
        return base64.b64encode(bytes.fromhex(text)).decode()
    except ValueError:
        return ""


def _told(members: Mapping[str, Any]) -> Json:
    return {name: value for name, value in members.items() if value not in ("", None)}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
