"""The headers of a message: MSSanté's own, its identifier, its sender, its subject."""

import pytest

from conformance.checks.subjects.message import MailMessage
from conformance.core.check import Context, Registry
from conformance.core.words import Level
from tests.checks.journals import BOX, REFERENCE, Play, codes
from tests.checks.mails import DOCTOR, carrier, letter, made, person, plain, spec

IN_A_RUN = Context(product={"reference": REFERENCE})
ALONE = Context(alone=True)


def judged(check_id, raw, context=IN_A_RUN, levels=(Level.ERROR,)):
    return codes(Registry.get(check_id)(MailMessage.from_bytes(raw), context), levels)


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


@pytest.mark.parametrize("check", sorted(c.id for c in Registry.for_subject(MailMessage)))
@pytest.mark.parametrize("context", [IN_A_RUN, ALONE], ids=["run", "alone"])
def test_a_conforming_message_has_no_fault(check, context):
    for raw in (carrier(), letter(), carrier(spec(), spec(type_code="11490-0"))):
        assert judged(check, raw, context, tuple(Level)) == []


@pytest.mark.parametrize(
    "check",
    ["mail.nil", "mail.codecda", "mail.ins", "mail.message-id", "mail.from-name", "mail.charset", "mail.text-body"],
)
def test_a_conforming_plain_message_has_no_fault(check):
    assert judged(check, plain(), levels=tuple(Level)) == []


@pytest.mark.parametrize(
    ("check", "headers", "code"),
    [
        ("mail.nil", {"X-MSS-NIL": None}, "mail.nil.missing"),
        ("mail.nil", {"X-MSS-NIL": [REFERENCE, REFERENCE]}, "mail.nil.repeated"),
        ("mail.nil", {"X-MSS-NIL": "ANOTHER"}, "mail.nil.other"),
        ("mail.nil", {"X-MSS-NIL": ""}, "mail.nil.empty"),
        ("mail.codecda", {"X-MSS-CODECDA": None}, "mail.codecda.missing"),
        ("mail.codecda", {"X-MSS-CODECDA": "11490-0"}, "mail.codecda.other"),
        ("mail.codecda", {"X-MSS-CODECDA": "80788-3,11490-0"}, "mail.codecda.other"),
        ("mail.codecda", {"X-MSS-CODECDA": ["80788-3", "80788-3"]}, "mail.codecda.repeated"),
        ("mail.ins", {"X-MSS-INS": None}, "mail.ins.missing"),
        ("mail.ins", {"X-MSS-INS": "N"}, "mail.ins.other"),
        ("mail.ins", {"X-MSS-INS": "Oui"}, "mail.ins.value"),
        ("mail.ins", {"X-MSS-INS": ["O", "O"]}, "mail.ins.repeated"),
        ("mail.mes-end", {"X-MSS-MES": "fin"}, "mail.mes-end.value"),
        ("mail.mes-end", {"X-MSS-MES": ["FIN", "FIN"]}, "mail.mes-end.repeated"),
        ("mail.message-id", {"Message-ID": None}, "mail.message-id.missing"),
        ("mail.message-id", {"Message-ID": "m1"}, "mail.message-id.malformed"),
        ("mail.from-name", {"From": None}, "mail.from-name.sender"),
        ("mail.from-name", {"From": f"a <{BOX}>, b <b@a.mss.test>"}, "mail.from-name.sender"),
        ("mail.from-name", {"From": BOX}, "mail.from-name.missing"),
        ("mail.from-name", {"From": f'"{BOX}" <{BOX}>'}, "mail.from-name.missing"),
        ("mail.subject", {"Subject": None}, "mail.subject.missing"),
        ("mail.subject", {"Subject": "Document"}, "mail.subject.prefix"),
        ("mail.subject", {"Subject": "XDM/1.0/DDM+Document"}, "mail.subject.differs"),
    ],
)
def test_each_fault_of_a_header_is_found(check, headers, code):
    assert judged(check, letter(headers=headers)) == [code]


@pytest.mark.parametrize("value", [b"m1", b"<m1@a b.test>", b"<m1>", b"<m1@@b.test>", "<é@b.test>".encode(), b""])
def test_a_malformed_identifier_is_judged_as_written(value):
    assert judged("mail.message-id", letter().replace(b"<m1@a.mss.test>", value)) == ["mail.message-id.malformed"]


def test_a_header_is_said_at_its_line():
    raw = letter(headers={"X-MSS-NIL": "ANOTHER"})
    (found,) = Registry.get("mail.nil")(MailMessage.from_bytes(raw), IN_A_RUN)
    assert found.where.header == "X-MSS-NIL"
    assert raw.split(b"\r\n")[found.where.line - 1] == b"X-MSS-NIL: ANOTHER"
    assert (found.expected, found.got) == (REFERENCE, "ANOTHER")


def test_alone_the_product_reference_only_has_to_be_there():
    assert judged("mail.nil", letter(headers={"X-MSS-NIL": "ANOTHER"}), ALONE) == []
    assert judged("mail.nil", letter(headers={"X-MSS-NIL": None}), ALONE) == ["mail.nil.missing"]


@pytest.mark.parametrize(
    ("check", "headers"),
    [
        ("mail.codecda", {"X-MSS-CODECDA": "80788-3"}),
        ("mail.ins", {"X-MSS-INS": "N"}),
        ("mail.ins", {"X-MSS-INS": "O"}),
    ],
)
def test_without_a_document_the_header_must_be_absent(check, headers):
    assert judged(check, plain(headers=headers)) == [f"{check}.unexpected"]


