"""What the bench sends: every kind reads as what it claims to be, each time the same, and hostile mail harms nobody."""

import io
import zipfile
from email import message_from_bytes
from email.policy import default

import pytest
from conformance._bundled.fixtures import inbound, inbound_hostile, inbound_mail
from conformance._bundled.fixtures.folding import WIRE
from conformance._bundled.fixtures.people import Population

PEOPLE = Population(11)
PERSON, OTHER = (PEOPLE.person("inbound", role) for role in ("usager", "autre"))
POST = inbound.Post(
    PEOPLE,
    PEOPLE.correspondent("inbound", "hopital", domain="pro.a.mssante.test", kind="ORG"),
    "dui@a.mssante.test",
    "2026-03-04T10:00:00+01:00",
)


def read(made):
    return message_from_bytes(made.raw, policy=default)


def archive_of(made):
    found = [a for a in read(made).iter_attachments() if a.get_filename() == "IHE_XDM.ZIP"]
    return zipfile.ZipFile(io.BytesIO(found[0].get_payload(decode=True)))


@pytest.mark.parametrize("name", sorted(inbound.KINDS))
def test_each_kind_bears_its_type(name):
    made = inbound.kind(POST, PERSON, name)
    assert f'code="{inbound.KINDS[name]}"'.encode() in made.cda
    assert made == inbound.kind(POST, PERSON, name)
    assert read(made)["Message-ID"] == f"<{made.message_id}>"


def test_every_message_has_its_own_id():
    spec = inbound.document(POST, PERSON)
    made = [
        *(inbound.kind(POST, PERSON, name) for name in inbound.KINDS),
        inbound.again(POST, spec),
        inbound.replacement(POST, spec),
        inbound.other_subject(POST, PERSON, OTHER),
        inbound.one_trait_off(POST, PERSON),
        inbound.without_ins(POST, PERSON),
        inbound.several(POST, PERSON),
        inbound_mail.words(POST, "a"),
        inbound_mail.from_citizen(POST, PERSON, "patient.a.mssante.test"),
        inbound_mail.lone_pdf(POST, PERSON),
        inbound_mail.cancellation(POST, spec),
        inbound_mail.delivery_failure(POST, "sent@a.mssante.test", "x@pro.a.mssante.test"),
        inbound_hostile.two_persons(POST, PERSON, OTHER),
        *(inbound_hostile.hostile(POST, PERSON, name) for name in inbound_hostile.HOSTILE),
    ]
    assert len({one.message_id for one in made}) == len(made)
    assert all(read(one)["Message-ID"] == f"<{one.message_id}>" for one in made)


def test_the_same_document_again_is_the_same_to_the_byte():
    spec = inbound.document(POST, PERSON)
    first, again = inbound.carried(POST, spec), inbound.again(POST, spec)
    assert (first.unique_id, first.cda) == (again.unique_id, again.cda)


def test_a_replacement_follows_its_document():
    spec = inbound.document(POST, PERSON)
    newer = inbound.next_of(POST, spec)
    assert (newer.replaces, newer.set_id, newer.version) == (spec.unique_id, spec.set_id, 2)


def test_a_subject_may_name_somebody_else_than_the_metadata():
    made = inbound.other_subject(POST, PERSON, OTHER)
    assert OTHER.birth_name in str(read(made)["Subject"])
    metadata = archive_of(made).read("IHE_XDM/SUBSET01/METADATA.XML")
    assert PERSON.ins.encode() in metadata
    assert OTHER.ins.encode() not in metadata


def test_a_person_without_qualified_ins_is_named_by_the_sender_only():
    assert PERSON.ins.encode() not in inbound.without_ins(POST, PERSON).cda


def test_a_cancellation_names_the_entry_of_its_document():
    spec = inbound.document(POST, PERSON)
    sent = archive_of(inbound.carried(POST, spec)).read("IHE_XDM/SUBSET01/METADATA.XML")
    withdrawal = archive_of(inbound_mail.cancellation(POST, spec)).read("IHE_XDM/SUBSET01/METADATA.XML").decode()
    target = withdrawal.partition('targetObject="')[2].partition('"')[0]
    assert f'id="{target}"'.encode() in sent
    assert inbound_mail.DELETED in withdrawal


def test_a_failed_delivery_reads_as_a_report():
    message = read(inbound_mail.delivery_failure(POST, "sent@a.mssante.test", "x@pro.a.mssante.test"))
    assert message.get_content_type() == "multipart/report"
    status = next(p for p in message.walk() if p.get_content_type() == "message/delivery-status")
    fields = [dict(block.items()) for block in status.get_payload()]
    assert fields[1]["Action"] == "failed"


@pytest.mark.parametrize("name", sorted(inbound_hostile.HOSTILE))
def test_hostile_mail_stays_small_and_is_ours(name):
    made = inbound_hostile.hostile(POST, PERSON, name)
    assert len(made.raw) < 2 * 1024 * 1024
    assert read(made)["From"]
    assert inbound_hostile.outcome(name) in ("refused", "pending")


def test_the_virus_is_the_test_file():
    assert len(inbound_hostile.eicar()) == 68
    content = archive_of(inbound_hostile.hostile(POST, PERSON, "virus")).read("IHE_XDM/SUBSET01/EICAR.COM")
    assert content == inbound_hostile.eicar()


def test_the_bomb_is_bounded():
    sizes = [i.file_size for i in archive_of(inbound_hostile.hostile(POST, PERSON, "bomb")).infolist()]
    assert max(sizes) == inbound_hostile.BOMB


def test_identifiers_are_never_encoded_however_long():
    long = tuple(f"{letter * 90}@pro.a.mssante.test" for letter in "ab")
    raw = inbound_mail.words(POST, "long", references=long).raw.decode()
    assert f"References: <{long[0]}>\r\n <{long[1]}>\r\n" in raw
    assert WIRE.fold("Subject", WIRE.header_factory("Subject", "é" * 60)).count("=?utf-8?") > 1
