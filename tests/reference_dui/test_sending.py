"""What leaves the product: to whom, with which headers, when, and what happens when it cannot leave."""

import io
import zipfile
from email.utils import getaddresses

import pytest
from conformance._bundled.reference_dui import facts
from conformance._bundled.reference_dui.faults import Conflict, Fault, MailFault, NotFound
from conformance._bundled.reference_dui.outbox import Outbox

from conformance.core.texts import say
from tests.reference_dui.conftest import BOX, parsed, settled
from tests.reference_dui.stub import APP_SETTINGS


def files(message):
    return {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}


def test_a_document_leaves_with_its_archive_its_twin_and_its_headers(validate, network, doctor):
    validate()
    message = parsed(next(raw for _, to, raw in network.sent if doctor.address in to))
    names = files(message)
    archive = zipfile.ZipFile(io.BytesIO(names.pop("IHE_XDM.ZIP")))
    assert "IHE_XDM/SUBSET01/METADATA.XML" in archive.namelist()
    ((pdf_name, pdf),) = names.items()
    assert pdf_name.startswith("20261120_Projet personnalisé d'accompagnement_")
    assert pdf.startswith(b"%PDF-1.4")
    assert message["X-MSS-NIL"] == facts.REFERENCE
    assert message["X-MSS-CODECDA"] == "80788-3"
    assert message["X-MSS-INS"] == "O"
    assert message["Message-ID"].endswith("@dui.test>")
    assert message["Subject"].startswith("XDM/1.0/DDM+Projet personnalisé d'accompagnement ")
    ((name, address),) = getaddresses([message["From"]])
    assert address == BOX
    assert name.startswith("Dr_Camille_ESSAI_")
    body = message.get_body(("plain",))
    assert body.get_content_charset() == "utf-8"
    assert say("refdui.mail.fictitious", "fr") in body.get_content()


def test_correspondents_and_person_have_a_message_each(validate, network, person, doctor):
    validate()
    assert sorted(to for _, to, _ in network.sent) == sorted([(doctor.address,), (f"{person.ins}@patient.test",)])


@pytest.mark.parametrize(
    ("channel", "reached"), [("mss-pro", "@patient.test"), ("mss-citizen", "@pro.test"), ("dmp", "@")]
)
@pytest.mark.usefixtures("doctor")
def test_opposition_closes_its_channel_only(validate, dui, network, person, channel, reached):
    dui.people.oppose(person.key, channel, opposed=True)
    validate()
    recipients = [r for _, to, _ in network.sent for r in to]
    assert all(reached in r for r in recipients)
    assert len(recipients) == (2 if channel == "dmp" else 1)


@pytest.mark.parametrize("status", ["provisoire", "recuperee", "validee"])
def test_only_a_qualified_identity_is_written_to(validate, dui, network, people, status):
    person = people.person("dui", "autre", status=status)
    dui.people.save(person.key, person.as_json())
    validate(person=person.key)
    assert network.sent == []


def test_an_unqualified_identity_travels_without_matricule(validate, dui, network, people):
    person = people.person("dui", "autre", status="recuperee")
    doctor = people.correspondent("dui", "medecin", domain="pro.test")
    dui.people.save(person.key, person.as_json())
    dui.people.add_correspondent(person.key, doctor.address, doctor.as_json())
    id = validate(person=person.key)
    ((_, _, raw),) = network.sent
    assert parsed(raw)["X-MSS-INS"] == "N"
    assert person.matricule.encode() not in dui.library.bytes_of(id)


@pytest.mark.usefixtures("doctor")
def test_a_new_version_keeps_its_set_and_says_what_it_replaces(validate, dui, network, person):
    first = validate()
    second = validate(text="Texte corrigé.", replaces=first)
    before, after = dui.library.get(first), dui.library.get(second)
    assert after.set_id == before.set_id
    assert (before.version, after.version) == (1, 2)
    assert f'root="{before.unique_id}"'.encode() in dui.library.bytes_of(second).partition(b"relatedDocument")[2]
    body = parsed(network.sent[-1][2]).get_body(("plain",)).get_content()
    assert say("refdui.mail.replaces", "fr") in body
    assert dui.library.replaced(person.key) == {first}
    with pytest.raises(Conflict):
        validate(replaces=first)


def test_a_version_of_somebody_else_is_not_replaced(validate, dui, people):
    first = validate()
    other = people.person("dui", "autre")
    dui.people.save(other.key, other.as_json())
    with pytest.raises(NotFound):
        validate(person=other.key, replaces=first)


@pytest.mark.parametrize(
    "wrong", [{"type_code": "00000-0"}, {"text": "  "}, {"act_date": "2026-11-20"}, {"act_date": "hier"}]
)
def test_a_document_that_makes_no_sense_is_refused(validate, network, wrong):
    with pytest.raises(Fault):
        validate(**wrong)
    assert network.sent == []


