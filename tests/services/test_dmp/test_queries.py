"""The stored queries of ITI-18, asked by hand: what each gives, and how each refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.fixtures.documents.metadata import cx
from conformance._bundled.reference_dui.dmp import requests as made
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.submission import feeding
from conformance._bundled.reference_dui.dmp.wire import WSSE, DmpFault, call, registry_errors
from conformance._bundled.reference_dui.sins import Sins
from lxml import etree

from conformance.dmp import codes, queries
from conformance.dmp.codes import RIM
from conformance.dmp.queries import ENTRY, SET
from conformance.population import Person

from .conftest import Place, document_of

APPROVED = [codes.APPROVED]


@dataclass
class Record:
    """A person whose record holds a document and the version that replaced it, both fed by the lane's structure."""

    place: Place
    person: Person
    first: Any
    second: Any

    def ask(
        self, kind: str, given: Mapping[str, Sequence[str]], *, returned: str = "LeafClass", **link: str
    ) -> etree._Element:
        body = made._query(kind, given, single={name for name in given if name.endswith("PatientId")})
        body[0].set("returnType", returned)
        place = self.place.link(**link)
        action = "urn:ihe:iti:2007:RegistryStoredQuery"
        return call(place, "registry", action, assertion(place, self.person, Sins()), body, sins=Sins()).body

    def told(self, kind: str, given: Mapping[str, Sequence[str]], **other: str) -> dict[str, int]:
        """How many objects of each kind came."""
        answer = self.ask(kind, given, **other)
        assert registry_errors(answer) == []
        names = [etree.QName(one).localname for one in answer.find(f"{{{RIM}}}RegistryObjectList")]
        return {name: names.count(name) for name in dict.fromkeys(names)}

    def refused(self, kind: str, given: Mapping[str, Sequence[str]], **other: str) -> list[str]:
        return registry_errors(self.ask(kind, given, **other))

    def entry(self, spec: Any) -> str:
        answer = self.ask(queries.GET_DOCUMENTS, {f"{ENTRY}UniqueId": [spec.unique_id]})
        return str(answer.find(f".//{{{RIM}}}ExtrinsicObject").get("id"))

    @property
    def patient(self) -> list[str]:
        return [cx(self.person.ins, self.person.oid)]


@pytest.fixture(scope="module")
def record(place: Place) -> Record:
    person = place.holder("queried")
    link = place.link()
    first, cda = document_of(person)
    second, corrected = document_of(person, first)
    for spec, content in ((first, cda), (second, corrected)):
        request = feeding(link, spec, content, Sins())
        action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
        answer = call(
            link, "repository", action, assertion(link, person, Sins()), request.body, request.parts, sins=Sins()
        )
        assert registry_errors(answer.body) == []
    place.act("authorise", ins=person.ins, state="valid", holder=link.user.identifier)
    return Record(place, person, first, second)


def found_by(record: Record, **criteria: Sequence[str]) -> int:
    given = {f"{ENTRY}PatientId": record.patient, f"{ENTRY}Status": APPROVED}
    given |= {f"{ENTRY}{name}": values for name, values in criteria.items()}
    return record.told(queries.FIND_DOCUMENTS, given).get("ExtrinsicObject", 0)


def test_find_documents_compares_what_it_is_given(record: Record) -> None:
    assert found_by(record) == 1
    assert found_by(record, TypeCode=["80788-3^^2.16.840.1.113883.6.1", "11488-4^^2.16.840.1.113883.6.1"]) == 1
    assert found_by(record, TypeCode=["80788-3^^1.2.3"]) == 0
    assert found_by(record, AuthorPerson=["%^ESSAI^Camille%"]) == 1
    assert found_by(record, AuthorPerson=["%^AUTRE^%"]) == 0
    assert found_by(record, CreationTimeFrom=["2026"], CreationTimeTo=["2027"]) == 1
    assert found_by(record, CreationTimeTo=["2026"]) == 0


