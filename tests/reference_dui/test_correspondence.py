"""Replies, receipts, ends of exchange, several documents, cancellations: what the product does, and shows in its pages."""

import pytest
from conformance._bundled.fixtures import inbound, inbound_hostile, inbound_mail
from conformance._bundled.reference_dui import desk
from conformance._bundled.reference_dui.faults import Conflict, Fault, NotFound
from conformance._bundled.reference_dui.narrative import sections_of

from tests.reference_dui.conftest import BOX, NOW, parsed, settled


@pytest.fixture
def post(people):
    sender = people.correspondent("dui", "hopital", domain="pro.test", kind="ORG")
    return inbound.Post(people, sender, BOX, NOW)


@pytest.fixture
def fetched(dui, network):
    def fetch(*made):
        network.waiting += [one.raw for one in made]
        dui.reception.fetch("test", BOX)

    return fetch


def open_message(dui, made):
    left = desk.open_received(dui, "test", BOX, made.message_id)
    settled(dui)
    return left


def test_a_read_receipt_leaves_once(dui, network, post, fetched):
    asked = inbound_mail.words(post, "asked", read_receipt=True)
    fetched(asked)
    assert open_message(dui, asked) is True
    assert open_message(dui, asked) is False
    ((sender, to, raw),) = network.sent
    receipt = parsed(raw)
    assert (sender, to) == (BOX, (post.sender.address,))
    assert receipt.get_content_type() == "multipart/report"
    assert f"Original-Message-ID: <{asked.message_id}>".encode() in raw
    assert receipt["X-MSS-NIL"]


def test_no_receipt_leaves_where_none_was_asked(dui, network, post, fetched):
    words = inbound_mail.words(post, "words")
    fetched(words)
    assert open_message(dui, words) is False
    assert network.sent == []
    with pytest.raises(NotFound):
        open_message(dui, inbound_mail.words(post, "never came"))


def test_a_failed_delivery_shows_in_the_sent_folder(dui, post, fetched):
    first, second = (
        dui.office.write("test", mailbox=BOX, to=["x@pro.test"], text="Bonjour", subject="Essai") for _ in range(2)
    )
    settled(dui)
    fetched(inbound_mail.delivery_failure(post, first, "x@pro.test"))
    states = {m.message_id: (m.state, m.error) for m in dui.correspondence.folder("sent")}
    assert states[first][0] == "failed"
    assert "5.1.1" in states[first][1]
    assert states[second] == ("sent", "")


def test_a_report_about_a_message_of_somebody_else_changes_nothing(dui, post, fetched):
    fetched(inbound_mail.delivery_failure(post, "unknown@pro.test", "x@pro.test"))
    assert dui.correspondence.folder("sent") == []


def test_a_reply_keeps_a_long_thread_readable(dui, network, post, fetched):
    thread = tuple(f"{letter * 90}@pro.test" for letter in "ab")
    received = inbound_mail.words(post, "third", references=thread)
    fetched(received)
    dui.office.write("test", mailbox=BOX, to=["x@pro.test"], text="Oui", in_reply_to=received.message_id)
    settled(dui)
    reply = parsed(network.sent[0][2])
    assert str(reply["References"]).split() == [f"<{id}>" for id in (*thread, received.message_id)]


@pytest.mark.parametrize(("no_reply", "value"), [(True, "FIN"), (False, None)])
def test_the_end_is_said_to_a_person_on_demand(dui, network, person, no_reply, value):
    address = f"{person.ins}@patient.test"
    dui.office.write("test", mailbox=BOX, to=[address], text="Bonjour", person=person.key, no_reply=no_reply)
    settled(dui)
    assert parsed(network.sent[0][2])["X-MSS-MES"] == value


def test_the_end_is_refused_towards_a_professional(dui):
    with pytest.raises(Fault):
        dui.office.write("test", mailbox=BOX, to=["x@pro.test"], text="Bonjour", no_reply=True)


def test_documents_of_one_person_travel_together(dui, network, people, validate):
    documents = [validate(), validate(type_code="28653-4")]
    network.sent.clear()
    dui.office.write("test", mailbox=BOX, to=["x@pro.test"], text="Deux", documents=documents)
    settled(dui)
    message = parsed(network.sent[0][2])
    assert message["X-MSS-CODECDA"] == "80788-3,28653-4"
    assert "2 documents" in str(message["Subject"])
    assert sum(a.get_content_type() == "application/pdf" for a in message.iter_attachments()) == 2
    other = people.person("dui", "autre")
    dui.people.save(other.key, other.as_json())
    with pytest.raises(Conflict):
        dui.office.write("test", mailbox=BOX, to=["x@pro.test"], text="x", documents=documents, person=other.key)


def test_two_documents_of_one_type_bear_different_names(dui, network, validate):
    documents = [validate(), validate()]
    network.sent.clear()
    dui.office.write("test", mailbox=BOX, to=["x@pro.test"], text="Deux", documents=documents)
    settled(dui)
    names = [a.get_filename() for a in parsed(network.sent[0][2]).iter_attachments()]
    assert len(set(names)) == 3


