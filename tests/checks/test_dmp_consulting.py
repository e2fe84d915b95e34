"""How a product consults the DMP, on journals played by hand: other ways to conform, and what proves nothing."""

import pytest

from conformance.checks.cda import forms
from conformance.checks.dmp.feeding import of_the_act
from conformance.checks.subjects import dmp
from conformance.checks.subjects.dmp_catch_up import _told
from conformance.checks.subjects.dmp_order import PrecededConsultation
from conformance.core.words import Provenance
from conformance.dmp import codes
from tests.checks.journals import Play

INS = "277076322082910"


class Consulting(Play):
    """A window in which a product consults the DMP of one person."""

    def call(self, kind, **data):
        return self.wire("dmp", f"dmp.{kind}", marks=(INS,), **{"patient": INS, "outcome": "ok", **data})

    def search(self, **data):
        return self.call("search", transaction="TD3.1", **data)

    def does(self, operation, *, outcome="done", by=Provenance.PRODUCT, body=None, **parameters):
        self.bench("stimulus", operation=operation, parameters=parameters)
        return self.bench("answer", operation=operation, outcome=outcome, status=200, body=body or {}, provenance=by)


@pytest.fixture
def play(tmp_path):
    return Consulting(tmp_path)


class TestChangeOfMind:
    def choose(self, play, *, opposed):
        play.does("record_opposition", person="p", scope="dmp", opposed=opposed)

    def test_a_consultation_of_several_calls_is_one(self, play) -> None:
        play.bench("expectation", name="dmp-change-of-mind", person="p", matricule=INS)
        play.search()
        play.search()
        self.choose(play, opposed=True)
        self.choose(play, opposed=False)
        play.search()
        assert len(play.subjects("dmp.change-of-mind")) == 1
        assert play.codes("dmp.change-of-mind") == []

    @pytest.mark.parametrize("kind", ["search", "refused"])
    def test_a_search_against_the_will_fails_and_does_not_stand_for_another(self, play, kind) -> None:
        play.bench("expectation", name="dmp-change-of-mind", person="p", matricule=INS)
        play.search()
        self.choose(play, opposed=True)
        play.call(kind, transaction="TD3.1")
        self.choose(play, opposed=False)
        assert play.codes("dmp.change-of-mind") == ["dmp.change-of-mind.against", "dmp.change-of-mind.none-after"]

    def test_an_objection_that_was_not_recorded_proves_nothing(self, play) -> None:
        play.bench("expectation", name="dmp-change-of-mind", person="p", matricule=INS)
        play.search()
        play.search()
        assert play.subjects("dmp.change-of-mind") == []


class TestRightFirst:
    def consult(self, play, *listed):
        play.bench("expectation", name="dmp-consultation", matricule=INS, criteria={})
        play.call("patients", transaction="TD0.4", patient="", patients=list(listed))
        play.search()

    def test_the_list_of_records_one_may_open_is_a_control_too(self, play) -> None:
        self.consult(play, INS)
        assert len(list(PrecededConsultation.of(play.observation()))) == 1
        assert play.codes("dmp.right-first") == []

    def test_a_list_without_the_person_is_none(self, play) -> None:
        self.consult(play, "199999999999999")
        assert play.codes("dmp.right-first") == ["dmp.right-first.none"]


class TestList:
    def show(self, play, **answer):
        play.bench("expectation", name="dmp-list", person="p", matricule=INS, documents=["1.2.3"])
        play.search()
        play.does("consult_dmp", person="p", **answer)

    @pytest.mark.parametrize(
        "answer", [{"by": Provenance.PERSON}, {"outcome": "not_offered"}, {"outcome": "unreachable"}]
    )
    def test_where_nobody_gives_a_list_nothing_is_held_against_the_product(self, play, answer) -> None:
        self.show(play, **answer)
        assert play.subjects("dmp.listed") == []

    def test_a_list_that_differs_fails(self, play) -> None:
        self.show(play, body={"documents": [{"unique_id": "1.2.4"}]})
        assert play.codes("dmp.listed") == ["dmp.listed.differs"]