def test_several_slots_of_a_code_must_all_be_met(record: Record) -> None:
    name = f"{ENTRY}ConfidentialityCode"
    given = {f"{ENTRY}PatientId": record.patient, f"{ENTRY}Status": APPROVED, name: ["N^^2.16.840.1.113883.5.25"]}
    body = made._query(queries.FIND_DOCUMENTS, given, single={f"{ENTRY}PatientId"})
    assert record.told(queries.FIND_DOCUMENTS, given) == {"ExtrinsicObject": 1}
    query = body.find(f"{{{RIM}}}AdhocQuery")
    again = etree.fromstring(etree.tostring(query.find(f"{{{RIM}}}Slot[@name='{name}']")))
    again.find(f".//{{{RIM}}}Value").text = "('MASQUE_PS^^1.2.250.1.213.1.1.4.13')"
    query.append(again)
    parameters = queries.parameters(query)
    assert parameters[name] == [["N^^2.16.840.1.113883.5.25"], ["MASQUE_PS^^1.2.250.1.213.1.1.4.13"]]
    link = record.place.link()
    answer = call(
        link,
        "registry",
        "urn:ihe:iti:2007:RegistryStoredQuery",
        assertion(link, record.person, Sins()),
        body,
        sins=Sins(),
    )
    assert answer.body.find(f".//{{{RIM}}}ExtrinsicObject") is None


def test_submission_sets_are_found_by_their_own_attributes(record: Record) -> None:
    given = {f"{SET}PatientId": record.patient, f"{SET}Status": APPROVED}
    assert record.told(queries.FIND_SETS, given) == {"RegistryPackage": 2}
    assert record.told(queries.FIND_SETS, {**given, f"{SET}AuthorPerson": ["%^ESSAI^%"]}) == {"RegistryPackage": 2}
    for nothing in ({f"{SET}SourceId": ["1.2.3"]}, {f"{SET}SubmissionTimeTo": ["2020"]}, {f"{SET}ContentType": ["99"]}):
        assert record.told(queries.FIND_SETS, given | nothing) == {}
    assert record.told(queries.FIND_SETS, {**given, f"{SET}Status": [codes.DEPRECATED]}) == {}


def test_what_is_bound_to_a_document_comes_with_it(record: Record) -> None:
    both = {f"{ENTRY}UniqueId": [record.first.unique_id, record.second.unique_id]}
    # Two memberships and one replacement.
    assert record.told(queries.GET_DOCUMENTS_AND_ASSOCIATIONS, both) == {"ExtrinsicObject": 2, "Association": 3}
    one = record.entry(record.second)
    assert record.told(queries.GET_ASSOCIATIONS, {"$uuid": [one]}) == {"Association": 2}
    assert record.told(queries.GET_SETS, {"$uuid": [one]}) == {"RegistryPackage": 1, "Association": 1}
    bound = {"$AssociationTypes": [codes.REPLACES], f"{ENTRY}EntryUUID": [one]}
    assert record.told(queries.GET_RELATED, bound) == {"ExtrinsicObject": 2, "Association": 1}
    assert record.told(queries.GET_RELATED, {**bound, "$AssociationTypes": [codes.SIGNS]}) == {}


def test_a_submission_set_comes_with_its_contents(record: Record) -> None:
    answer = record.ask(queries.GET_SETS, {"$uuid": [record.entry(record.second)]})
    package = str(answer.find(f".//{{{RIM}}}RegistryPackage").get("id"))
    # The document, the signature; two memberships and the signing.
    whole = {"RegistryPackage": 1, "ExtrinsicObject": 2, "Association": 3}
    assert record.told(queries.GET_SET_AND_CONTENTS, {f"{SET}EntryUUID": [package]}) == whole
    only = {f"{SET}EntryUUID": [package], f"{ENTRY}FormatCode": [codes.SIGNATURE_FORMAT]}
    assert record.told(queries.GET_SET_AND_CONTENTS, only)["ExtrinsicObject"] == 1
    assert record.told(queries.GET_SET_AND_CONTENTS, {f"{SET}UniqueId": ["1.2.3"]}) == {}


def test_get_all_gives_documents_sets_and_what_binds_them(record: Record) -> None:
    given = {
        "$patientId": record.patient,
        f"{ENTRY}Status": [codes.APPROVED, codes.DEPRECATED],
        f"{SET}Status": APPROVED,
        "$XDSFolderStatus": APPROVED,
    }
    assert record.told(queries.GET_ALL, given) == {"ExtrinsicObject": 2, "RegistryPackage": 2, "Association": 3}
    for missing in given:
        rest = {name: values for name, values in given.items() if name != missing}
        assert record.refused(queries.GET_ALL, rest) == ["XDSStoredQueryMissingParam"]


def test_references_alone_are_given_when_they_are_asked_for(record: Record) -> None:
    given = {f"{ENTRY}UniqueId": [record.second.unique_id]}
    assert record.told(queries.GET_DOCUMENTS_AND_ASSOCIATIONS, given, returned="ObjectRef") == {"ObjectRef": 3}
    assert record.refused(queries.GET_DOCUMENTS, given, returned="RegistryObject") == ["XDSRegistryError"]


