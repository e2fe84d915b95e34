"""Messages that carry documents, and how they and their twins are named."""

from __future__ import annotations

import base64
import email
import email.policy
import io
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from conformance._bundled.fixtures.documents.codes import DOCUMENT_TYPES
from conformance._bundled.fixtures.documents.messages import compose, transmission
from conformance._bundled.fixtures.documents.n1 import HL7
from conformance._bundled.fixtures.documents.naming import pdf_name, subject_of, unaccented
from conformance._bundled.fixtures.inbound import NIL, n1_transmission
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

ENVELOPE = {
    "sender": "secretariat@hopital.test",
    "sender_name": "Hôpital d'essai",
    "recipient": "dui@residence.test",
    "nil": "PRODUIT-1",
}


def parsed(raw: bytes) -> email.message.EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def attachments(message: email.message.EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}


def test_message_carries_one_archive_and_the_twin_of_each_document(document):
    first = document()
    second = replace(document(type_code="28653-4"), unique_id="2.25.5", set_id="2.25.6")
    made = compose([first, second], **ENVELOPE)
    carried = attachments(parsed(made.raw))
    assert list(carried) == ["IHE_XDM.ZIP", *(name for name, _ in made.pdfs)]
    with zipfile.ZipFile(io.BytesIO(carried["IHE_XDM.ZIP"])) as archive:
        for number, (name, pdf) in enumerate(made.pdfs, 1):
            cda = etree.fromstring(archive.read(f"IHE_XDM/SUBSET01/DOC{number:05d}.XML"))
            body = cda.findtext(f".//{{{HL7}}}nonXMLBody/{{{HL7}}}text")
            assert base64.b64decode(body) == pdf == carried[name]


def test_headers_describe_the_content(document):
    spec = document()
    message = parsed(transmission([spec], **ENVELOPE, read_receipt=True))
    assert message["X-MSS-NIL"] == "PRODUIT-1"
    assert message["X-MSS-CODECDA"] == "80788-3"
    assert message["X-MSS-INS"] == "O"
    assert message["Disposition-Notification-To"] == ENVELOPE["sender"]
    assert message["From"].addresses[0].display_name == "Hôpital d'essai"
    assert message["Subject"] == subject_of([spec.type_label], spec.person)
    assert message["Message-ID"].endswith("@hopital.test>")
    assert not message.defects


def test_unqualified_identity_is_announced(document):
    message = parsed(transmission([document(status="recuperee")], **ENVELOPE))
    assert message["X-MSS-INS"] == "N"
    assert message["Disposition-Notification-To"] is None


def test_body_is_plain_text_and_says_that_a_version_is_replaced(document):
    spec = document()
    after = spec.next_version(unique_id="2.25.8", created=spec.created, text=["Corrigé."])
    body = parsed(transmission([after], **ENVELOPE)).get_body(("plain",))
    assert body is not None
    assert body.get_content_charset() == "utf-8"
    assert "Annule et remplace" in body.get_content()
    first = parsed(transmission([spec], **ENVELOPE)).get_body(("plain",))
    assert first is not None
    assert "Annule et remplace" not in first.get_content()


def test_same_call_gives_the_same_bytes_with_crlf_lines(document):
    raw = transmission([document()], **ENVELOPE)
    assert raw == transmission([document()], **ENVELOPE)
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_two_people_in_one_message_are_refused(document):
    with pytest.raises(ValueError, match="one person"):
        compose([document("a"), document("b")], **ENVELOPE)
    with pytest.raises(ValueError, match="one person"):
        compose([], **ENVELOPE)


def test_twins_of_the_same_type_and_day_have_their_own_names(document):
    first = document()
    second = replace(first, unique_id="2.25.5", set_id="2.25.6")
    names = [name for name, _ in compose([first, second], **ENVELOPE).pdfs]
    assert names[1] == names[0].replace(".pdf", "_2.pdf")


def test_subject_is_built_from_label_and_traits(document):
    person = replace(
        document().person, birth_name="D'ARÇOÛT", birth_first_names=("ANNE-LISE",), birth_date="1953-02-07"
    )
    assert subject_of(["Projet personnalisé d'accompagnement"], person) == (
        "XDM/1.0/DDM+Projet personnalisé d'accompagnement D'ARCOUT ANNE-LISE 07/02/1953"
    )
    assert subject_of(["a", "b", "c"], person, birth_date=False) == "XDM/1.0/DDM+3 documents D'ARCOUT ANNE-LISE"
    with pytest.raises(ValueError, match="no document"):
        subject_of([], person)


def test_labels_are_cut_at_forty_characters_not_bytes(document):
    person = document().person
    label = DOCUMENT_TYPES["83981-1"].type.label
    assert subject_of([label], person).startswith("XDM/1.0/DDM+Lettre de liaison à la sortie d'une stru ")
    assert pdf_name(date(2026, 3, 1), label, person).startswith("20260301_Lettre de liaison à la sortie d'une stru_")


@settings(deadline=None, max_examples=60)
@given(label=st.text(min_size=1), case=st.text(max_size=10))
def test_pdf_name_never_leaves_its_folder(label, case):
    person = n1_person()
    name = pdf_name(date(2026, 3, 1), label, person, case_number=case)
    assert not set(name) & set('/\\:*?"<>|\0\r\n')
    assert name.endswith(".pdf")
    assert name.count("_") == (4 if case else 3)


def n1_person():
    from conformance._bundled.fixtures.people import Population

    return Population(1).person("essai", "usager")


def test_accents_and_ligatures_open():
    assert unaccented("Œuvre Æ éàçÛ cœur") == "OEuvre AE eacU coeur"


def test_inbound_message_is_about_the_person_and_says_what_it_was_made_of(population):
    sender = population.correspondent("essai", "hopital", domain="hopital.test", kind="ORG")
    person = population.person("essai", "usager")
    made = n1_transmission(
        person=person,
        sender=sender,
        recipient="dui@residence.test",
        people=population,
        today="2026-11-22T00:16:13+01:00",
    )
    message = parsed(made.raw)
    assert message["Message-ID"] == f"<{made.message_id}>"
    assert message["X-MSS-NIL"] == NIL
    with zipfile.ZipFile(io.BytesIO(attachments(message)["IHE_XDM.ZIP"])) as archive:
        assert archive.read("IHE_XDM/SUBSET01/DOC00001.XML") == made.cda
    header = etree.fromstring(made.cda)
    assert header.find(f"{{{HL7}}}id").get("root") == made.unique_id
    assert header.xpath("//*[local-name()='patientRole']/*[1]/@extension") == [person.ins]
