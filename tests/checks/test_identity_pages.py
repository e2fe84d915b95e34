"""What the bench's browser saw of persons and identities, on journals played by hand."""

import pytest

from conformance.bench.sight import _met
from conformance.core.words import Level, Provenance
from tests.checks.journals import LANE, Play

ALL = tuple(Level)
WORDS = ("provisoire", "récupérée", "validée", "qualifiée")


class Pages(Play):
    """A window in which a browser reads the pages of identities."""

    def see(self, purpose, *shows, status=200):
        data = {
            "window": self.window, "browser": "identity", "purpose": purpose, "url": "http://dui.test/", "status": status,
            "location": None, "shows": list(shows), "cookies": [],
        }  # fmt: skip
        self.journal.append(
            "scenario", LANE, "browser.visit", provenance=Provenance.PROBE, data=data, marks=("browser:identity",)
        )

    def search(self, what, found, others=(), letters=("",)):
        self.bench(
            "expectation", name="ins-listed", what=what, label="identity", letters=list(letters),
            purposes=[f"{what} {n}" for n in range(len(letters))], found=list(found), others=list(others),
        )  # fmt: skip

    def status(self, case, status):
        self.bench(
            "expectation", name="ins-status", label="identity", purpose=f"status {case}", case=case, status=status
        )


@pytest.fixture
def pages(tmp_path):
    made = Pages(tmp_path)
    made.bench("expectation", name="browser", label="identity", marks=("browser:identity",))
    return made


def test_a_search_that_shows_whom_it_designates_passes(pages) -> None:
    pages.search("date", ["UN", "DEUX"], ["TROIS"])
    pages.see("nobody")
    pages.see("date 0", "UN", "DEUX")
    assert pages.codes("vigilance.search") == []
    assert len(pages.subjects("vigilance.search")) == 1
    assert pages.subjects("vigilance.search-spelling") == []


def test_somebody_missing_and_somebody_else_fail(pages) -> None:
    pages.search("date", ["UN", "DEUX"], ["TROIS"])
    pages.see("date 0", "UN", "TROIS")
    assert pages.codes("vigilance.search") == ["vigilance.search.missing", "vigilance.search.extra"]


def test_one_spelling_that_finds_is_enough(pages) -> None:
    pages.search("hyphen", ["UN"], ["DEUX"], letters=("le g", "leg"))
    pages.see("hyphen 0")
    pages.see("hyphen 1", "UN")
    assert pages.codes("vigilance.search-spelling") == []
    assert len(pages.subjects("vigilance.search-spelling")) == 1


def test_whoever_is_always_shown_is_not_held_against_the_search(pages) -> None:
    pages.search("date", ["UN"], ["DEUX"])
    pages.see("nobody", "DEUX")
    pages.see("date 0", "UN", "DEUX")
    assert pages.codes("vigilance.search") == []


def test_pages_that_show_nobody_at_all_prove_nothing(pages) -> None:
    pages.search("date", ["UN"])
    pages.see("date 0")
    assert pages.subjects("vigilance.search") == []


def test_a_search_that_was_not_answered_makes_no_subject(pages) -> None:
    pages.search("date", ["UN"])
    pages.search("name", ["UN"])
    pages.see("date 0", "UN")
    pages.see("name 0", status=302)
    assert [one.what for one in pages.subjects("vigilance.search")] == ["date"]


def shown(pages, *shows):
    traits = {
        "birth_name": ["NOM"],
        "first_name": ["PRENOM"],
        "birth_date": ["1950-01-02", "02/01/1950"],
        "oid": ["1.2"],
    }
    pages.bench("expectation", name="ins-shown", label="identity", purpose="record", person="p", traits=traits)
    pages.see("record", *shows)


def test_each_trait_counts_in_any_spelling(pages) -> None:
    shown(pages, "NOM", "PRENOM", "02/01/1950", "1.2")
    assert pages.codes("vigilance.fields", levels=ALL) == []


def test_a_trait_always_due_fails_and_another_concludes_nothing(pages) -> None:
    shown(pages, "NOM", "PRENOM")
    assert pages.codes("vigilance.fields", levels=ALL) == ["vigilance.fields.missing", "vigilance.fields.unseen"]
    assert pages.codes("vigilance.fields") == ["vigilance.fields.missing"]


def test_a_record_that_shows_nothing_proves_nothing(pages) -> None:
    shown(pages)
    assert pages.subjects("vigilance.fields") == []


