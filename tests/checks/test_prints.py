"""What is read on prints: traits, matricule and nature, further traits, the notice, the paper."""

from dataclasses import replace

import pytest
from conformance._bundled.fixtures.documents.datamatrix import ins_payload
from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.documents.pdf import pdf_a1, pdf_of

from conformance.checks.pdf_identity import _behind, _dated, _sexed
from conformance.checks.pdf_text import PdfText, text_of_pdf
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.pdf import PdfFile
from conformance.checks.subjects.printed_identity import PrintedIdentity, printed
from conformance.core.check import Context, Registry
from conformance.core.words import Level
from tests.checks.journals import Play, codes
from tests.checks.mails import ACT, DOCTOR, carrier, spec

OTHER = ins_payload(replace(spec().person, birth_name="VOISIN"))


def judged(check, **changes):
    """The codes of a check on the print of a document of a qualified person, made with ``changes``."""
    one = spec()
    pdf = pdf_of(one, **changes)
    (subject,) = printed([CdaDocument.from_bytes(n1(one, pdf))])
    return codes(Registry.get(check)(subject, Context()))


@pytest.mark.parametrize(
    ("without", "traits", "matricule"),
    [
        ((), [], []),
        (("person",), ["pdf.traits.missing"] * 2, []),
        (("birth",), ["pdf.traits.missing"], []),
        (("sex",), ["pdf.traits.missing"], []),
        (("ins",), [], ["pdf.ins.missing"]),
        (("nature",), [], ["pdf.ins.nature"]),
    ],
)
def test_the_print_of_a_qualified_person_is_read(without, traits, matricule):
    assert judged("pdf.traits", without=without) == traits
    assert judged("pdf.ins", without=without) == matricule


def test_nothing_is_asked_of_the_print_of_an_unqualified_person():
    one = spec(status="validee")
    (subject,) = printed([CdaDocument.from_bytes(n1(one, pdf_of(one, without=("birth", "sex"))))])
    assert [Registry.get(c)(subject, Context()) for c in ("pdf.traits", "pdf.ins")] == [[], []]


def test_a_print_that_does_not_read_is_left_to_a_person():
    document = CdaDocument.from_bytes(n1(spec(), pdf_of(spec())))
    found = Registry.get("pdf.ins")(PrintedIdentity(PdfFile(b"%PDF-1.4 broken"), document), Context())
    assert codes(found, (Level.WARNING,)) == ["pdf.text.unread"]
    assert codes(found) == []


@pytest.mark.parametrize(
    ("text", "date", "found"),
    [
        ("ne le 03/01/1950", "19500103", True),
        ("nee le 3 janvier 1950", "19500103", True),
        ("1er fevrier 1950", "19500201", True),
        ("1950-01-03", "19500103", True),
        ("03011950", "19500103", True),
        ("01/03/1950", "19500103", False),
        ("anything", "1950", False),
    ],
)
def test_a_birth_date_is_read_however_it_is_written(text, date, found):
    assert bool(_dated(PdfText(text), date)) is found


@pytest.mark.parametrize(
    ("text", "sex", "found"),
    [
        ("sexe : f", "F", True),
        ("sexe feminin", "F", True),
        ("ne le 03/01/1950 (m)", "M", True),
        ("sexe : f", "M", False),
        ("f. dupont", "F", False),
        ("sexe", "", False),
    ],
)
def test_a_sex_is_read_by_its_letter_or_a_word(text, sex, found):
    assert _sexed(PdfText(text), sex, "19500103") is found


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("1 50 01 75 123 456 12 (nir)", [" (nir)"]),
        ("150017512345612 nir", [" nir"]),
        ("1500175123456 cle 12 nir", [" nir"]),
        ("9150017512345612 nir", []),
        ("1500175123457 nir", []),
    ],
)
def test_a_matricule_is_read_however_its_figures_are_grouped(text, behind):
    assert _behind(PdfText(text), "150017512345612") == behind


def test_the_notice_is_looked_for_at_the_foot():
    text = "Mention du site, longue assez pour tenir sur plus d'une ligne au bas de la page. " * 3
    low = pdf_a1("Titre", ["Corps"], footer=text, created=ACT)
    high = pdf_a1("Titre", [text, "Corps"], created=ACT)
    assert [bool(t.feet and t.feet[0]) for t in map(text_of_pdf, (low, high))] == [True, True]
    assert "mention" in text_of_pdf(low).feet[0]
    assert "mention" not in text_of_pdf(high).feet[0]
    assert text_of_pdf(high).spells("longue assez")


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def sent(play, one, to=DOCTOR):
    play.expect(to)
    return play.message(bytes(carrier(one)), to)


@pytest.mark.parametrize(
    ("footer", "text", "expected"),
    [
        ("Mention du site", "corps", []),
        ("", "corps", ["pdf.footer.missing"]),
        ("", "Mention du site", ["pdf.footer.elsewhere"]),
    ],
)
def test_each_print_that_leaves_bears_the_notice(play, footer, text, expected):
    play.bench("expectation", name="printed-notice", to=DOCTOR, text="Mention du site")
    sent(play, replace(spec(), unique_id=f"2.25.{len(footer) + len(text)}", footer=footer, text=(text,)))
    assert set(play.codes("pdf.footer")) == set(expected)


def test_a_choice_of_the_site_is_read_on_the_prints_of_two_authors(play):
    person = replace(spec().person, used_name="USAGE-FICTIF")
    colleague = replace(spec().author, identifier="899700000099")
    for n, (user, author, shown) in enumerate(
        [("first", spec().author, ("used_name",)), ("second", colleague, ())], start=1
    ):
        to = f"{user}@pro.a.mss.test"
        play.bench(
            "expectation", name="printed-traits", to=to, user=user, person="p", traits={"used_name": "USAGE-FICTIF"}
        )
        sent(
            play,
            replace(spec(), unique_id=f"2.25.90{n}", person=person, author=author, printed_traits=shown),
            to,
        )
    assert play.codes("pdf.more-traits") == []
    assert set(play.codes("pdf.site-traits")) == {"pdf.site-traits.missing"}


def test_one_author_says_nothing_of_the_site(play):
    for user in ("first", "second"):
        to = f"{user}@pro.a.mss.test"
        play.bench("expectation", name="printed-traits", to=to, user=user, person="p", traits={"used_name": "X"})
        sent(play, spec(), to)
    assert play.subjects("pdf.site-traits") == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"datamatrix": OTHER}, ["pdf.paper.symbol"]),
        ({"without": ("sex",)}, ["pdf.paper.words"]),
        ({"without": ("sex",), "datamatrix": OTHER}, ["pdf.paper.words", "pdf.paper.symbol"]),
    ],
)
def test_the_paper_is_compared_with_what_was_sent(play, changes, expected):
    one = spec()
    sent(play, one)
    play.bench("stimulus", operation="read_print", parameters={"document": "d"})
    answer = {"window": play.window, "operation": "read_print", "status": 200, "outcome": "done", "body": {}}
    play.journal.append(
        "scenario", "a", "answer", provenance="product", data=answer, blobs={"content": pdf_of(one, **changes)}
    )
    assert play.codes("pdf.paper", levels=(Level.ERROR, Level.WARNING)) == expected
    assert play.codes("pdf.paper") == [code for code in expected if code != "pdf.paper.words"]
