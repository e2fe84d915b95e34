"""Whom messages reach, whom they must not reach, and what the judge makes of it."""

import pytest

from conformance.core.profile import profile_of
from conformance.core.words import Verdict
from conformance.judge import Judge
from tests.checks.journals import BOX, Play
from tests.checks.mails import DOCTOR, PATIENTS, letter, person, plain

NURSE = "infirmiere@pro.a.mss.test"
CITIZEN = f"{person().ins}@{PATIENTS}"
OPPOSED = f"{person('opposition').ins}@{PATIENTS}"


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def judged(play, *checks):
    """The verdict of one requirement verified by these checks in the scenario played."""
    play.close()
    text = {"fr": "essai", "en": "trial"}
    aspect = {
        "id": "a", "statement": text, "verification": "automatic", "checks": list(checks), "scenarios": [play.scenario],
    }  # fmt: skip
    raw = {
        "name": "trial", "title": text, "referential": "TRIAL", "version": "1", "notice": text, "sources": ["-"],
        "requirements": [
            {
                "id": "R1", "level": "DOIT", "class": "W", "chapter": "MSS", "statement": text, "source": "-",
                "aspects": [aspect],
            }
        ],
    }  # fmt: skip
    (verdict,) = Judge(play.evidence, profile_of(raw, digest="", origin="trial")).verdicts()
    return verdict


# --- reached -----------------------------------------------------------------------------------------------------


def test_every_expected_recipient_is_reached(play):
    play.expect(DOCTOR)
    play.expect(NURSE)
    first = play.message(plain(), DOCTOR.upper())
    play.message(plain(), NURSE)
    subjects = play.subjects("mail.reached-recipient")
    assert [len(s.answered) for s in subjects] == [1, 1]
    assert first in subjects[0].evidence
    assert play.codes("mail.reached-recipient") == []


def test_the_recipient_who_was_not_reached_is_named(play):
    play.expect(DOCTOR)
    play.expect(NURSE)
    play.message(plain(), DOCTOR)
    (found,) = play.findings("mail.reached-recipient")
    assert (found.code, found.expected) == ("mail.reached-recipient.nobody", NURSE)
    assert NURSE in found.message("fr")


def test_a_message_that_the_operator_refused_reaches_nobody(play):
    play.expect(DOCTOR)
    play.message(plain(), DOCTOR, reply=552)
    assert play.codes("mail.reached-recipient") == ["mail.reached-recipient.refused"]


def test_two_messages_expected_at_one_address_are_two(play):
    play.expect(DOCTOR, document=True, replaces=None)
    play.expect(DOCTOR, document=True, replaces="1.2.3")
    play.message(letter(), DOCTOR)
    assert play.codes("mail.reached-recipient") == ["mail.reached-recipient.nobody"]


@pytest.mark.parametrize("stop", ["hinder", "aborted"])
def test_nothing_is_concluded_from_a_scenario_that_stopped(play, stop):
    play.expect(DOCTOR)
    play.expect(NURSE)
    play.message(plain(), DOCTOR)
    play.hinder() if stop == "hinder" else play.close("aborted")
    (subject,) = play.subjects("mail.reached-recipient")
    assert subject.to == DOCTOR


# --- the judge ---------------------------------------------------------------------------------------------------


def test_the_judge_passes_what_the_wire_shows(play):
    play.expect(DOCTOR)
    play.message(plain(), DOCTOR)
    assert judged(play, "mail.reached-recipient", "mail.nil", "mail.charset").verdict is Verdict.PASS


def test_the_judge_fails_a_message_under_another_reference(play):
    play.expect(DOCTOR)
    play.message(plain(headers={"X-MSS-NIL": "ANOTHER"}), DOCTOR)
    verdict = judged(play, "mail.reached-recipient", "mail.nil")
    assert verdict.verdict is Verdict.FAIL
    assert [f.code for f in verdict.findings] == ["mail.nil.other"]


def test_the_judge_blocks_a_window_without_any_message(play):
    assert judged(play, "mail.nil").verdict is Verdict.BLOCKED


def test_the_judge_passes_absence_beside_its_control_only(play):
    play.expect(CITIZEN, audience="citizen", document=True)
    seen = play.message(letter(), CITIZEN)
    play.control(seen)
    play.forbid(OPPOSED)
    assert judged(play, "mail.opposition-citizen").verdict is Verdict.PASS


def test_the_judge_blocks_absence_without_control(play):
    play.expect(CITIZEN, audience="citizen", document=True)
    play.message(letter(), CITIZEN)
    play.forbid(OPPOSED)
    verdict = judged(play, "mail.opposition-citizen")
    assert verdict.verdict is Verdict.BLOCKED
    assert verdict.aspects[0].reason == ("reason.no-control", (("check", "mail.opposition-citizen"),))