def test_the_word_of_the_status_decides(pages) -> None:
    for case, words in (("right", ["validée"]), ("wrong", ["qualifiée"]), ("legend", WORDS), ("icon", [])):
        pages.status(case, "validée")
        pages.see(f"status {case}", *words)
    findings = pages.findings("vigilance.status-shown")
    assert [(f.code, f.values["case"]) for f in findings] == [
        ("vigilance.status-shown.other", "wrong"),
        ("vigilance.status-shown.several", "legend"),
        ("vigilance.status-shown.unseen", "icon"),
    ]
    assert pages.codes("vigilance.status-shown") == ["vigilance.status-shown.other"]


def test_pages_without_any_status_prove_nothing(pages) -> None:
    pages.status("case", "validée")
    pages.see("status case")
    assert pages.subjects("vigilance.status-shown") == []


@pytest.mark.parametrize(
    ("page", "text", "met"),
    [
        ("<b>Le&nbsp;</b><i>Goff</i>", "LE-GOFF", False),
        ("<b>Le \N{NO-BREAK SPACE}</b><i>Goff</i>", "LE-GOFF", True),
        ("<td>1 84 03 2B 020</td>", "184032B020", True),
        ('<input value="1984-03-02">', "1984-03-02", True),
        ("<p>Récupérée</p>", "récupérée", True),
        ("<p>Autre</p>", "récupérée", False),
    ],
)
def test_a_text_is_met_by_its_letters_and_digits(page, text, met) -> None:
    assert bool(_met(page, (text,), loosely=True)) is met


def created(play, outcome="done", person="p", missing=""):
    name = "ins-incomplete" if missing else "ins-created"
    traits = {"birth_name": "NOM", "first_name": "PRENOM", "birth_date": "1950-01-02"}
    play.bench(
        "expectation", name=name, person=person, to="x@pro.test", missing=missing, marks=("x@pro.test",), **traits
    )
    play.bench("stimulus", operation="create_person", parameters={"person": person})
    play.bench("answer", provenance=Provenance.PRODUCT, operation="create_person", status=0, outcome=outcome, body={})


@pytest.mark.parametrize(
    ("outcome", "codes"), [("refused", ["vigilance.created.refused"]), ("done", ["vigilance.created.unseen"])]
)
def test_a_creation_that_is_refused_fails_and_one_that_nothing_showed_concludes_nothing(pages, outcome, codes) -> None:
    created(pages, outcome)
    assert pages.codes("vigilance.created", levels=ALL) == codes


def called(play, **traits):
    play.wire("insi", "insi.call", operation="x", traits=traits, marks=())


def test_an_incomplete_person_must_be_refused(pages) -> None:
    for trait in ("birth_name", "birth_date", "sex"):
        created(pages, "refused", f"p-{trait}", trait)
    created(pages, "done", "done", "sex")
    created(pages, "not_offered", "not-offered", "sex")
    assert pages.codes("vigilance.incomplete-refused") == ["vigilance.incomplete-refused.created"]
    assert len(pages.subjects("vigilance.incomplete-refused")) == 4


@pytest.mark.parametrize(
    ("missing", "traits", "met"),
    [
        ("birth_name", {"DateNaissance": "1950-01-02"}, True),
        ("birth_name", {"NomNaissance": "AUTRE", "DateNaissance": "1950-01-02"}, False),
        ("birth_date", {"NomNaissance": "Nom"}, True),
        ("sex", {"NomNaissance": "NOM", "DateNaissance": "1950-01-02"}, True),
    ],
)
def test_a_call_about_a_person_who_was_to_be_refused_fails(pages, missing, traits, met) -> None:
    created(pages, "refused", missing=missing)
    called(pages, **traits)
    assert pages.codes("vigilance.incomplete-refused") == (["vigilance.incomplete-refused.called"] if met else [])


def traced(play, rows):
    play.bench("expectation", name="ins-traced", person="usager-7")
    for operation, body in (("create_person", {}), ("read_person", {}), ("read_traces", {"traces": rows})):
        play.bench("stimulus", operation=operation, parameters={"person": "usager-7"})
        play.bench("answer", provenance=Provenance.PRODUCT, operation=operation, status=200, outcome="done", body=body)


ROW = {"at": "2026-01-01", "who": "x", "action": "person.read", "object": "USAGER-7"}


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([ROW, ROW], []),
        ([ROW, {**ROW, "object": "q"}], ["traces.identity.missing"]),
        ([ROW, {**ROW, "who": ""}], ["traces.identity.member"]),
    ],
)
def test_each_act_on_an_identity_is_traced(pages, rows, codes) -> None:
    traced(pages, rows)
    assert pages.codes("traces.identity") == codes
