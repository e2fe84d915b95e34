"""What is concluded of what a product says that it made of what it received."""

import hashlib

import pytest
from conformance._bundled.fixtures.inbound import Post as Sender
from conformance._bundled.fixtures.inbound import kind
from conformance._bundled.fixtures.inbound_mail import from_citizen, words
from conformance._bundled.fixtures.people import Population

from conformance.core.words import Provenance
from tests.checks.journals import BOX, IMAP, Play

PATIENTS = "patient.a.mss.test"
TODAY = "2026-03-04T10:00:00+01:00"


class Desk(Play):
    """A play of deliveries and of what the product says of them."""

    def asked(self, operation, body=None, blob=None, /, **parameters):
        self.bench("stimulus", operation=operation, parameters=parameters)
        window = {"window": self.window, "operation": operation, "status": 200, "outcome": "done", "body": body or {}}
        self.journal.append(
            "scenario",
            "a",
            "answer",
            provenance=Provenance.PRODUCT,
            data=window,
            blobs={"content": blob} if blob else None,
        )

    def delivered(self, inbound, then="integrated", person="anne", fetched=True, **members):
        self.wire(
            "mssante.delivery", "mail.delivered", marks=(inbound.message_id,), blobs={"message": inbound.raw},
            mailbox=BOX, message_id=inbound.message_id, what="x", **{"from": members.pop("sender", "a@b.test")},
        )  # fmt: skip
        self.bench(
            "expectation", name="integration", message_id=inbound.message_id, unique_id=inbound.unique_id or None,
            then=then, person=person, mailbox=BOX, marks=(inbound.message_id,), **members,
        )  # fmt: skip
        if fetched:
            self.wire(
                IMAP, "imap.fetch", mailbox=BOX, uid=1, message_id=inbound.message_id, marks=(inbound.message_id,)
            )
            self.asked("fetch_mail", address=BOX)


@pytest.fixture
def people():
    return Population(7)


@pytest.fixture
def play(tmp_path):
    play = Desk(tmp_path)
    play.asked("configure_mailbox", settings={"patients_domain": PATIENTS})
    return play


@pytest.fixture
def sender(people):
    return Sender(people, people.correspondent("t", "hopital", domain="pro.a.mss.test", kind="ORG"), BOX, TODAY)


@pytest.fixture
def letter(sender, people):
    return kind(sender, people.person("t", "anne"), "discharge")


def documents(*unique_ids, **members):
    return {"documents": [{"id": f"d{n}", "unique_id": u, **members} for n, u in enumerate(unique_ids)]}


@pytest.mark.parametrize(
    ("mine", "others", "codes"),
    [
        (1, 0, []),
        (0, 0, ["reception.filed.absent"]),
        (2, 0, ["reception.filed.several"]),
        (1, 1, ["reception.filed.elsewhere"]),
    ],
)
def test_a_document_is_in_one_record_once(play, letter, mine, others, codes):
    play.delivered(letter)
    play.asked("read_record", documents(*[letter.unique_id] * mine), person="anne")
    play.asked("read_record", documents(*[letter.unique_id] * others), person="jean")
    assert play.codes("reception.filed") == codes


def test_a_document_with_another_hash_is_altered(play, letter):
    play.delivered(letter, sha256="a" * 64)
    play.asked("read_record", documents(letter.unique_id, sha256="b" * 64), person="anne")
    assert play.codes("reception.filed") == ["reception.filed.altered"]


@pytest.mark.parametrize("check", ["reception.filed", "reception.kept-apart"])
def test_nothing_is_concluded_of_what_was_not_fetched_or_not_said(play, letter, check):
    then = "integrated" if check == "reception.filed" else "pending"
    play.delivered(letter, then=then, fetched=False)
    play.asked("read_record", documents(), person="anne")
    assert play.subjects(check) == []