def test_a_document_is_found_by_the_reference_of_another_system(record: Record) -> None:
    given = {f"{ENTRY}PatientId": record.patient, f"{ENTRY}Status": APPROVED}
    assert record.refused(queries.FIND_BY_REFERENCE, given) == ["XDSStoredQueryMissingParam"]
    assert record.told(queries.FIND_BY_REFERENCE, {**given, f"{ENTRY}ReferenceIdList": ["7^^^&1.2.3&ISO^x"]}) == {}


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("urn:uuid:958f3006-baad-4929-a4de-ff1114824431", {}, "XDSUnknownStoredQuery"),
        (queries.FIND_DOCUMENTS, {f"{ENTRY}Status": APPROVED}, "XDSStoredQueryMissingParam"),
        (queries.FIND_SETS, {f"{SET}Status": APPROVED}, "XDSStoredQueryMissingParam"),
        (queries.GET_DOCUMENTS, {}, "XDSStoredQueryMissingParam"),
        (
            queries.GET_DOCUMENTS,
            {f"{ENTRY}UniqueId": ["1.2"], f"{ENTRY}EntryUUID": ["urn:uuid:1"]},
            "XDSStoredQueryParamNumber",
        ),
        (queries.GET_SET_AND_CONTENTS, {f"{SET}UniqueId": ["1.2", "1.3"]}, "XDSStoredQueryParamNumber"),
        (queries.GET_ASSOCIATIONS, {}, "XDSStoredQueryMissingParam"),
        (queries.GET_RELATED, {f"{ENTRY}UniqueId": ["1.2"]}, "XDSStoredQueryMissingParam"),
        (
            queries.GET_DOCUMENTS_AND_ASSOCIATIONS,
            {f"{ENTRY}UniqueId": [f"1.2.{n}" for n in range(21)]},
            "XDSTooManyResults",
        ),
    ],
)
def test_a_query_that_asks_wrongly_is_told_how(
    record: Record, kind: str, given: Mapping[str, Sequence[str]], code: str
) -> None:
    assert record.refused(kind, given) == [code]


def test_what_another_structure_fed_is_out_of_reach_without_an_authorisation(record: Record) -> None:
    second = record.place.endpoints()["users"][1]["identifier"]
    assert record.place.act("authorise", ins=record.person.ins, state="none", holder=second)
    given = {f"{ENTRY}UniqueId": [record.second.unique_id]}
    link = record.place.link()
    stranger = replace(link.user, identifier=second)
    other = {"structure": "1990000010", "user": stranger}
    assert record.told(queries.GET_DOCUMENTS_AND_ASSOCIATIONS, given, **other) == {}
    whole = {f"{SET}PatientId": record.patient, f"{SET}Status": APPROVED}
    with pytest.raises(DmpFault) as caught:
        record.ask(queries.FIND_SETS, whole, **other)
    assert caught.value.reason_code == "DMPAccessDeniedByRightsService"


def test_zeep_asks_and_reads_the_answers_by_its_own_reading(
    record: Record, web: requests.Session, tmp_path: Path
) -> None:
    zeep = pytest.importorskip("zeep", reason="zeep is not installed")
    from zeep.transports import Transport

    link = record.place.link()
    card = tmp_path / "client.pem"
    card.write_text(link.client_key_pem + link.client_certificate_pem)
    web.cert = str(card)
    client = zeep.Client(str(Path(__file__).parent / "peer" / "query.wsdl"), transport=Transport(session=web))
    address = f"{link.base_url}/registry"
    asked = client.create_service("{urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0}Binding", address)
    security = etree.Element(f"{{{WSSE}}}Security")
    security.append(assertion(link, record.person, Sins()))

    def ask(kind: str, **values: str) -> Any:
        slots = [{"name": f"${name}", "ValueList": {"Value": [value]}} for name, value in values.items()]
        option = {"returnType": "ObjectRef", "returnComposedObjects": True}
        return asked.Query(option, {"id": kind, "Slot": slots}, _soapheaders=[security])

    name = f"('{record.second.unique_id}')"
    answer = ask(queries.GET_DOCUMENTS_AND_ASSOCIATIONS, XDSDocumentEntryUniqueId=name)
    assert answer.status == codes.SUCCESS
    assert len(answer.RegistryObjectList.ObjectRef) == 3
    refused = ask(queries.GET_RELATED, XDSDocumentEntryUniqueId=name)
    assert (refused.status, refused.RegistryObjectList) == (codes.FAILURE, None)
    assert refused.RegistryErrorList.RegistryError[0].errorCode == "XDSStoredQueryMissingParam"
