"""Abnormal results: known by the biologist's code, and announced without a word of the person."""

from email.message import EmailMessage

import pytest
from conformance._bundled.fixtures.inbound import Post, results
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui.results import _beyond, _called_abnormal, _observations

from tests.checks.journals import BOX, IMAP, Play

TO = "titulaire@courriel.test"
TODAY = "2026-03-04T10:00:00+01:00"


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def followed(play, *, abnormal, fetched=True):
    play.bench(
        "expectation", name="abnormal-results", to=TO, abnormal=abnormal, message_id="m@x.test", marks=(TO, "m@x.test"),
        names=["MARTIN-ESSAI", "PAULE"], matricule="2500175123456", results=["potassium", "4.8", "mmol"],
    )  # fmt: skip
    if fetched:
        play.wire(IMAP, "imap.fetch", mailbox=BOX, uid=1, message_id="m@x.test", marks=("m@x.test",))
    return play


def notice(play, text="Un résultat vous attend.", subject="Avis"):
    message = EmailMessage()
    message["Subject"], message["To"] = subject, TO
    message.set_content(text)
    play.wire(
        "notices", "notice.received", rcpt_to=[TO], mail_from="a@b.test", subject=subject, marks=(TO,),
        blobs={"message": message.as_bytes()},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("abnormal", "told", "codes"),
    [
        (True, True, []),
        (True, False, ["results.coded-only.silent"]),
        (False, False, []),
        (False, True, ["results.coded-only.bounds"]),
    ],
)
def test_a_notice_follows_the_code_alone(play, abnormal, told, codes):
    followed(play, abnormal=abnormal)
    if told:
        notice(play)
    assert play.codes("results.coded-only") == codes


def test_nothing_is_concluded_of_a_report_that_was_not_fetched(play):
    assert followed(play, abnormal=True, fetched=False).subjects("results.coded-only") == []


@pytest.mark.parametrize(
    ("text", "subject", "codes"),
    [
        ("Un résultat vous attend.", "Avis", []),
        ("Résultat de Mme Martin Essai.", "Avis", ["results.nothing-personal.name"]),
        ("Un résultat.", "Paule", ["results.nothing-personal.name"]),
        ("INS 2 50 01 75 123 456", "Avis", ["results.nothing-personal.matricule"]),
        ("Potassium : 4.8 mmol/L", "Avis", ["results.nothing-personal.result"] * 3),
        ("Le 14.8.2026 à 10 h", "Avis", []),
    ],
)
def test_a_notice_says_neither_who_nor_what(play, text, subject, codes):
    followed(play, abnormal=True)
    notice(play, text, subject)
    assert play.codes("results.nothing-personal") == codes


@pytest.mark.parametrize(
    ("interpretation", "value", "called", "beyond"), [("H", "4.8", True, False), ("N", "5.4", False, True)]
)
def test_the_reports_of_the_bench_tell_code_from_bounds(interpretation, value, called, beyond):
    people = Population(5)
    post = Post(people, people.correspondent("t", "labo", domain="p.test", kind="ORG"), BOX, TODAY)
    made = results(post, people.person("t", "anne"), interpretation=interpretation, value=value)
    (observation,) = _observations(made.cda)
    assert (_called_abnormal(observation), _beyond(observation)) == (called, beyond)
