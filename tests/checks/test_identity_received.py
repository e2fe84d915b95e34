"""Identities that arrive: what a denial of INSi leaves as it was, and how the work list tells it."""

from dataclasses import replace

import pytest
from conformance._bundled.fixtures.documents.messages import compose
from conformance._bundled.fixtures.documents.model import document_of
from conformance._bundled.fixtures.inbound import Post, kind
from conformance._bundled.fixtures.people import Population

from tests.checks.journals import BOX
from tests.checks.test_reception import Desk

TODAY = "2026-03-04T10:00:00+01:00"


@pytest.fixture
def people():
    return Population(11)


@pytest.fixture
def play(tmp_path):
    return Desk(tmp_path)


def written(people, person, what):
    from datetime import datetime

    spec = document_of(
        11, "t", what, person=person, author=people.professional, structure=people.structure,
        act_date=datetime.fromisoformat(TODAY),
    )  # fmt: skip
    return compose([spec], sender=BOX, sender_name="Essai", recipient="x@b.test", nil="N", message_id=f"{what}@b.test")


def played(play, people, *, changed, code="KO"):
    person = people.person("t", "anne", status="validee")
    after = replace(person, birth_name="AUTRE") if changed else person
    for what, who in (("avant", person), ("apres", after)):
        play.expect(f"{what}@b.test")
        play.message(written(people, who, what).raw, f"{what}@b.test")
        if what == "avant":
            play.wire(
                "insi", "insi.call", operation="verifierInsIdentite", code=code,
                traits={"NumIdentifiant": person.matricule},
            )  # fmt: skip
    play.bench(
        "expectation", name="ins-untouched", person=person.key, before="avant@b.test", after="apres@b.test",
        matricule=person.matricule,
    )  # fmt: skip
    return play


@pytest.mark.parametrize("changed", [False, True])
def test_a_denied_identity_may_change_no_trait(play, people, changed):
    expected = ["insi.untouched.changed"] if changed else []
    assert played(play, people, changed=changed).codes("insi.untouched") == expected


def test_without_a_denial_nothing_is_concluded(play, people):
    assert played(play, people, changed=True, code="00").subjects("insi.untouched") == []


@pytest.mark.parametrize(
    ("denied", "shown", "codes"),
    [
        (True, True, []),
        (False, False, []),
        (True, False, ["reception.denial-shown.other"]),
        (False, True, ["reception.denial-shown.other"]),
        (True, None, []),
        (None, True, []),
    ],
)
def test_the_work_list_tells_what_insi_denied(play, people, denied, shown, codes):
    sender = Post(people, people.correspondent("t", "hopital", domain="p.test", kind="ORG"), BOX, TODAY)
    letter = kind(sender, people.person("t", "anne"), "discharge")
    play.delivered(letter, then="pending", person=None, denied=denied)
    item = {"id": "i", "message_id": letter.message_id, "unique_id": letter.unique_id, "state": "pending"}
    play.asked("read_inbox", {"items": [{**item, "ins_denied": shown}]})
    assert play.codes("reception.denial-shown") == codes
