"""Replies, ends of exchange and read receipts: what each check says of a right message and of each fault."""

from email import message_from_bytes
from email.policy import default

import pytest
from conformance._bundled.reference_dui.composing import as_bytes
from conformance._bundled.reference_dui.receipts import receipt
from conformance._bundled.reference_dui.sins import Sins

from conformance.checks.subjects.mime import parse
from conformance.core.words import Level
from tests.checks.journals import BOX, Play
from tests.checks.mails import DOCTOR, PATIENTS, plain

ORIGINAL = "received@pro.a.mss.test"
EARLIER = "earlier@pro.a.mss.test"
CITIZEN = f"255085523998017@{PATIENTS}"


@pytest.fixture
def play(tmp_path):
    made = Play(tmp_path)
    made.mailbox()
    return made


def asking(*, to=DOCTOR):
    headers = {"Message-ID": f"<{ORIGINAL}>", "From": DOCTOR, "Disposition-Notification-To": to, "Subject": "Question"}
    return message_from_bytes(plain(headers=headers), policy=default)


def returned(sins=(), change=lambda raw: raw):
    return change(as_bytes(receipt(asking(), reader=BOX, reader_name="Dr_Camille_ESSAI", sins=Sins(sins))))


# --- replies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "codes", "warnings"),
    [
        ({"In-Reply-To": f"<{ORIGINAL}>", "References": f"<{EARLIER}> <{ORIGINAL}>"}, [], []),
        ({"In-Reply-To": f"<{ORIGINAL.upper()}>", "References": f"<{EARLIER}>   <{ORIGINAL}>"}, [], []),
        ({"In-Reply-To": f"<{ORIGINAL}>", "References": f"<{ORIGINAL}>"}, [], ["mail.reply-thread.shortened"]),
        ({"References": f"<{EARLIER}> <{ORIGINAL}>"}, ["mail.reply-thread.in-reply-to"], []),
        ({"In-Reply-To": f"<{ORIGINAL}>"}, ["mail.reply-thread.references"], []),
        ({}, ["mail.reply-thread.in-reply-to", "mail.reply-thread.references"], []),
        (
            {"In-Reply-To": f"<{EARLIER}>", "References": f"<{ORIGINAL}> <{EARLIER}>"},
            ["mail.reply-thread.in-reply-to", "mail.reply-thread.references"],
            [],
        ),
    ],
)
def test_a_reply_names_its_original(play, headers, codes, warnings):
    play.expect(DOCTOR, in_reply_to=ORIGINAL, references=[EARLIER, ORIGINAL])
    play.message(plain(headers=headers), DOCTOR)
    assert play.codes("mail.reply-thread") == codes
    assert play.codes("mail.reply-thread", levels=(Level.WARNING,)) == warnings


def test_only_a_reply_is_judged_as_one(play):
    play.expect(DOCTOR)
    play.message(plain(), DOCTOR)
    assert play.subjects("mail.reply-thread") == []


# --- the end of an exchange --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "value", "codes"),
    [
        (True, "FIN", []),
        (False, None, []),
        (True, None, ["mail.mes-end-on-demand.missing"]),
        (False, "FIN", ["mail.mes-end-on-demand.unwanted"]),
    ],
)
def test_the_end_is_said_on_demand(play, wanted, value, codes):
    play.expect(CITIZEN, "citizen", no_reply=wanted)
    play.message(plain(headers={"X-MSS-MES": value}), CITIZEN)
    assert play.codes("mail.mes-end-on-demand") == codes


def test_nothing_is_concluded_where_nothing_was_asked(play):
    play.expect(CITIZEN, "citizen")
    play.message(plain(headers={"X-MSS-MES": "FIN"}), CITIZEN)
    assert play.subjects("mail.mes-end-on-demand") == []


# --- read receipts -----------------------------------------------------------------------------------------------


def wanted(play):
    return play.bench("expectation", name="receipt", to=DOCTOR, original_message_id=ORIGINAL, mailbox=BOX)


def test_a_receipt_of_rfc_8098_passes(play):
    wanted(play)
    play.message(returned(), DOCTOR)
    assert play.findings("mail.read-receipt-returned") == []


def test_no_receipt_is_concluded_in_a_settled_window_only(play):
    wanted(play)
    play.message(plain(), DOCTOR)
    assert play.codes("mail.read-receipt-returned") == ["mail.read-receipt-returned.missing"]


def test_an_aborted_window_says_nothing_of_a_missing_receipt(play):
    wanted(play)
    play.close("aborted")
    assert play.subjects("mail.read-receipt-returned") == []


def test_a_receipt_that_the_operator_refused_did_not_leave(play):
    wanted(play)
    play.message(returned(), DOCTOR, reply=550)
    assert play.codes("mail.read-receipt-returned") == ["mail.read-receipt-returned.missing"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'report-type="disposition-notification"', b'report-type="delivery-status"', "type"),
        (b"Original-Message-ID: <received@", b"Original-Message-ID: <another@", "original"),
        (b"Original-Message-ID:", b"X-Original:", "original"),
        (b"Final-Recipient:", b"X-Final:", "reader"),
        (b"manual-action/MDN-sent-manually; displayed", b"read", "disposition"),
        (b"Content-Type: message/disposition-notification", b"Content-Type: application/x-other", "report"),
        (b"Content-Type: text/plain", b"Content-Type: application/x-words", "words"),
    ],
)
def test_each_fault_of_a_receipt_has_its_code(play, old, new, code):
    wanted(play)
    raw = returned(change=lambda raw: raw.replace(old, new))
    assert raw != returned()
    play.message(raw, DOCTOR)
    assert f"mail.read-receipt-returned.{code}" in play.codes("mail.read-receipt-returned")


def test_another_disposition_is_a_remark(play):
    wanted(play)
    play.message(returned(change=lambda raw: raw.replace(b"; displayed", b"; processed")), DOCTOR)
    assert play.codes("mail.read-receipt-returned") == []
    assert play.codes("mail.read-receipt-returned", levels=(Level.WARNING,)) == ["mail.read-receipt-returned.other"]


def test_a_receipt_to_somebody_else_answers_nothing(play):
    wanted(play)
    play.message(returned(), "other@pro.a.mss.test")
    assert play.codes("mail.read-receipt-returned") == ["mail.read-receipt-returned.missing"]


def test_the_fields_of_a_report_are_read_unfolded():
    (report,) = [leaf for leaf in parse(returned()).leaves if leaf.content_type == "message/disposition-notification"]
    assert f"Original-Message-ID: <{ORIGINAL}>" in report.content.decode().splitlines()
