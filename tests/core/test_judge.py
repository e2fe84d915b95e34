"""The judge: from what was observed to a verdict, and never a pass without evidence."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from conformance.core.check import Context, Registry, check
from conformance.core.finding import Finding, error, warning
from conformance.core.profile import profile_of
from conformance.core.words import Basis, Fault, Provenance, Verdict
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import Journal
from conformance.judge import Judge


@dataclass(frozen=True)
class Word:
    """A subject of one record."""

    text: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation):
        return [cls(r.data["text"], (r.id,)) for r in observation.of_kind("word")]


@pytest.fixture(autouse=True)
def checks():
    before = dict(Registry.checks)

    @check("trial.good", source="trial")
    def word_is_good(word: Word, context: Context) -> Iterator[Finding]:
        """A word is good.

        Pass: it is the parameter's. Fail: another.
        """
        if word.text == "crash":
            raise RuntimeError("broken check")
        if word.text != context.parameters.get("good", "good"):
            yield error("reason.planned", got=word.text)
        if word.text == "good":
            yield warning("reason.planned")

    @check("trial.absent", source="trial", absence=True)
    def no_bad_word(word: Word) -> Iterator[Finding]:
        """No bad word. Pass: none. Fail: one."""
        if word.text == "bad":
            yield error("reason.planned")

    @check("trial.guess", source="trial", basis=Basis.HYPOTHESIS)
    def hypothesis(word: Word) -> Iterator[Finding]:
        """A guess. Pass: always heard. Fail: 'bad'."""
        if word.text == "bad":
            yield error("reason.planned")

    @check("trial.word", source="trial")
    def word_of_the_table(word: Word, context: Context) -> Iterator[Finding]:
        """A word is the table's. Pass: it is. Fail: another."""
        if word.text != context.parameters["word"]["good"]:
            yield error("reason.planned")

    yield
    Registry.checks.clear()
    Registry.checks.update(before)


class Bench:
    """A run played by hand."""

    def __init__(self, folder, conditions=None, offers=None, start=True, parameters=None):
        self.folder = folder
        self.journal = Journal(folder)
        if start:
            product = {"conditions": conditions or {}, "offers": offers or {}, "parameters": parameters or {}}
            self.journal.append("run", "*", "run.start", provenance=Provenance.HARNESS, data={"product": product})

    def scenario(
        self,
        *words,
        name="one",
        attempt=1,
        reason="idle",
        provenance=Provenance.WIRE,
        hindrance=None,
        control=False,
        unseen_control=False,
        lane="a",
    ):
        self.lane = lane
        window = f"{name}@{lane}#{attempt}"
        starts = {"wire": self.journal.last("wire", lane)}
        self.write("window.open", window=window, scenario=name, attempt=attempt, starts=starts)
        seen = [
            self.journal.append("wire", lane, "word", provenance=provenance, data={"text": text}).id for text in words
        ]
        if control:
            self.write("control", window=window, name="seen", evidence=seen[:1])
        if unseen_control:
            self.write("control", window=window, name="missing", evidence=[])
        if hindrance:
            self.write("window.hindered", window=window, code="reason.planned", values={}, fault=str(hindrance))
        if reason:
            ends = {"wire": self.journal.last("wire", lane)}
            self.write("window.close", window=window, reason=reason, ends=ends)
        return self

    def write(self, kind, **data):
        self.journal.append("scenario", self.lane, kind, provenance=Provenance.HARNESS, data=data)

    @property
    def evidence(self):
        return Evidence.load(self.folder)

    def judged(
        self, *, checks=("trial.good",), scenarios=("one",), verification="automatic", less=None, lane=None, **row
    ):
        aspect = {
            "id": "a",
            "statement": "s",
            "verification": verification,
            "checks": list(checks),
            "scenarios": list(scenarios),
            "reason": "r",
        }
        raw = {
            "name": "p",
            "title": "t",
            "referential": "R",
            "version": "1",
            "notice": "n",
            "sources": [],
            "parameters": row.pop("parameters", {}),
            "hypotheses": row.pop("hypotheses", []),
            "conditions": {"paph": {"label": "PA/PH", "question": "q"}},
            "requirements": [
                {
                    "id": "X",
                    "level": "DOIT",
                    "class": "A",
                    "chapter": "MSS",
                    "statement": "s",
                    "source": "s",
                    "aspects": [aspect],
                    **row,
                }
            ],
        }
        evidence = self.evidence.without(less) if less else self.evidence
        (verdict,) = Judge(evidence, profile_of(raw, digest="", origin="trial"), lane).verdicts()
        return verdict


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_a_good_word_seen_on_the_wire_passes_and_is_cited(bench) -> None:
    verdict = bench.scenario("good").judged()
    assert verdict.verdict is Verdict.PASS
    assert "wire/a/1" in verdict.aspects[0].evidence
    assert verdict.aspects[0].provenance == (Provenance.WIRE,)
    assert [str(f.level) for f in verdict.findings] == ["warning"]