def test_the_judge_fails_a_message_in_spite_of_the_opposition(play):
    play.expect(CITIZEN, audience="citizen", document=True)
    play.control(play.message(letter(), CITIZEN))
    play.forbid(OPPOSED)
    play.message(plain(), OPPOSED)
    verdict = judged(play, "mail.opposition-citizen")
    assert (verdict.verdict, verdict.findings[0].got) == (Verdict.FAIL, OPPOSED)


# --- absence -----------------------------------------------------------------------------------------------------

ABSENCE = pytest.mark.parametrize(
    ("check_id", "audience", "to"),
    [
        ("mail.opposition-citizen", "citizen", OPPOSED),
        ("mail.citizen-qualified-only", "citizen", OPPOSED),
        ("mail.opposition-professional", "professional", NURSE),
    ],
)


@ABSENCE
def test_a_window_without_the_forbidden_message_has_no_fault(play, check_id, audience, to):
    play.expect(DOCTOR)
    play.message(plain(), DOCTOR)
    play.forbid(to, audience)
    (subject,) = play.subjects(check_id)
    assert subject.breaches == ()
    assert play.codes(check_id) == []


@ABSENCE
@pytest.mark.parametrize("reply", [250, 550])
def test_the_forbidden_message_is_found_even_refused(play, check_id, audience, to, reply):
    play.forbid(to, audience)
    play.message(plain(), DOCTOR, to.upper(), reply=reply)
    assert play.codes(check_id) == [f"{check_id}.sent"]


@ABSENCE
def test_an_attempt_that_never_became_a_message_is_found(play, check_id, audience, to):
    play.forbid(to, audience)
    play.command("RCPT", f"TO:<{to}>")
    play.command("RCPT", f"TO:<{DOCTOR}>")
    assert play.codes(check_id) == [f"{check_id}.sent"]


def test_a_wrongly_built_box_is_still_a_message_to_a_citizen(play):
    play.forbid(OPPOSED, "citizen")
    play.forbid(f"@{PATIENTS}", "citizen", why="status provisoire")
    play.message(plain(), f"{person('opposition').matricule}@{PATIENTS}")
    assert play.codes("mail.citizen-qualified-only") == ["mail.citizen-qualified-only.sent"]


def test_expectations_of_another_audience_are_not_this_check_s_matter(play):
    play.forbid(NURSE, "professional")
    assert play.subjects("mail.opposition-citizen") == []


# --- citizens ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "parameters", "expected"),
    [
        (15, {}, []),
        (13, {}, ["mail.citizen-address.other"]),
        (13, {"patient_address": {"matricule_length": 13}}, []),
        (15, {"patient_address": {"matricule_length": 13}}, ["mail.citizen-address.other"]),
    ],
)
def test_a_citizen_s_box_is_named_by_the_matricule(play, digits, parameters, expected):
    play.expect(CITIZEN, audience="citizen", matricule=person().ins)
    play.message(letter(), f"{person().ins[:digits]}@{PATIENTS}")
    assert play.codes("mail.citizen-address", parameters) == expected


def test_the_key_is_computed_where_the_scenario_gives_thirteen_characters(play):
    play.expect(CITIZEN, audience="citizen", matricule=person().matricule)
    play.message(letter(), CITIZEN)
    assert play.codes("mail.citizen-address") == []


def test_the_box_of_somebody_else_is_a_fault(play):
    play.expect(CITIZEN, audience="citizen", matricule=person().ins)
    play.message(letter(), OPPOSED)
    assert play.codes("mail.citizen-address") == ["mail.citizen-address.other"]


def test_messages_to_professionals_have_no_citizen_s_address(play):
    play.expect(CITIZEN, audience="citizen", matricule=person().ins)
    play.message(letter(), DOCTOR)
    assert play.subjects("mail.citizen-address") == []


# --- receipts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Disposition-Notification-To": BOX}, []),
        ({}, ["mail.read-receipt-requested.missing"]),
        ({"Disposition-Notification-To": "oui"}, ["mail.read-receipt-requested.malformed"]),
        ({"Disposition-Notification-To": [BOX, BOX]}, ["mail.read-receipt-requested.repeated"]),
    ],
)
def test_the_receipt_asked_for_is_in_the_message(play, headers, expected):
    play.expect(DOCTOR, read_receipt=True)
    play.expect(NURSE, read_receipt=False)
    play.message(plain(headers=headers), DOCTOR)
    play.message(plain(), NURSE)
    assert len(play.subjects("mail.read-receipt-requested")) == 1
    assert play.codes("mail.read-receipt-requested") == expected