def test_a_cancelled_document_stays_and_is_shown_as_cancelled(dui, browser, person, post, fetched):
    spec = inbound.document(post, person)
    fetched(inbound.carried(post, spec), inbound_mail.cancellation(post, spec))
    (document,) = dui.library.of_person(person.key)
    assert document.withdrawn
    assert document.summary()["withdrawn"]
    assert "inbox.withdraw" in [trace["action"] for trace in dui.traces.latest()]
    browser.log_in()
    for path in (f"/personnes/{person.key}", f"/documents/{document.id}", "/travail"):
        assert "annulé" in browser.get(path).text


def test_only_its_sender_cancels_a_document(dui, people, person, post, fetched):
    spec = inbound.document(post, person)
    stranger = people.correspondent("dui", "tiers", domain="pro.test", kind="ORG")
    fetched(inbound.carried(post, spec))
    fetched(inbound_mail.cancellation(inbound.Post(people, stranger, BOX, NOW), spec))
    assert not dui.library.of_person(person.key)[0].withdrawn


def test_documents_filed_and_not_read_are_listed_until_opened(dui, browser, person, post, fetched):
    fetched(inbound.kind(post, person, "vsm"))
    browser.log_in()
    page = browser.get("/travail").text
    assert "non lus (1)" in page
    # What the work list takes from the header: version, act and encounter beside title, date, person and author.
    assert dui.inbox.all()[0].encounter in page.replace("&#39;", "'")
    assert dui.inbox.all()[0].act[:8] == NOW[:10].replace("-", "")
    (document,) = dui.library.of_person(person.key)
    browser.get(f"/documents/{document.id}")
    assert "non lus" not in browser.get("/travail").text
    assert dui.inbox.all()[0].unread is False


def test_received_messages_tell_who_wrote_and_hide_the_prefix(browser, person, post, fetched):
    citizen = inbound_mail.from_citizen(post, person, "patient.test")
    fetched(citizen, inbound.kind(post, person, "vsm"))
    browser.log_in()
    page = browser.get("/messages/recus").text
    assert person.ins in page
    assert "XDM/1.0/DDM+" not in page
    assert "archive de documents" in page


def test_a_person_returns_a_receipt_from_the_page(dui, network, browser, post, fetched):
    asked = inbound_mail.words(post, "asked", read_receipt=True)
    fetched(asked)
    (message,) = dui.correspondence.folder("received")
    browser.log_in()
    page = browser.get(f"/messages/{message.id}")
    assert post.sender.address in page.text
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    assert browser.post(f"/messages/{message.id}/accuse", {}, token=token).status_code == 200
    settled(dui)
    assert len(network.sent) == 1


@pytest.mark.parametrize("name", sorted(inbound_hostile.HOSTILE))
def test_hostile_mail_is_set_aside_and_fetching_goes_on(dui, person, post, fetched, name):
    fetched(inbound_hostile.hostile(post, person, name))
    assert all(item.state == "pending" for item in dui.inbox.all())
    assert dui.library.of_person(person.key) == [] or name == "no-document"
    sound = inbound.kind(post, person, "vsm")
    fetched(sound)
    assert sound.unique_id in [d.unique_id for d in dui.library.of_person(person.key)]


def test_an_archive_of_two_persons_waits_for_somebody(dui, people, person, post, fetched):
    other = people.person("dui", "autre")
    dui.people.save(other.key, other.as_json())
    fetched(inbound_hostile.two_persons(post, person, other))
    assert [i.reason for i in dui.inbox.all()] == ["refdui.doubt.two-persons"] * 2
    assert dui.library.of_person(person.key) == []


def test_a_document_with_sections_is_read_on_screen(dui, browser, person, post, fetched):
    fetched(inbound.kind(post, person, "fludt"))
    (document,) = dui.library.of_person(person.key)
    assert not document.has_pdf
    browser.log_in()
    page = browser.get(f"/documents/{document.id}").text
    assert "Signes vitaux" in page
    assert "80 par minute" in page


@pytest.mark.parametrize(
    "content", [b"no xml", b"<a/>", b"<ClinicalDocument xmlns='urn:hl7-org:v3'><section/></ClinicalDocument>"]
)
def test_a_document_without_words_has_no_lines(content):
    assert [lines for _, lines in sections_of(content) if lines] == []


def test_documents_of_a_record_are_sorted(browser, person, post, fetched):
    fetched(*(inbound.kind(post, person, name) for name in ("vsm", "biology", "prescription")))
    browser.log_in()
    page = browser.get(f"/personnes/{person.key}?tri=type").text
    labels = ["CR d&#39;examens biologiques", "Prescription de produits", "Synthèse médicale"]
    places = [page.index(f"<td>{label}") for label in labels]
    assert places == sorted(places)
    assert browser.get(f"/personnes/{person.key}?tri=date").status_code == 200
