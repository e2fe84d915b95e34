"""ITI-65 of the draft: a submission set and its documents, taken whole or not at all."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from lxml import etree

from conformance.dmp import codes
from conformance.dmp.codes import RIM
from conformance.dmp.objects import Entry, person_of
from conformance.services.dmp.draft.reference import entry_of
from conformance.services.dmp.filing import facts_of, registered
from conformance.services.dmp.held import Held, HeldSet, Link, matricule_of
from conformance.services.dmp.store import Store
from conformance.services.fhir.outcome import FhirFault, Json
from conformance.services.fhir.reading import objects

SETS = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"


@dataclass(frozen=True)
class Sender:
    """Who submits: the structure of the certificate, the professional of the token; and when."""

    structure: str
    person: str
    at: str


def provide(store: Store, bundle: Mapping[str, Any], sender: Sender) -> Json:
    """File a bundle of the draft; answers the transaction-response, or raises :class:`FhirFault`."""
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        raise FhirFault(400, "value", "fhirserver.not-a-transaction", got=str(bundle.get("type"))[:60])
    entries = objects(bundle.get("entry"))
    by_kind: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for one in entries:
        resource = one.get("resource")
        if not isinstance(resource, Mapping):
            raise FhirFault(400, "structure", "fhirserver.not-a-resource", expression="Bundle.entry.resource")
        by_kind.setdefault(str(resource.get("resourceType")), []).append((str(one.get("fullUrl", "")), resource))
    if set(by_kind) - {"List", "DocumentReference", "Binary", "Patient", "Practitioner", "Organization"}:
        raise FhirFault(422, "not-supported", "dmp.draft.types", got=", ".join(sorted(by_kind))[:200])
    sets = [resource for _, resource in by_kind.get("List", ()) if _is_set(resource)]
    documents = by_kind.get("DocumentReference", [])
    if len(sets) != 1 or len(by_kind["List"]) != 1 or not documents:
        raise FhirFault(422, "invariant", "dmp.draft.set")
    binaries = {url: resource for url, resource in by_kind.get("Binary", ()) if url}
    if len({url for url, _ in documents if url}) != len(documents):
        raise FhirFault(400, "structure", "dmp.draft.full-url", expression="Bundle.entry.fullUrl")
    made = {url: _made(store, resource, binaries, sender) for url, resource in documents}
    if len({held.unique_id for held, _ in made.values()}) != len(made):
        raise FhirFault(
            422, "duplicate", "dmp.error.twice", expression="DocumentReference.masterIdentifier", detail="-"
        )
    if len({held.matricule for held, _ in made.values()}) != 1:
        raise FhirFault(422, "business-rule", "dmp.error.other-patient", detail="-")
    _file(store, list(made.values()), sender)
    places = {url: held.lid.removeprefix("urn:uuid:") for url, (held, _) in made.items()}
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [_answer(one, places) for one in entries],
    }


def _made(
    store: Store, resource: Mapping[str, Any], binaries: Mapping[str, Mapping[str, Any]], sender: Sender
) -> tuple[Held, bytes]:
    try:
        entry = entry_of(resource)
    except ValueError as exc:  # a character that XML has no place for
        raise FhirFault(400, "value", "dmp.draft.value", expression="DocumentReference", got="-") from exc
    about = person_of(entry.patient_id)
    patient = store.patient(about[0]) if about else None
    if about is None or patient is None or patient.state != "open" or patient.oid != about[1]:
        raise FhirFault(422, "business-rule", "dmp.draft.no-record", expression="DocumentReference.subject")
    missing = [name for name in ("type_code", "confidentiality") if not entry.code(name)]
    if missing:
        raise FhirFault(422, "required", "dmp.error.attribute", detail=", ".join(missing))
    if store.sha1_of(entry.unique_id) is not None:
        raise FhirFault(422, "duplicate", "dmp.error.document-twice", detail=entry.unique_id)
    content = _content(resource, binaries)
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return _held(entry, about[0], sha1, len(content), sender), content


def _content(resource: Mapping[str, Any], binaries: Mapping[str, Mapping[str, Any]]) -> bytes:
    attachment = objects(resource.get("content"))[0].get("attachment", {})
    binary = binaries.get(str(attachment.get("url", "")))
    if binary is None:
        raise FhirFault(422, "not-found", "dmp.draft.binary", expression="content.attachment.url")
    try:
        return base64.b64decode(str(binary.get("data", "")), validate=True)
    except ValueError as exc:  # what is not base64, or not ASCII at all
        raise FhirFault(400, "value", "dmp.draft.value", expression="Binary.data", got="data") from exc


def _held(entry: Entry, ins: str, sha1: str, size: int, sender: Sender) -> Held:
    return Held(
        uuid=entry.id,
        lid=entry.id,
        version=1,
        unique_id=entry.unique_id,
        matricule=matricule_of(ins),
        status=codes.APPROVED,
        structure=sender.structure,
        person=sender.person,
        at=sender.at,
        facts=facts_of(replace(entry, persons=(sender.person,))),
        xml=registered(entry, entry.id, sha1, size),
    )


def _file(store: Store, made: list[tuple[Held, bytes]], sender: Sender) -> None:
    """File the set as one of the other route: an id, an instant, what it holds."""
    uuid, unique = f"urn:uuid:{uuid4()}", f"2.25.{uuid4().int}"
    package = etree.Element(f"{{{RIM}}}RegistryPackage", id=uuid, lid=uuid, status=codes.APPROVED)
    node = etree.SubElement(package, f"{{{RIM}}}Classification", classifiedObject=uuid)
    node.set("classificationNode", codes.SET_NODE)
    identifier = etree.SubElement(package, f"{{{RIM}}}ExternalIdentifier", value=unique)
    identifier.set("identificationScheme", codes.SET_UNIQUE)
    facts = {"source": "", "submitted": "", "content": "", "persons": [sender.person]}
    held_set = HeldSet(unique, uuid, made[0][0].matricule, sender.structure, sender.at, facts, etree.tostring(package))
    with store.together():
        store.add_submission(held_set)
        for held, content in made:
            store.add_document(held.unique_id, content, hashlib.sha1(content, usedforsecurity=False).hexdigest())
            store.add_entry(held, unique)
            slots = {"SubmissionSetStatus": ["Original"]}
            store.add_association(Link(f"urn:uuid:{uuid4()}", codes.HAS_MEMBER, uuid, held.uuid, slots))


def _is_set(resource: Mapping[str, Any]) -> bool:
    concept = resource.get("code")
    codings = objects(concept.get("coding")) if isinstance(concept, Mapping) else []
    return any(one.get("system") == SETS and one.get("code") == "submissionset" for one in codings)


def _answer(entry: Mapping[str, Any], places: Mapping[str, str]) -> Json:
    url, kind = str(entry.get("fullUrl", "")), str(entry["resource"].get("resourceType"))
    place = f"{kind}/{places.get(url, uuid4())}"
    return {"response": {"status": "201 Created", "location": place, "etag": 'W/"1"'}}