def test_removing_any_cited_record_ends_the_pass(bench) -> None:
    bench.scenario("good", "good")
    for cited in bench.judged().aspects[0].evidence:
        assert bench.judged(less=cited).verdict is not Verdict.PASS, cited


def test_one_bad_word_among_good_ones_fails(bench) -> None:
    verdict = bench.scenario("good", "bad").judged()
    assert (verdict.verdict, verdict.fault) == (Verdict.FAIL, Fault.PRODUCT)
    assert [f.evidence for f in verdict.findings if str(f.level) == "error"] == [("wire/a/2",)]


def test_no_response_is_never_a_pass(bench) -> None:
    assert bench.scenario().judged().verdict is Verdict.BLOCKED


def test_a_scenario_that_was_not_played_is_not_run(bench) -> None:
    assert bench.judged().verdict is Verdict.NOT_RUN


@pytest.mark.parametrize("reason", [None, "aborted"])
def test_an_open_window_blocks(bench, reason) -> None:
    assert bench.scenario("good", reason=reason).judged().verdict is Verdict.BLOCKED


def test_an_error_stands_even_in_an_open_window(bench) -> None:
    assert bench.scenario("bad", reason=None).judged().verdict is Verdict.FAIL


def test_the_products_own_word_never_passes(bench) -> None:
    verdict = bench.scenario("good", provenance=Provenance.PRODUCT).judged()
    assert (verdict.verdict, verdict.aspects[0].reason[0]) == (Verdict.NEEDS_REVIEW, "reason.own-word")


def test_a_hypothesis_never_passes_but_can_fail(bench) -> None:
    verdict = bench.scenario("good").judged(checks=("trial.guess",))
    assert (verdict.verdict, verdict.basis) == (Verdict.NEEDS_REVIEW, Basis.HYPOTHESIS)
    assert bench.scenario("bad", attempt=2).judged(checks=("trial.guess",)).verdict is Verdict.FAIL


def test_absence_needs_a_positive_control(bench) -> None:
    assert bench.scenario("good").judged(checks=("trial.absent",)).verdict is Verdict.BLOCKED
    verdict = bench.scenario("good", attempt=2, control=True).judged(checks=("trial.absent",))
    assert verdict.verdict is Verdict.PASS


def test_what_must_be_absent_and_was_seen_fails_without_any_control(bench) -> None:
    assert bench.scenario("bad", reason=None).judged(checks=("trial.absent",)).verdict is Verdict.FAIL


def test_absence_needs_a_closed_window(bench) -> None:
    verdict = bench.scenario("good", control=True, reason="aborted").judged(checks=("trial.absent",))
    assert verdict.verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.PRODUCT, Verdict.BLOCKED),
        (Fault.CONFIGURATION, Verdict.SETUP),
        (Fault.HARNESS, Verdict.HARNESS_ERROR),
    ],
)
def test_a_hindered_scenario_says_who_must_act(bench, fault, expected) -> None:
    verdict = bench.scenario("good", hindrance=fault, reason="aborted").judged()
    assert (verdict.verdict, verdict.fault) == (expected, fault)