class TestIntegration:
    def integrate(self, play, *, read, **answer):
        documents = [{"unique_id": "1.2.3", "sha256": "ab"}]
        play.bench("expectation", name="dmp-integration", person="p", matricule=INS, documents=documents)
        if read:
            play.call("retrieval", transaction="TD3.2", given=["1.2.3"])
        play.does("read_record", person="p", **answer)

    def test_where_a_person_drives_only_the_reading_is_judged(self, play) -> None:
        self.integrate(play, read=False, by=Provenance.PERSON)
        assert play.codes("dmp.integrated") == ["dmp.integrated.not-read"]

    def test_where_a_person_drives_what_the_record_holds_is_not_known(self, play) -> None:
        self.integrate(play, read=True, by=Provenance.PERSON)
        assert play.subjects("dmp.integrated") == []

    def test_a_record_that_does_not_hold_it_fails(self, play) -> None:
        self.integrate(play, read=True, body={"documents": []})
        assert play.codes("dmp.integrated") == ["dmp.integrated.differs"]


def test_calls_made_before_a_secret_connection_was_asked_for_need_not_be_secret(play) -> None:
    anchored = {"request": b"<x/>", "anchor": b"x"}
    play.wire("dmp", "dmp.test", marks=(INS,), blobs=anchored, patient=INS, transaction="TD0.2", outcome="ok")
    play.bench("expectation", name="dmp-secret", matricule=INS, active=True)
    play.wire("dmp", "dmp.submission", marks=(INS,), blobs=anchored, patient=INS, transaction="TD2.1", outcome="ok")
    (found,) = play.subjects("dmp.secret-connection")
    assert [call.record.data["transaction"] for call in found.calls] == ["TD2.1"]


class Fed:
    """A document whose entry tells its type and the date of its act."""

    def __init__(self, act):
        self.entry = self
        self.act = act

    def code(self, _):
        return "80788-3"

    def slot(self, _):
        return self.act


@pytest.mark.parametrize("act", ["20260101", "202601011030", "20260101103000"])
def test_the_date_of_an_act_may_be_of_any_precision(act) -> None:
    chosen = [("80788-3", "202512011030"), ("80788-3", "202601011030")]
    assert _told(Fed(act), chosen) == chosen[1]


def test_a_document_without_a_date_is_none_of_those_chosen() -> None:
    assert _told(Fed(""), [("80788-3", "202601011030")]) == ("80788-3", "")


ACT = forms.moment("20260302003000+0100")


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ("20260301233000", True),
        ("202603012330", True),
        ("20260302003000+0100", True),
        ("20260302", True),
        ("20260301", True),
        ("20260228", False),
        ("202603", False),
        ("20260302003000", False),
        ("", False),
        (None, False),
    ],
)
def test_an_act_is_dated_to_the_minute_or_by_its_day(told, right) -> None:
    assert of_the_act(ACT, told) is right


def test_the_twin_around_a_pdf_may_come_before_the_structured_document(play, monkeypatch) -> None:
    class Kept:
        def __init__(self, record, form):
            self.record, self.entry, self.form = record, self, form

        def code(self, _):
            return self.form

    play.bench("expectation", name="dmp-feeding", matricule=INS, person="p", body="n3")
    for _ in range(2):
        play.call("submission", transaction="TD2.1")
    observation = play.observation()
    forms_told = (codes.N1, "urn:ihe:iti:other")
    kept = [Kept(r, form) for r, form in zip(observation.of_kind("dmp.submission"), forms_told, strict=True)]
    monkeypatch.setattr(dmp, "fed_documents", lambda *_: kept)
    (found,) = dmp.StructuredFeeding.of(observation)
    assert found.fed is kept[1]
    assert {one.record.id for one in kept} <= set(found.evidence)