def test_a_plain_message_carries_no_document_headers_and_asks_for_receipts(dui, network):
    dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Bonjour", subject="Essai", read_receipt=True)
    settled(dui)
    message = parsed(network.sent[0][2])
    assert message["X-MSS-NIL"] == facts.REFERENCE
    assert message["X-MSS-CODECDA"] is None
    assert message["X-MSS-INS"] is None
    assert message["Disposition-Notification-To"] == message["Return-Receipt-To"] == BOX


def test_a_reply_continues_its_thread(dui, network):
    first = dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Bonjour")
    second = dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Suite", in_reply_to=first)
    dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Fin", in_reply_to=f"<{second}>")
    settled(dui)
    message = parsed(network.sent[2][2])
    assert message["In-Reply-To"] == f"<{second}>"
    assert message["References"] == f"<{first}> <{second}>"


def test_a_document_is_not_forwarded_against_an_opposition(validate, dui, person):
    id = validate()
    dui.people.oppose(person.key, "mss-pro", opposed=True)
    with pytest.raises(Conflict):
        dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Voici", document=id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": []},
        {"to": ["pas une adresse"]},
        {"to": ["a@pro.test\r\nBcc: b@pro.test"]},
        {"subject": "Essai\nBcc: b@pro.test"},
        {"in_reply_to": "<a@b>\r\nBcc: b@pro.test"},
    ],
)
def test_a_header_cannot_be_injected(dui, wrong):
    members = {"to": ["ami@pro.test"], "text": "Bonjour", **wrong}
    with pytest.raises(Fault):
        dui.office.write("test", mailbox=BOX, **members)


def test_an_application_says_it_is_automatic_and_whom_to_answer(dui, network):
    dui.mailboxes.configure("app@dui.test", "APP", APP_SETTINGS, "test")
    dui.office.write("test", mailbox="app@dui.test", to=["ami@pro.test"], text="Bonjour")
    settled(dui)
    message = parsed(network.sent[0][2])
    assert message["Reply-To"] == BOX
    assert BOX in message.get_body(("plain",)).get_content()
    assert getaddresses([message["From"]])[0][0] == facts.STRUCTURE_NAME


def test_the_product_is_not_idle_while_a_message_waits_or_leaves(dui, network):
    assert dui.outbox.idle
    network.gate.clear()
    dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Bonjour")
    assert not dui.outbox.idle
    assert network.arrived.wait(10)
    assert not dui.outbox.idle
    network.gate.set()
    settled(dui)
    assert len(network.sent) == 1


def test_the_product_is_not_idle_while_it_is_busy(dui):
    with dui.outbox.busy():
        assert not dui.outbox.idle
    assert dui.outbox.idle


def test_a_passing_failure_is_tried_again(dui, network):
    dui.outbox._delays = (0.0, 0.0)
    network.faults = [MailFault("refdui.fault.unreachable", host="x", reason="y")] * 2
    dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Bonjour")
    settled(dui)
    assert [m.state for m in dui.correspondence.folder("sent")] == ["sent"]
    assert len(network.sent) == 1


@pytest.mark.parametrize("transient", [True, False])
def test_a_lasting_failure_is_shown_with_its_reason(dui, network, transient):
    dui.outbox._delays = (0.0,)
    network.faults = [MailFault("refdui.fault.refused", transient=transient, server="x", reason="552")] * 5
    dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Bonjour")
    settled(dui)
    (message,) = dui.correspondence.folder("sent")
    assert message.state == "failed"
    assert "552" in message.error
    assert len(network.faults) == (3 if transient else 4)


def test_what_an_interrupted_run_left_goes_again_under_the_same_message_id(dui, network):
    network.gate.clear()
    id = dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Bonjour")
    assert network.arrived.wait(10)
    network.faults = [SystemExit()]
    again = Outbox(dui.store, dui.mailboxes, network, dui.traces, dui.sins)
    again.start()
    network.gate.set()
    network.faults.clear()
    settled(dui)
    again.stop()
    assert {parsed(raw)["Message-ID"] for _, _, raw in network.sent} == {f"<{id}>"}


@pytest.mark.parametrize(
    ("reason", "sin", "reached"),
    [
        ("451 4.7.1 later", "", ["ab", "b"]),
        ("552 5.2.2 over quota", "", ["ab"]),
        ("451 4.7.1 later", "writes-again-to-everybody", ["ab", "ab"]),
        ("451 4.7.1 later", "gives-up-at-the-first-refusal", ["ab"]),
    ],
)
def test_those_who_were_put_off_alone_are_written_to_again(dui, network, reason, sin, reached):
    dui.outbox._delays = (0.01, 0.01)
    dui.sins.switch([sin] if sin else [])
    network.refused = [{"b@pro.test": reason}]
    dui.office.write("t", mailbox=BOX, to=["a@pro.test", "b@pro.test"], text="Bonjour", subject="Essai")
    settled(dui)
    assert ["".join(to[0] for to in recipients) for _, recipients, _ in network.sent] == reached
    (message,) = dui.correspondence.folder("sent")
    assert (message.state, reason in message.error) == ("sent", reached == ["ab"])