def test_a_check_that_breaks_is_our_fault(bench) -> None:
    verdict = bench.scenario("crash").judged()
    assert (verdict.verdict, verdict.fault) == (Verdict.HARNESS_ERROR, Fault.HARNESS)


def test_guided_aspects_wait_for_a_person(bench) -> None:
    assert bench.scenario("good").judged(verification="guided", checks=()).verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize("verification", ["planned", "untestable", "attested"])
def test_what_is_not_played_is_not_run(bench, verification) -> None:
    assert bench.scenario("good").judged(verification=verification).verdict is Verdict.NOT_RUN


def test_the_latest_attempt_concludes(bench) -> None:
    verdict = bench.scenario("good", reason="aborted").scenario("good", attempt=2).judged()
    assert (verdict.verdict, verdict.aspects[0].attempts) == (Verdict.PASS, 2)


def test_what_an_earlier_attempt_showed_stands(bench) -> None:
    verdict = bench.scenario("bad").scenario("good", attempt=2).judged()
    assert verdict.verdict is Verdict.FAIL
    assert "wire/a/1" in verdict.aspects[0].evidence


def test_every_lane_counts(bench) -> None:
    bench.scenario("good", lane="b").scenario("bad", lane="c")
    assert bench.judged().verdict is Verdict.FAIL
    assert bench.judged(lane="b").verdict is Verdict.PASS


def test_a_control_that_was_not_seen_controls_nothing(bench) -> None:
    bench.scenario("good", control=True, unseen_control=True)
    assert bench.judged(checks=("trial.absent",)).verdict is Verdict.BLOCKED


def test_only_a_hypothesis_moves_by_the_product_sheet(tmp_path) -> None:
    sheet = Bench(tmp_path, parameters={"word": {"good": "mine", "other": "mine"}})
    sheet.scenario("mine")
    fixed = {"parameters": {"word": {"good": "theirs"}}}
    assert sheet.judged(checks=("trial.word",), **fixed).verdict is Verdict.FAIL
    assert sheet.judged(checks=("trial.word",), hypotheses=["word.good"], **fixed).verdict is Verdict.PASS


def test_every_scenario_of_an_aspect_is_needed(bench) -> None:
    assert bench.scenario("good").judged(scenarios=("one", "two")).verdict is Verdict.NOT_RUN


def test_the_same_evidence_is_judged_under_each_referential(bench) -> None:
    bench.scenario("vague-1")
    assert bench.judged(parameters={"good": "vague-1"}).verdict is Verdict.PASS
    assert bench.judged(parameters={"good": "vague-2"}).verdict is Verdict.FAIL


def test_a_peut_that_fails_is_a_deviation(bench) -> None:
    assert bench.scenario("bad").judged(level="PEUT").verdict is Verdict.DEVIATION


def test_a_peut_declared_absent_is_not_implemented(tmp_path) -> None:
    verdict = Bench(tmp_path, offers={"X": False}).scenario("bad").judged(level="PEUT")
    assert verdict.verdict is Verdict.NOT_IMPLEMENTED


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [({"paph": True}, Verdict.PASS), ({"paph": False}, Verdict.NOT_APPLICABLE), ({}, Verdict.SETUP)],
)
def test_conditions_are_answered_once_in_the_sheet(tmp_path, conditions, expected) -> None:
    assert Bench(tmp_path, conditions).scenario("good").judged(condition="paph").verdict is expected


def test_a_run_without_its_description_proves_nothing(tmp_path) -> None:
    assert Bench(tmp_path, start=False).scenario("good").judged().verdict is Verdict.HARNESS_ERROR


def test_a_record_cut_out_of_a_segment_ends_the_pass(bench) -> None:
    verdict = bench.scenario("good").judged()
    assert verdict.verdict is Verdict.PASS
    (segment,) = (bench.folder / "journal").glob("*.jsonl")
    lines = segment.read_text(encoding="utf-8").splitlines()
    segment.write_text("\n".join(line for line in lines if '"word"' not in line) + "\n", encoding="utf-8")
    assert bench.judged().verdict is Verdict.BLOCKED
