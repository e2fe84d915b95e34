"""Each transaction of the DMP as a product meets it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.requests import retrieve
from conformance._bundled.reference_dui.dmp.submission import feeding, metadata_change
from conformance._bundled.reference_dui.dmp.wire import DmpFault, call, registry_errors
from conformance._bundled.reference_dui.faults import MailFault
from conformance._bundled.reference_dui.sins import Sins
from cryptography import x509
from lxml import etree

from conformance.core.errors import UsageError
from conformance.dmp import codes

from .conftest import Place, document_of


def last(place: Place, kind: str):
    return [r for r in place.records() if r.kind == kind][-1]


def test_existence_tells_the_state_and_the_right(place: Place, client) -> None:
    calling = client()
    for role, state, told in (("a", "open", "open"), ("b", "closed", "closed"), ("c", "absent", "absent")):
        assert calling.test(place.holder(role, state=state)).state == told
    person = place.holder("d")
    for state, word in codes.AUTHORISATION_STATES.items():
        place.act("authorise", ins=person.ins, state=state)
        assert calling.test(person).authorisation == word
    assert last(place, "dmp.test").data["authorisation"] == "blocked"


def test_one_trait_may_differ(place: Place, client) -> None:
    person = place.holder("trait")
    place.act(
        "patient", ins=person.ins, oid=person.oid, state="open", traits={**person.as_json(), "birth_name": "AUTRE"}
    )
    assert client().test(person).state == "open"
    record = last(place, "dmp.test")
    assert b"AUTRE" in place.host.journal.store.get(record.blobs["answer"])


def test_authorisation_is_the_users_own_and_idempotent(place: Place, client) -> None:
    person, mine, other = place.holder("right"), client(), client(user=1)
    mine.authorise(person, "AJOUT")
    mine.authorise(person, "AJOUT")
    assert (mine.test(person).authorised, other.test(person).authorised) == (True, False)
    mine.authorise(person, "SUPPRESSION")
    assert not mine.test(person).authorised
    place.act("authorise", ins=person.ins, state="blocked")
    with pytest.raises(DmpFault) as caught:
        mine.authorise(person, "AJOUT")
    assert caught.value.reason_code == "DMPAccessDeniedByRightsService"


def test_a_document_goes_in_is_found_and_comes_out_as_it_was(place: Place, client) -> None:
    person, calling = place.holder("fed"), client()
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    with pytest.raises(DmpFault, match="autorisation"):
        calling.find(person, {})
    calling.authorise(person, "AJOUT")
    (listed,) = calling.find(person, {"TypeCode": ["80788-3^^2.16.840.1.113883.6.1"]})
    assert (listed.unique_id, listed.title, listed.status) == (spec.unique_id, "Projet", codes.APPROVED)
    assert calling.retrieve(person, spec.unique_id) == cda
    for nothing in ({"TypeCode": ["11488-4^^2.16.840.1.113883.6.1"]}, {"CreationTimeTo": ["20000101000000"]}):
        assert calling.find(person, nothing) == []
    record = last(place, "dmp.submission")
    assert record.data["outcome"] == "ok"
    assert spec.unique_id in record.marks


def test_the_same_document_is_taken_once(place: Place, client) -> None:
    person, calling = place.holder("twice"), client()
    spec, cda = document_of(person)
    before = place.act("count")["documents"]
    calling.feed(spec, cda)
    calling.feed(spec, cda)
    assert place.act("count")["documents"] == before + 2  # the document and the signature of its set
    assert last(place, "dmp.submission").data["code"] == "XDSDuplicateUniqueIdInRegistry"
    with pytest.raises(DmpFault) as caught:
        calling.feed(spec, cda.replace(b"Projet", b"Autre "))
    assert caught.value.reason_code == "XDSNonIdenticalHash"


def test_a_submission_is_refused_whole(place: Place, client) -> None:
    person, calling = place.holder("refused"), client(defects=("signs-the-set-without-its-document",))
    spec, cda = document_of(person)
    before = place.act("count")
    with pytest.raises(DmpFault) as caught:
        calling.feed(spec, cda)
    assert caught.value.reason_code == "XDSRegistryMetadataError"
    assert last(place, "dmp.submission").data["reason"] == f"signature:document:not-covered:{spec.unique_id}"
    assert place.act("count") == before
    for role, state in (("gone", "absent"), ("shut", "closed")):
        without = place.holder(role, state=state)
        with pytest.raises(DmpFault) as caught:
            client().feed(*document_of(without))
        assert caught.value.reason_code == "XDSUnknownPatientId"


def test_a_version_replaces_the_one_before_and_no_other(place: Place, client) -> None:
    person, calling = place.holder("replaced"), client()
    first, cda = document_of(person)
    calling.feed(first, cda)
    second, corrected = document_of(person, first)
    calling.feed(second, corrected)
    calling.authorise(person, "AJOUT")
    assert [one.unique_id for one in calling.find(person, {})] == [second.unique_id]
    again, content = document_of(person, first)
    with pytest.raises(DmpFault) as caught:
        calling.feed(again, content)
    assert caught.value.reason_code == "XDSReplaceFailed"


def test_only_its_author_changes_a_document(place: Place, client) -> None:
    person, calling = place.holder("changed"), client()
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    listed = calling.get(person, spec.unique_id)
    stranger = client(structure="1990000010")
    stranger.authorise(person, "AJOUT")
    with pytest.raises(DmpFault) as caught:
        stranger.change_status(spec, listed.entry, codes.APPROVED, codes.DELETED)
    assert caught.value.reason_code == "XDSMetadataUpdateError"
    calling.change_visibility(spec, listed, ("N", "MASQUE_PS"))
    assert stranger.find(person, {}) == []
    hidden = calling.get(person, spec.unique_id)
    assert hidden.version == "2"
    with pytest.raises(DmpFault) as caught:
        calling.change_visibility(spec, listed, ("N",))
    assert caught.value.reason_code == "XDSMetadataVersionError"
    calling.change_status(spec, hidden.entry, codes.APPROVED, codes.ARCHIVED)
    calling.change_status(spec, hidden.entry, codes.ARCHIVED, codes.DELETED)
    with pytest.raises(DmpFault):
        calling.change_status(spec, hidden.entry, codes.DELETED, codes.APPROVED)
    with pytest.raises(DmpFault) as caught:
        calling.retrieve(person, spec.unique_id)
    assert caught.value.reason_code in ("XDSDocumentUniqueIdError", "DMPAccessDeniedByRightsService")


def test_without_client_certificate_there_is_no_call(place: Place, web: requests.Session) -> None:
    before = len(place.records())
    with pytest.raises(requests.ConnectionError):
        web.post(f"{place.endpoints()['base_url']}/patients", data=b"<a/>", timeout=10)
    assert {r.kind for r in place.records()[before:]} <= {"tls.client-hello", "tls.handshake"}


def test_faults_strike_as_told(place: Place, client) -> None:
    person, calling = place.holder("faults"), client()
    spec, cda = document_of(person)
    place.act("fault", fault="unavailable", times=1)
    with pytest.raises(MailFault, match="503"):
        calling.test(person)
    assert place.act("fault", fault="stale", active=False) == {"active": []}
    place.act("fault", fault="refuses", value="XDSRegistryBusy", times=1)
    with pytest.raises(DmpFault) as caught:
        calling.feed(spec, cda)
    assert caught.value.transient
    place.act("fault", fault="lost-answer", kind="TD2.1", times=1)
    with pytest.raises(MailFault) as lost:
        calling.feed(spec, cda)
    assert lost.value.transient
    calling.feed(spec, cda)
    assert [r.data["outcome"] for r in place.records() if spec.unique_id in r.marks] == ["failure", "ok", "failure"]


def test_a_part_of_what_was_asked_may_come_with_an_error(place: Place, client) -> None:
    person, calling = place.holder("partial"), client()
    place.act("fault", fault="partial", kind="TD2.1", times=1)
    specs = []
    for _ in range(2):
        spec, cda = document_of(person)
        # A warning stands in the answer of the first: the document is taken all the same.
        calling.feed(spec, cda)
        specs.append(spec)
    warned, taken = [r for r in place.records() if r.kind == "dmp.submission" and person.ins in r.marks]
    assert [(r.data["outcome"], r.data["warned"]) for r in (warned, taken)] == [("ok", True), ("ok", False)]
    assert b"XDSExtraMetadataNotSaved" in place.host.journal.store.get(warned.blobs["answer"])
    calling.authorise(person, "AJOUT")
    place.act("fault", fault="partial", kind="TD3.1", times=1)
    with pytest.raises(DmpFault) as caught:
        calling.find(person, {})
    assert caught.value.reason_code == "XDSRegistryError"
    record = last(place, "dmp.search")
    assert (record.data["outcome"], len(record.data["found"])) == ("partial", 1)
    place.act("fault", fault="partial", kind="TD3.2", times=1)
    link = place.link()
    body = retrieve(link.repository_id, [spec.unique_id for spec in specs])
    answer = call(
        link, "repository", "urn:ihe:iti:2007:RetrieveDocumentSet", assertion(link, person, Sins()), body, sins=Sins()
    )
    assert registry_errors(answer.body) == ["XDSRepositoryError"]
    record = last(place, "dmp.retrieval")
    assert (record.data["outcome"], record.data["given"]) == ("partial", [specs[0].unique_id])


def test_an_authorisation_may_end_when_it_is_used(place: Place, client) -> None:
    person, calling = place.holder("stale"), client()
    calling.authorise(person, "AJOUT")
    assert calling.test(person).authorised
    place.act("fault", fault="stale", kind="TD3.1", times=1)
    with pytest.raises(DmpFault) as caught:
        calling.find(person, {})
    assert caught.value.reason_code == "DMPAccessDeniedByRightsService"
    assert calling.test(person).authorisation == codes.AUTHORISATION_STATES["expired"]
    calling.authorise(person, "AJOUT")
    assert calling.find(person, {}) == []


def test_a_revoked_signing_certificate_opens_nothing_until_the_faults_are_cleared(
    place: Place, client, web: requests.Session
) -> None:
    person, calling = place.holder("revoked"), client()
    link = place.link()
    spec, cda = document_of(person)
    address = place.act("revoke")["crl_url"]
    listed = x509.load_der_x509_crl(web.get(address, timeout=10).content)
    mine = x509.load_pem_x509_certificate(link.signing_certificate_pem.encode())
    assert listed.get_revoked_certificate_by_serial_number(mine.serial_number) is not None
    with pytest.raises(DmpFault) as caught:
        calling.test(person)
    assert caught.value.reason_code == "DMPInvalidCertificate"
    assert last(place, "dmp.refused").data["assertion_faults"] == ["certificate:revoked"]
    # The set alone is signed with it: the assertion is another's of the bench.
    pki = place.host._bench.pki
    other = pki.signer("dmp-other-signature", "1990000002")
    ours = {"signing_certificate_pem": other.certificate_pem, "signing_key_pem": other.key_pem}
    made = feeding(link, spec, cda, Sins())
    action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
    token = assertion(place.link(**ours), person, Sins())
    assert registry_errors(call(link, "repository", action, token, made.body, made.parts, sins=Sins()).body) == [
        "XDSRegistryMetadataError"
    ]
    assert last(place, "dmp.submission").data["reason"] == "signature:certificate:revoked"
    place.act("clear")
    calling.feed(spec, cda)
    assert last(place, "dmp.submission").data["outcome"] == "ok"


def test_clearing_ends_every_fault(place: Place, client) -> None:
    person, calling = place.holder("cleared"), client()
    place.act("fault", fault="unavailable")
    place.act("fault", fault="refuses", value="XDSRegistryBusy")
    place.act("fault", fault="slow", value="30")
    assert place.act("fault", fault="stale")["active"] == ["refuses", "slow", "stale", "unavailable"]
    assert place.act("clear") == {}
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    assert last(place, "dmp.submission").data["outcome"] == "ok"


def test_a_submission_set_enters_once(place: Place) -> None:
    person, link = place.holder("set-twice"), place.link()
    spec, cda = document_of(person)
    made = feeding(link, spec, cda, Sins())
    action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
    codes_told = [
        registry_errors(
            call(link, "repository", action, assertion(link, person, Sins()), made.body, made.parts, sins=Sins()).body
        )
        for _ in range(2)
    ]
    assert codes_told == [[], ["XDSDuplicateUniqueIdInRegistry"]]
    assert last(place, "dmp.submission").data["reason"].startswith("submission-twice")


def test_it_goes_down_and_comes_back_with_everything(place: Place, client) -> None:
    person, calling = place.holder("outage"), client()
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    place.act("listen", active=False)
    with pytest.raises(MailFault):
        calling.test(person)
    place.act("listen", active=True)
    assert calling.get(person, spec.unique_id).unique_id == spec.unique_id


def test_the_user_of_another_id_cannot_hide_behind_a_form(place: Place, client) -> None:
    person = place.holder("nobody")
    nobody = {**place.endpoints()["users"][0], "identifier": "1990000002"}
    calling = client()
    calling._connections.keep("dmp", {**place.endpoints(), "user": nobody})
    with pytest.raises(DmpFault, match="NameID"):
        calling.test(person)
    assert replace(person, key="x").ins == person.ins


def test_the_records_that_a_user_may_open_are_listed(place: Place, client) -> None:
    mine, calling = place.holder("listed"), client(user=2)
    calling.authorise(mine, "AJOUT")
    body = etree.Element(f"{{{codes.PATIENTS}}}patientList")
    etree.SubElement(body, f"{{{codes.PATIENTS}}}dateType").text = "LASTAUTORIZATION"
    link = calling.link
    action = f"{codes.PATIENTS}:PatientsEndPoint:patientList"
    answer = call(link, "patients", action, assertion(link, None, Sins()), body, sins=Sins()).body
    assert [one.get("extension") for one in answer.iter(f"{{{codes.PATIENTS}}}ins")] == [mine.ins]
    assert last(place, "dmp.patients").data["count"] == 1


def errors_of(link, person, service: str, action: str, made) -> list[str]:
    body = call(link, service, action, assertion(link, person, Sins()), made.body, made.parts, sins=Sins()).body
    return registry_errors(body)


def test_an_id_of_the_registry_names_one_object(place: Place, client) -> None:
    person, calling, link = place.holder("same-id"), client(), place.link()
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    held = calling.get(person, spec.unique_id)
    change = metadata_change(spec, held.element, held.version, ("MASQUE_PS",))
    for one in change.body.iter("{*}ExtrinsicObject", "{*}Association"):
        for name, value in (("id", held.entry), ("targetObject", held.entry)):
            if name in one.attrib and one.tag.endswith("ExtrinsicObject") == (name == "id"):
                one.set(name, value)
    action = "urn:ihe:iti:2010:UpdateDocumentSet"
    assert errors_of(link, person, "registry", action, change) == ["XDSMetadataUpdateError"]
    assert calling.get(person, spec.unique_id).version == "1"
    other, content = document_of(person)
    made = feeding(link, other, content, Sins())
    entry = next(made.body.iter("{*}ExtrinsicObject"))
    named = entry.get("id")
    for one in made.body.iter():
        for name, value in one.attrib.items():
            if value == named:
                one.set(name, held.entry)
    action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
    assert errors_of(link, person, "repository", action, made) == ["XDSRegistryMetadataError"]
    assert calling.get(person, other.unique_id) is None


def test_what_is_left_out_of_a_long_reading_is_said(place: Place, client) -> None:
    person, calling, link = place.holder("long"), client(), place.link()
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    calling.authorise(person, "AJOUT")
    body = retrieve(link.repository_id, [spec.unique_id] * 21)
    token = assertion(link, person, Sins())
    answer = call(link, "repository", "urn:ihe:iti:2007:RetrieveDocumentSet", token, body, sins=Sins())
    assert registry_errors(answer.body) == ["XDSRepositoryError"]
    assert last(place, "dmp.retrieval").data["outcome"] == "partial"


def test_a_reading_that_asks_for_nothing_is_refused(place: Place, client) -> None:
    person, calling, link = place.holder("nothing"), client(), place.link()
    calling.authorise(person, "AJOUT")
    token = assertion(link, person, Sins())
    body = retrieve(link.repository_id, [])
    answer = call(link, "repository", "urn:ihe:iti:2007:RetrieveDocumentSet", token, body, sins=Sins())
    assert registry_errors(answer.body) == ["XDSRepositoryError"]
    assert last(place, "dmp.retrieval").data["outcome"] == "failure"


@pytest.mark.parametrize("members", [{"value": "soon"}, {"value": "nan"}, {"value": "-1"}, {"times": "often"}])
def test_a_fault_that_is_wrongly_set_is_told(place: Place, members) -> None:
    with pytest.raises(UsageError):
        place.act("fault", fault="slow", **members)
    assert place.act("clear") == {}
    assert place.act("fault", fault="refuses", active=False) == {"active": []}


def test_a_change_keeps_what_only_the_repository_knows(place: Place, client) -> None:
    person, calling, link = place.holder("slots"), client(), place.link()
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    held = calling.get(person, spec.unique_id)
    change = metadata_change(spec, held.element, held.version, ("MASQUE_PS",))
    known = ("hash", "size", "repositoryUniqueId")
    for slot in [one for one in change.body.iter("{*}Slot") if one.get("name") in known]:
        slot.getparent().remove(slot)
    assert errors_of(link, person, "registry", "urn:ihe:iti:2010:UpdateDocumentSet", change) == []
    after = calling.get(person, spec.unique_id)
    told = [one.get("name") for one in after.element.iter("{*}Slot") if one.get("name") in known]
    assert (after.version, sorted(told)) == ("2", sorted(known))
