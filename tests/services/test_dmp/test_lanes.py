"""Two lanes play two DMPs: what one holds, the other never gives, whatever is asked and however well it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from conformance._bundled.fixtures.documents.metadata import cx
from conformance._bundled.reference_dui.dmp import requests as made
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.submission import feeding
from conformance._bundled.reference_dui.dmp.wire import Answer, DmpFault, call, registry_errors
from conformance._bundled.reference_dui.sins import Sins
from lxml import etree

from conformance.dmp import codes, queries
from conformance.dmp.codes import RIM
from conformance.dmp.queries import ENTRY, SET
from conformance.population import Person

from .conftest import Place, document_of

# How another system names the document (IHE ITI TF-3, 4.2.3.2.28).
REFERENCE = "7^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession"
STATUS = [codes.APPROVED, codes.DEPRECATED]


@dataclass
class Secret:
    """What one lane holds of a person whom both lanes know, with every identifier of it."""

    person: Person
    unique_id: str
    entry: str
    package: str

    def asked(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """For each stored query, parameters that find it."""
        patient = [cx(self.person.ins, self.person.oid)]
        find = {f"{ENTRY}PatientId": patient, f"{ENTRY}Status": STATUS}
        return {
            queries.FIND_DOCUMENTS: find,
            queries.FIND_BY_REFERENCE: {**find, f"{ENTRY}ReferenceIdList": [REFERENCE]},
            queries.FIND_SETS: {f"{SET}PatientId": patient, f"{SET}Status": STATUS},
            queries.GET_ALL: {
                "$patientId": patient,
                f"{ENTRY}Status": STATUS,
                f"{SET}Status": STATUS,
                "$XDSFolderStatus": STATUS,
            },
            queries.GET_DOCUMENTS: {f"{ENTRY}UniqueId": [self.unique_id]},
            queries.GET_ASSOCIATIONS: {"$uuid": [self.entry]},
            queries.GET_DOCUMENTS_AND_ASSOCIATIONS: {f"{ENTRY}EntryUUID": [self.entry]},
            queries.GET_SETS: {"$uuid": [self.entry]},
            queries.GET_SET_AND_CONTENTS: {f"{SET}EntryUUID": [self.package]},
            queries.GET_RELATED: {"$AssociationTypes": [codes.REPLACES], f"{ENTRY}UniqueId": [self.unique_id]},
        }


def ask(place: Place, lane: str, person: Person, kind: str, given: Mapping[str, Sequence[str]]) -> Answer:
    link = place.link(lane)
    body = made._query(kind, given, single={name for name in given if name.lower().endswith("patientid")})
    action = "urn:ihe:iti:2007:RegistryStoredQuery"
    return call(link, "registry", action, assertion(link, person, Sins()), body, sins=Sins())


def feed(place: Place, person: Person, spec: Any, cda: bytes) -> None:
    """Into the first lane, with the reference of another system."""
    link = place.link()
    request = feeding(link, spec, cda, Sins())
    entry = request.body.find(f".//{{{RIM}}}ExtrinsicObject")
    slot = etree.Element(f"{{{RIM}}}Slot", name=codes.REFERENCES)
    etree.SubElement(etree.SubElement(slot, f"{{{RIM}}}ValueList"), f"{{{RIM}}}Value").text = REFERENCE
    entry.insert(0, slot)
    action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
    answer = call(link, "repository", action, assertion(link, person, Sins()), request.body, request.parts, sins=Sins())
    assert registry_errors(answer.body) == []


def objects(answer: Answer) -> list[Any]:
    held = answer.body.find(f"{{{RIM}}}RegistryObjectList")
    return [] if held is None else list(held)


@pytest.fixture(scope="module")
def secret(place: Place) -> Secret:
    person = place.holder("of-two-lanes")
    told = {"ins": person.ins, "oid": person.oid, "state": "open", "traits": person.as_json()}
    place.act("patient", lane="other", **told)
    for lane in ("main", "other"):
        place.act("authorise", lane=lane, ins=person.ins, state="valid", holder=place.link(lane).user.identifier)
    first, draft = document_of(person)
    feed(place, person, first, draft)
    spec, cda = document_of(person, first)
    feed(place, person, spec, cda)
    answer = ask(
        place,
        "main",
        person,
        queries.FIND_SETS,
        {f"{SET}PatientId": [cx(person.ins, person.oid)], f"{SET}Status": STATUS},
    )
    package = objects(answer)[-1]
    (entry,) = objects(ask(place, "main", person, queries.GET_DOCUMENTS, {f"{ENTRY}UniqueId": [spec.unique_id]}))
    return Secret(person, spec.unique_id, str(entry.get("id")), str(package.get("id")))


def test_every_stored_query_is_asked(secret: Secret) -> None:
    assert set(secret.asked()) == set(queries.QUERIES)


@pytest.mark.parametrize("kind", queries.QUERIES)
def test_what_a_query_finds_in_one_lane_it_does_not_in_the_other(kind: str, place: Place, secret: Secret) -> None:
    given = secret.asked()[kind]
    mine, theirs = (ask(place, lane, secret.person, kind, given) for lane in ("main", "other"))
    assert registry_errors(mine.body) == []
    assert objects(mine)
    assert objects(theirs) == []
    assert secret.unique_id.encode() not in etree.tostring(theirs.body)


def test_a_document_is_retrieved_in_its_lane_alone(secret: Secret, client: Any) -> None:
    assert client().retrieve(secret.person, secret.unique_id)
    with pytest.raises(DmpFault) as caught:
        client("other").retrieve(secret.person, secret.unique_id)
    assert caught.value.reason_code == "XDSDocumentUniqueIdError"


def test_a_document_is_changed_in_its_lane_alone(place: Place, secret: Secret, client: Any) -> None:
    spec, _ = document_of(secret.person)
    with pytest.raises(DmpFault) as caught:
        client("other").change_status(spec, secret.entry, codes.APPROVED, codes.DELETED)
    assert caught.value.reason_code == "XDSMetadataUpdateError"
    given = secret.asked()[queries.GET_DOCUMENTS]
    (entry,) = objects(ask(place, "main", secret.person, queries.GET_DOCUMENTS, given))
    assert entry.get("status") == codes.APPROVED


def test_rights_and_tests_of_existence_stay_in_their_lane(place: Place, client: Any) -> None:
    person = place.holder("of-one-lane")
    client().authorise(person, "AJOUT")
    assert client().test(person).authorised
    assert client("other").test(person).state == "absent"
    link = place.link("other")
    body = etree.Element(f"{{{codes.PATIENTS}}}patientList")
    etree.SubElement(body, f"{{{codes.PATIENTS}}}dateType").text = "LASTAUTORIZATION"
    action = f"{codes.PATIENTS}:PatientsEndPoint:patientList"
    listed = call(link, "patients", action, assertion(link, None, Sins()), body, sins=Sins()).body
    assert person.ins not in {one.get("extension") for one in listed.iter(f"{{{codes.PATIENTS}}}ins")}


def test_the_same_document_may_be_fed_in_both_lanes(place: Place, secret: Secret, client: Any) -> None:
    spec, cda = document_of(secret.person)
    for lane in ("main", "other"):
        client(lane).feed(spec, cda)
        assert client(lane).retrieve(secret.person, spec.unique_id) == cda
    for lane in ("main", "other"):
        assert [r.lane for r in place.records(lane) if spec.unique_id in r.marks and r.kind == "dmp.submission"] == [
            lane
        ]