def test_an_unqualified_person_calls_for_n():
    lesser = spec("provisoire", "provisoire")
    assert judged("mail.ins", letter(lesser, headers={"X-MSS-INS": "N"})) == []
    assert judged("mail.ins", letter(lesser, headers={"X-MSS-INS": "O"})) == ["mail.ins.other"]


def test_codes_may_come_in_any_order_with_spaces():
    both = (spec(), spec(type_code="11490-0"))
    assert judged("mail.codecda", letter(*both, headers={"X-MSS-CODECDA": "11490-0, 80788-3"})) == []
    assert judged("mail.codecda", letter(*both, headers={"X-MSS-CODECDA": "80788-3"})) == ["mail.codecda.other"]


def test_where_the_archive_says_nothing_its_headers_cannot_pass():
    broken = letter(archives=[("IHE_XDM.ZIP", b"PK\x03\x04 not a zip")])
    for check in ("mail.codecda", "mail.ins", "mail.subject", "mail.pdf-twin", "mail.pdf-name", "mail.one-person"):
        assert "mail.no-document" in judged(check, broken)


# --- subject -----------------------------------------------------------------------------------------------------


def test_the_birth_date_is_optional_and_the_first_name_has_no_fixed_case():
    whole = made().subject
    without = whole.rpartition(" ")[0]
    label, _, first = without.rpartition(" ")
    for subject in (whole, without, f"{label} {first.capitalize()}", f"[Annule et remplace] {whole}"):
        assert judged("mail.subject", letter(headers={"Subject": subject})) == []


def test_the_mention_may_stand_behind_the_prefix():
    whole = made().subject.removeprefix("XDM/1.0/DDM+")
    subject = f"XDM/1.0/DDM+[Annule et remplace] {whole}"
    assert judged("mail.subject", letter(headers={"Subject": subject})) == []


@pytest.mark.parametrize("change", [str.lower, lambda s: s.replace(" ", "_"), lambda s: s[:-1], lambda s: s + " x"])
def test_any_other_wording_of_the_subject_is_found(change):
    prefix, rest = "XDM/1.0/DDM+", made().subject.removeprefix("XDM/1.0/DDM+")
    assert judged("mail.subject", letter(headers={"Subject": prefix + change(rest)})) == ["mail.subject.differs"]


def test_the_length_of_the_label_is_a_parameter():
    shorter = Context(parameters={"subject": {"label_length": 10}})
    whole = made().subject.removeprefix("XDM/1.0/DDM+")
    name = person().birth_name
    cut = f"XDM/1.0/DDM+{whole[:10].strip()} {whole[whole.index(name) :]}"
    assert judged("mail.subject", letter(), shorter) == ["mail.subject.differs"]
    assert judged("mail.subject", letter(headers={"Subject": cut}), shorter) == []


def test_several_documents_are_counted():
    both = (spec(), spec(type_code="11490-0"))
    assert "+2 documents " in made(*both).subject
    assert judged("mail.subject", letter(*both, headers={"Subject": made().subject})) == ["mail.subject.differs"]


# --- with what the scenario expects ------------------------------------------------------------------------------


def test_an_identifier_serves_one_message(play):
    play.expect(DOCTOR)
    play.message(plain(text="un"), DOCTOR)
    play.message(plain(text="deux"), DOCTOR)
    assert play.codes("mail.message-id") == ["mail.message-id.shared"] * 2


def test_the_same_message_to_two_recipients_may_share_its_identifier(play):
    play.message(plain(), DOCTOR)
    play.message(plain(), "other@pro.a.mss.test")
    assert play.codes("mail.message-id") == []


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("PER", "Dr_Marie_MARTIN_Cabinet médical", None),
        ("PER", "Marie_MARTIN", None),
        ("PER", "Marie Martin", "mail.from-name.person"),
        ("PER", "Dr_Marie_Martin", "mail.from-name.person"),
        ("PER", "Résidence d'essai", "mail.from-name.person"),
        ("ORG", "Résidence d'essai - Soins", None),
        ("APP", "Résidence d'essai - DUI", None),
    ],
)
def test_the_name_of_the_sender_follows_the_kind_of_its_box(play, kind, name, code):
    play.mailbox(kind)
    play.message(letter(headers={"From": f'"{name}" <{BOX}>'}), DOCTOR)
    assert play.codes("mail.from-name") == ([code] if code else [])


def test_an_unknown_title_is_told(play):
    play.mailbox("PER")
    play.message(letter(headers={"From": f"Jean_Dupont_EHPAD <{BOX}>"}), DOCTOR)
    assert play.codes("mail.from-name", levels=(Level.WARNING,)) == ["mail.from-name.title"]


def test_the_end_of_an_exchange_is_for_citizens(play):
    citizen = "123456789012345@patient.a.mss.test"
    play.expect(DOCTOR)
    play.expect(citizen, audience="citizen")
    raw = plain(headers={"X-MSS-MES": "FIN"})
    play.message(raw, citizen)
    assert play.codes("mail.mes-end") == []


def test_the_end_of_an_exchange_is_not_for_professionals(play):
    play.expect(DOCTOR)
    play.message(plain(headers={"X-MSS-MES": "FIN"}), DOCTOR)
    assert play.codes("mail.mes-end") == ["mail.mes-end.audience"]
