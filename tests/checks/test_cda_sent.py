"""Recipients and replacement: what a document must say of the scenario that it was written for."""

from datetime import timedelta

import pytest
from conformance._bundled.fixtures.documents.n1 import n1_of
from lxml import etree

from conformance.core.words import Level
from tests.checks.documents_made import DOCUMENT, double, drop, entries, one, packed, people, put, replace
from tests.checks.journals import Play, codes
from tests.checks.mails import DOCTOR, letter, spec

NURSE = "infirmiere@pro.a.mss.test"


def correspondent(address):
    made = people().correspondent("mail", address, domain=address.partition("@")[2])
    return replace(made, address=address)


def addressed(*addresses):
    return replace(spec(), recipients=tuple(correspondent(a) for a in addresses))


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def sent(play, what, *to, fault=None):
    """Send one document, its CDA changed by ``fault``, in a conforming message."""
    root = etree.fromstring(n1_of(what))
    if fault:
        fault(root)
    files = {**entries(), DOCUMENT: etree.tostring(root)}
    play.message(letter(archives=[("IHE_XDM.ZIP", packed(files))]), *to)


def test_the_recipients_are_those_of_the_scenario(play):
    play.expect(DOCTOR, person="p")
    sent(play, addressed(DOCTOR), DOCTOR)
    assert play.codes("cda.recipients", levels=tuple(Level)) == []
    assert len(play.subjects("cda.recipients")) == 1


def test_a_document_to_two_names_both(play):
    play.expect(DOCTOR, person="p")
    play.expect(NURSE, person="p")
    sent(play, addressed(DOCTOR), DOCTOR)
    sent(play, addressed(DOCTOR), NURSE)
    assert play.codes("cda.recipients") == ["cda.recipients.missing"]


def test_a_recipient_who_is_not_one(play):
    play.expect(DOCTOR, person="p")
    sent(play, addressed(DOCTOR, NURSE), DOCTOR)
    assert play.codes("cda.recipients") == ["cda.recipients.extra"]


def test_no_recipient_at_all(play):
    play.expect(DOCTOR, person="p")
    sent(play, addressed(), DOCTOR)
    assert play.codes("cda.recipients") == ["cda.recipients.missing"]


def test_a_recipient_without_address_is_a_remark(play):
    play.expect(DOCTOR, person="p")
    sent(play, addressed(DOCTOR), DOCTOR, fault=drop("h:informationRecipient//h:telecom"))
    assert play.codes("cda.recipients", levels=tuple(Level)) == ["cda.recipients.no-address"]
    assert play.codes("cda.recipients") == []


def test_somebody_without_address_beside_all_the_recipients(play):
    play.expect(DOCTOR, person="p")

    def twice(root):
        double("h:informationRecipient")(root)
        telecom = one(root, "h:informationRecipient[2]//h:telecom")
        telecom.getparent().remove(telecom)

    sent(play, addressed(DOCTOR), DOCTOR, fault=twice)
    assert play.codes("cda.recipients") == ["cda.recipients.extra"]


def test_a_message_to_the_person_says_nothing_of_recipients(play):
    play.expect("1@patient.a.mss.test", audience="citizen", person="p")
    sent(play, addressed(DOCTOR), "1@patient.a.mss.test")
    assert play.subjects("cda.recipients") == []


def versions():
    first = spec()
    second = first.next_version(
        unique_id="2.25.424242", created=first.created + timedelta(hours=1), text=["Version corrigée."]
    )
    return first, second


def replaced(play, fault=None):
    old, new = versions()
    play.expect(DOCTOR, person="p")
    sent(play, old, DOCTOR)
    play.expect(DOCTOR, person="p", replaces="document-7")
    sent(play, new, DOCTOR, fault=fault)
    return play.codes("cda.replacement")


def test_a_replacement_that_says_so(play):
    assert replaced(play) == []
    (subject,) = play.subjects("cda.replacement")
    assert subject.earlier.unique_id == spec().unique_id
    assert len(subject.evidence) == 3


PARENT = "h:relatedDocument/h:parentDocument"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (drop("h:relatedDocument"), "cda.replacement.no-link"),
        (put("h:relatedDocument", typeCode="APND"), "cda.replacement.no-link"),
        (put(f"{PARENT}/h:id", root="2.25.9"), "cda.replacement.other-link"),
        (put("h:id", root=spec().unique_id), "cda.replacement.same-id"),
        (put("h:setId", root="2.25.9"), "cda.replacement.other-set"),
        (put("h:versionNumber", value="1"), "cda.replacement.version"),
        (put("h:versionNumber", value="3"), "cda.replacement.version"),
    ],
)
def test_a_replacement_that_does_not(play, fault, code):
    assert replaced(play, fault) == [code]


def test_nothing_replaced_is_no_subject(play):
    play.expect(DOCTOR, person="p")
    sent(play, spec(), DOCTOR)
    assert play.subjects("cda.replacement") == []


def test_a_document_that_does_not_read_is_not_a_pass(play):
    play.expect(DOCTOR, person="p", replaces="2.25.1")
    play.message(letter(archives=[("IHE_XDM.ZIP", packed({**entries(), DOCUMENT: b"<broken"}))]), DOCTOR)
    assert play.codes("cda.replacement") == ["cda.unreadable"]
    assert codes(play.findings("cda.recipients")) == ["cda.unreadable"]


def test_in_a_run_every_document_is_judged_with_the_record_it_came_in(play):
    play.expect(DOCTOR, person="p")
    sent(play, addressed(DOCTOR), DOCTOR)
    (document,) = play.subjects("cda.id")
    assert document.evidence == ("mssante.smtp/a/1",)
    assert play.codes("cda.id") == []