def test_every_document_of_an_archive_is_looked_for(play, letter):
    play.delivered(letter, also=["2.25.7"])
    play.asked("read_record", documents(letter.unique_id), person="anne")
    assert play.codes("reception.filed") == ["reception.filed.absent"]


@pytest.mark.parametrize(
    ("then", "filed", "state", "codes"),
    [
        ("pending", (), "pending", []),
        ("pending", (), "rejected", ["reception.kept-apart.unlisted"]),
        ("refused", (), "", []),
        ("refused", ("mine",), "", ["reception.kept-apart.filed"]),
    ],
)
def test_what_is_doubtful_waits_and_what_is_hostile_goes_nowhere(play, letter, then, filed, state, codes):
    play.delivered(letter, then=then)
    play.asked("read_record", documents(*[letter.unique_id for _ in filed]), person="anne")
    items = [{"message_id": letter.message_id, "unique_id": letter.unique_id, "state": state}] if state else []
    play.asked("read_inbox", {"items": items})
    assert play.codes("reception.kept-apart") == codes


def test_what_a_person_decided_afterwards_does_not_count(play, letter):
    play.delivered(letter, then="pending")
    play.asked("read_record", documents(), person="anne")
    play.asked("attach_document", item="1", person="anne")
    play.asked("read_record", documents(letter.unique_id), person="anne")
    assert play.codes("reception.kept-apart") == []


@pytest.mark.parametrize(("content", "codes"), [(b"", []), (b"\n", ["reception.unaltered.altered"])])
def test_a_document_is_read_back_byte_for_byte(play, letter, content, codes):
    play.delivered(letter, sha256=hashlib.sha256(letter.cda).hexdigest())
    play.asked("read_record", documents(letter.unique_id), person="anne")
    play.asked("read_document", None, letter.cda + content, document="d0")
    assert play.codes("reception.unaltered") == codes


@pytest.mark.parametrize(("opened", "unread", "codes"), [(True, True, ["still"]), (False, False, ["missing"])])
def test_unread_is_what_nobody_opened(play, letter, opened, unread, codes):
    play.delivered(letter)
    play.asked("read_record", documents(letter.unique_id), person="anne")
    if opened:
        play.asked("read_document", None, b"<a/>", document="d0")
    play.asked("read_inbox", {"items": [{"unique_id": letter.unique_id, "unread": unread}]})
    assert play.codes("reception.unread") == [f"reception.unread.{code}" for code in codes]


@pytest.mark.parametrize(
    ("since", "listed", "codes"),
    [("2020-01-01", 1, []), ("2020-01-01", 0, ["missing"]), ("2999-01-01", 0, []), ("2999-01-01", 1, ["beyond"])],
)
def test_the_list_of_unread_documents_follows_its_period(play, letter, since, listed, codes):
    play.delivered(letter)
    play.asked("read_unread", {"items": [{"unique_id": letter.unique_id}] * listed}, since=since)
    assert play.codes("reception.unread-period") == [f"reception.unread-period.{code}" for code in codes]


@pytest.mark.parametrize(("after", "codes"), [(3, []), (2, ["reception.counts.other"])])
def test_counts_grow_by_the_load(play, after, codes):
    row = {"type_code": "11488-4", "manual": 0, "waiting": 0}
    play.asked("read_reception_counts", {"counts": [{**row, "automatic": 2}]}, since=TODAY)
    play.bench("expectation", name="reception-load", counts=[{**row, "automatic": 1}])
    play.asked("read_reception_counts", {"counts": [{**row, "automatic": after}]}, since=TODAY)
    assert play.codes("reception.counts") == codes


def test_a_list_that_says_what_the_header_says_is_right(play, letter):
    play.delivered(letter, sha256="a" * 64)
    item = {"unique_id": letter.unique_id, "type_code": "11490-0", "version": 1, "created": "2026-03-04T10:00:00+01:00"}
    play.asked("read_inbox", {"items": [item]})
    assert len(play.subjects("reception.columns")) == 1
    assert play.codes("reception.columns") == []


