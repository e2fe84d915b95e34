"""The wording of a message: its shape, its encoding, the mention of a replacement."""

import pytest

from conformance.checks.mail.body import html_text
from conformance.checks.subjects.message import MailMessage
from conformance.core.check import Context, Registry
from conformance.core.words import Level
from tests.checks.journals import Play, codes
from tests.checks.mails import DOCTOR, letter, plain, spec

HTML = "<html><head><title>x</title><style>p{}</style></head><body><p>Veuillez trouver le <b>document</b> joint.</p>"


def judged(check_id, raw, levels=(Level.ERROR,)):
    return codes(Registry.get(check_id)(MailMessage.from_bytes(raw), Context()), levels)


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def mime(*lines, body=b"x"):
    head = b"From: a <a@b.test>\r\n" + b"".join(line + b"\r\n" for line in lines)
    return head + b"\r\n" + body


# --- shape -------------------------------------------------------------------------------------------------------


def test_plain_text_then_its_html_is_no_fault():
    assert judged("mail.text-body", letter(html=HTML), tuple(Level)) == []


def test_html_alone_is_a_fault():
    raw = mime(b"Content-Type: text/html; charset=utf-8", body=b"<p>x</p>")
    assert judged("mail.text-body", raw) == ["mail.text-body.missing"]


def test_an_empty_text_is_a_fault():
    assert judged("mail.text-body", plain(text="\n")) == ["mail.text-body.empty"]


def parts(kind, *types):
    boundary = b"--b\r\n"
    made = [b"Content-Type: " + t + b"; charset=utf-8\r\n\r\nBonjour\r\n" for t in types]
    return mime(
        b"Content-Type: multipart/" + kind + b"; boundary=b",
        body=boundary + boundary.join(made) + b"--b--\r\n",
    )


def test_html_before_plain_text_is_a_fault():
    assert judged("mail.text-body", parts(b"alternative", b"text/html", b"text/plain")) == ["mail.text-body.order"]


def test_html_beside_plain_text_is_a_fault():
    assert judged("mail.text-body", parts(b"mixed", b"text/plain", b"text/html")) == ["mail.text-body.apart"]


def test_html_that_says_something_else_is_a_fault():
    raw = letter(html="<p>Offre promotionnelle exceptionnelle</p>")
    assert judged("mail.text-body", raw) == ["mail.text-body.differs"]


def test_html_that_says_a_little_more_is_for_a_person_to_look_at():
    raw = letter(html=HTML + "<p>Cordialement</p>")
    assert judged("mail.text-body", raw) == []
    assert judged("mail.text-body", raw, (Level.WARNING,)) == ["mail.text-body.differs"]


def test_styles_and_scripts_say_nothing():
    assert html_text("<style>p{color:red}</style><p>Bonjour&nbsp;vous</p><script>x()</script>").split() == [
        "Bonjour",
        "vous",
    ]


# --- encoding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (b"text/plain; charset=utf-8", "été".encode(), []),
        (b"text/plain; charset=UTF-8", b"ete", []),
        (b"text/plain", b"ete", ["mail.charset.undeclared"]),
        (b"text/plain; charset=us-ascii", b"ete", ["mail.charset.other"]),
        (
            b"text/plain; charset=iso-8859-1",
            "été".encode("latin-1"),
            ["mail.charset.other", "mail.charset.undecodable"],
        ),
        (b"text/plain; charset=utf-8", "été".encode("latin-1"), ["mail.charset.undecodable"]),
    ],
)
def test_texts_are_in_utf8_and_say_so(content_type, body, expected):
    raw = mime(b"Content-Transfer-Encoding: 8bit", b"Content-Type: " + content_type, body=body)
    assert judged("mail.charset", raw) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (b"=?utf-8?q?=C3=A9t=C3=A9?=", []),
        ("été".encode(), []),
        (b"=?iso-8859-1?q?=E9t=E9?=", ["mail.charset.header"]),
        ("été".encode("latin-1"), ["mail.charset.header"]),
    ],
)
def test_headers_leave_ascii_in_utf8_only(subject, expected):
    raw = mime(b"Subject: " + subject, b"Content-Type: text/plain; charset=utf-8")
    assert judged("mail.charset", raw) == expected


def test_the_wording_asked_for_arrives_as_it_was(play):
    play.expect(DOCTOR, text="Message d'essai : été, cœur.")
    play.message(plain(text="Bonjour,\nMessage d'essai : été, cœur.\n-- \nDr Essai"), DOCTOR)
    assert play.codes("mail.charset") == []


def test_a_wording_that_lost_characters_is_a_fault(play):
    play.expect(DOCTOR, text="Message d'essai : été, cœur.")
    play.message(plain(text="Message d'essai : ?t?, c?ur."), DOCTOR)
    assert play.codes("mail.charset") == ["mail.charset.altered"]


# --- replacement -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("Ce document annule et remplace le précédent.", None, []),
        ("Voici le document.", "[Annule et remplace] XDM/1.0/DDM+x", []),
        ("Ce document ANNULE ET\nREMPLACE le précédent.", None, []),
        ("Voici le document.", None, ["mail.replaces-mention.missing"]),
    ],
)
def test_a_replacement_is_said_in_the_subject_or_the_text(play, text, subject, expected):
    play.expect(DOCTOR, document=True, replaces=None)
    play.expect(DOCTOR, document=True, replaces="1.2.3")
    play.message(letter(text="Premier envoi."), DOCTOR)
    play.message(letter(text=text, headers={"Subject": subject} if subject else None), DOCTOR)
    assert len(play.subjects("mail.replaces-mention")) == 1
    assert play.codes("mail.replaces-mention") == expected


def test_a_document_that_replaces_by_itself_calls_for_the_mention(play):
    corrected = spec().next_version(unique_id=f"{spec().unique_id}.2", created=spec().created, text=("Version 2.",))
    play.message(letter(corrected), DOCTOR)
    assert play.codes("mail.replaces-mention") == ["mail.replaces-mention.missing"]