@pytest.mark.parametrize(
    "member", [{"title": "Autre"}, {"type_code": "x"}, {"version": 9}, {"created": "1999-01-01"}, {"author": "Autre"}]
)
def test_a_list_that_says_something_else_is_wrong(play, letter, member):
    play.delivered(letter, sha256="a" * 64)
    play.asked("read_inbox", {"items": [{"unique_id": letter.unique_id, **member}]})
    assert play.codes("reception.columns") == ["reception.columns.other"]


def shown(play, inbound, **members):
    row = {"message_id": inbound.message_id, "direction": "received", **members}
    play.asked("read_messages", {"messages": [row]})


def test_a_message_with_an_archive_is_shown_without_its_prefix(play, letter):
    play.delivered(letter)
    shown(play, letter, with_archive=True, subject="", citizen=False)
    assert play.codes("reception.archive-flagged") == []
    assert play.codes("reception.prefix-hidden") == ["reception.prefix-hidden.shown"]


def test_an_unflagged_archive_and_a_prefix_are_seen(play, letter):
    play.delivered(letter)
    shown(play, letter, with_archive=False, subject="XDM/1.0/DDM+Lettre", citizen=True)
    assert play.codes("reception.archive-flagged") == ["reception.archive-flagged.other"]
    assert play.codes("reception.prefix-hidden") == ["reception.prefix-hidden.shown"]
    assert play.codes("reception.people-told-apart") == ["reception.people-told-apart.other"]


@pytest.mark.parametrize("wrong", ["", "birth_name", "first_name", "matricule"])
def test_the_person_who_writes_is_named(play, sender, people, wrong):
    person = people.person("t", "anne")
    play.bench("population.person", **person.as_json())
    received = from_citizen(sender, person, PATIENTS)
    play.delivered(received, then="shown", person=person.key, sender=f"{person.ins}@{PATIENTS}")
    traits = {"birth_name": person.birth_name, "first_name": person.first_name, "matricule": person.ins}
    shown(play, received, citizen=True, person={**traits, wrong: "Autre"} if wrong else traits)
    codes = ["reception.people-told-apart.person"] if wrong else []
    assert play.codes("reception.people-told-apart") == codes


def test_a_message_of_words_is_no_archive(play, sender):
    received = words(sender, "first")
    play.delivered(received, then="shown")
    shown(play, received, with_archive=True, citizen=False)
    assert play.codes("reception.archive-flagged") == ["reception.archive-flagged.other"]


@pytest.mark.parametrize(
    ("trace", "complete", "members"),
    [
        ({"at": "t", "who": "w", "action": "a", "object": "{id}", "response": "sent"}, [], []),
        ({"at": "t", "who": "w", "action": "a", "object": "other"}, ["traces.complete.missing"], []),
        ({"at": "t", "who": "", "action": "a", "object": "{id}", "response": "sent"}, [], ["traces.members.missing"]),
        ({"at": "t", "who": "w", "action": "a", "object": "{id}"}, [], ["traces.members.missing"]),
    ],
)
def test_traces_name_what_the_operator_saw(play, letter, trace, complete, members):
    play.delivered(letter)
    row = {key: value.replace("{id}", letter.message_id.upper()) for key, value in trace.items()}
    play.asked("read_traces", {"traces": [row]})
    assert play.codes("traces.complete") == complete
    assert play.codes("traces.members") == members


def test_what_a_cancellation_carries_is_said_either_way(play, letter):
    play.delivered(letter, then="withdrawn")
    shown(play, letter, with_archive=False, citizen=False)
    assert play.codes("reception.archive-flagged") == []


def test_a_person_who_drives_the_product_gives_no_list_to_hold_against_it(play, letter) -> None:
    play.delivered(letter)
    for operation in ("read_record", "read_inbox"):
        play.asked(operation, {}, person="anne")
    assert play.subjects("reception.filed") == []
