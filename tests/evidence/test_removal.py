"""Evidence less one record: read anew only where the record has a part, and the same as if everything were."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.check import Context, Registry, check
from conformance.core.finding import Finding, error
from conformance.core.profile import profile_of
from conformance.core.words import Provenance, Verdict
from conformance.evidence.evidence import EVERY_LANE, Evidence
from conformance.evidence.record import Record
from conformance.judge import Judge
from conformance.selftest.ablation import ablate
from conformance.selftest.matrix import REFERENCE

SCENARIOS = ("one", "two", "three")
MARKS = ("a@x.test", "b@x.test", "c@x.test")
FRAME = ("population.person", "stimulus", "answer", "expectation", "control", "window.hindered")


@dataclass(frozen=True)
class Word:
    """What one exchange said."""

    text: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation):
        return [cls(r.data["text"], (r.id,)) for r in observation.of_kind("word")]


@pytest.fixture(autouse=True, scope="module")
def checks():
    before = dict(Registry.checks)

    @check("trial.good", source="trial")
    def word_is_good(word: Word) -> Iterator[Finding]:
        """A word is good. Pass: it is. Fail: it is bad."""
        if word.text == "bad":
            yield error("reason.planned")

    @check("trial.absent", source="trial", absence=True)
    def no_bad_word(word: Word) -> Iterator[Finding]:
        """No bad word. Pass: none. Fail: one."""
        if word.text == "bad":
            yield error("reason.planned")

    @check("trial.known", source="trial")
    def word_of_somebody_known(word: Word, context: Context) -> Iterator[Finding]:
        """A word names a person of the run. Pass: it does. Fail: it does not."""
        if word.text not in context.population:
            yield error("reason.planned", got=word.text)

    yield
    Registry.checks.clear()
    Registry.checks.update(before)


def profile(name="p"):
    aspects = [
        {
            "id": f"{one}-{scenario}",
            "statement": "s",
            "verification": "automatic",
            "checks": [f"trial.{one}"],
            "scenarios": [scenario],
        }
        for one in ("good", "absent", "known")
        for scenario in SCENARIOS
    ]
    about = {"level": "DOIT", "class": "A", "chapter": "MSS", "statement": "s", "source": "s"}
    raw = {
        "name": name,
        "title": "t",
        "referential": "R",
        "version": "1",
        "notice": "n",
        "sources": [],
        "parameters": {},
        "hypotheses": [],
        "conditions": {"paph": {"label": "PA/PH", "question": "q"}},
        "requirements": [
            {"id": "X", **about, "aspects": aspects[:4]},
            {"id": "Y", **about, "aspects": aspects[4:], "condition": "paph"},
        ],
    }
    return profile_of(raw, digest="", origin="trial")


class Lanes:
    """Records made by hand, numbered as a journal numbers them."""

    def __init__(self):
        self.records: list[Record] = []

    def start(self, answered=True):
        product = {"conditions": {"paph": answered}}
        self.add("run", EVERY_LANE, "run.start", Provenance.HARNESS, data={"product": product})

    def add(self, service, lane, kind, provenance, *, data=None, session="", marks=()):
        seq = self.lasts(lane).get(service, 0) + 1
        self.records.append(
            Record(service, lane, seq, kind, "", 0.0, provenance, session, data or {}, {}, tuple(sorted(marks)))
        )

    def bench(self, kind, lane, window, *, marks=(), provenance=Provenance.HARNESS, **data):
        self.add("scenario", lane, kind, provenance, data={"window": window, **data}, marks=marks)

    def word(self, lane, text="good", *, service="wire", session="", marks=()):
        self.add(service, lane, "word", Provenance.WIRE, data={"text": text}, session=session, marks=marks)

    def open(self, lane, scenario, attempt=1):
        starts = {k: v for k, v in self.lasts(lane).items() if k != "scenario"}
        self.bench("window.open", lane, f"{scenario}#{attempt}", scenario=scenario, attempt=attempt, starts=starts)

    def close(self, lane, scenario, attempt=1, reason="idle"):
        ends = {k: v for k, v in self.lasts(lane).items() if k != "scenario"}
        self.bench("window.close", lane, f"{scenario}#{attempt}", reason=reason, ends=ends)

    def lasts(self, lane):
        return {r.service: r.seq for r in self.records if r.lane == lane}

    def evidence(self, less=None):
        return Evidence((r for r in self.records if r.id != less), contents=None)


LANE = st.sampled_from((*[REFERENCE] * 7, "other"))
NAMED = st.tuples(st.sampled_from(SCENARIOS), st.sampled_from((1, 1, 1, 2)))
BORNE = st.sampled_from((set(), set(), *({mark} for mark in MARKS), {*MARKS[:2]}))
TEXT = st.sampled_from(("good", "good", "known", "known", "bad"))
WIRE = st.tuples(
    st.just("word"), LANE, TEXT, st.sampled_from(("wire", "mail")), st.sampled_from(("", "s1", "s1", "s2")), BORNE
)
STEPS = st.one_of(
    WIRE,
    WIRE,
    st.tuples(st.just("open"), LANE, NAMED),
    st.tuples(st.just("close"), LANE, NAMED, st.sampled_from(("idle", "idle", "limit"))),
    st.tuples(st.just("frame"), LANE, NAMED, st.sampled_from(FRAME), BORNE, st.booleans()),
    st.tuples(st.just("start"), st.booleans()),
)
# Most of the time something is open, owns a mark and is about a person: without it nothing would be attributed.
OPENING = (
    ("open", REFERENCE, ("one", 1)),
    ("frame", REFERENCE, ("one", 1), "expectation", {MARKS[0]}, False),
    ("open", REFERENCE, ("two", 1)),
    ("frame", REFERENCE, ("two", 1), "population.person", {MARKS[1]}, False),
    ("close", REFERENCE, ("two", 1), "idle"),
)


def played(steps):
    """The lanes of a list of steps, whatever their order: windows may overlap, open twice or never close."""
    lanes = Lanes()
    lanes.start()
    for what, *step in (*OPENING, *steps):
        if what == "word":
            lane, text, service, session, marks = step
            lanes.word(lane, text, service=service, session=session, marks=marks)
        elif what == "open":
            lanes.open(step[0], *step[1])
        elif what == "close":
            lanes.close(step[0], *step[1], reason=step[2])
        elif what == "frame":
            lane, (scenario, attempt), kind, marks, told = step
            said = {
                "code": "reason.planned",
                "fault": "product",
                "evidence": ["wire/reference/1"],
                "matricule": "known",
            }
            source = Provenance.PRODUCT if told else Provenance.HARNESS
            lanes.bench(kind, lane, f"{scenario}#{attempt}", marks=marks, provenance=source, **said)
        else:
            lanes.start(*step)
    return lanes


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, min_size=8, max_size=24))
def test_evidence_less_a_record_is_what_the_other_records_make(steps) -> None:
    lanes = played(steps)
    whole = lanes.evidence()
    judge = Judge(whole, profile(), REFERENCE)
    judge.verdicts()
    for gone in lanes.records:
        less, anew = whole.without(gone.id), lanes.evidence(less=gone.id)
        assert less.observations == anew.observations
        assert (less.records, less.population) == (anew.records, anew.population)
        assert (less.start, less.start_evidence) == (anew.start, anew.start_evidence)
        assert judge.over(less).verdicts() == Judge(anew, profile(), REFERENCE).verdicts()


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=4, max_size=16))
def test_ablation_names_what_judging_everything_anew_names(steps) -> None:
    lanes = played(steps)
    lanes.records = [r for r in lanes.records if r.lane != "other"]
    profiles = [profile("p"), profile("q")]
    survived = []
    for each in profiles:
        for aspect, verdict in _passes(lanes.evidence(), each):
            for cited in verdict.evidence:
                still = dict(_passes(lanes.evidence(less=cited), each, applying=True))
                survived += [(f"{each.name}#{aspect}", cited)] if aspect in still else []
    answer = ablate(lanes.evidence(), profiles)
    assert sorted((row["aspect"], row["evidence"]) for row in answer["survived"]) == sorted(survived)


def _passes(evidence, asked, *, applying=False):
    """Each passing aspect by its own name; ``applying`` asks its requirement whether it applies at all."""
    judge = Judge(evidence, asked, REFERENCE)
    for requirement in asked.requirements:
        verdicts = judge.requirement(requirement).aspects if applying else map(judge.aspect, requirement.aspects)
        yield from ((v.aspect.id, v) for v in verdicts if v.verdict is Verdict.PASS)


@pytest.fixture
def late():
    """Two words that came after the window, which only their mark ties to it: the number of neither is missed there."""
    lanes = Lanes()
    lanes.start()
    lanes.open(REFERENCE, "one")
    lanes.bench("expectation", REFERENCE, "one#1", marks=MARKS[:1])
    lanes.close(REFERENCE, "one")
    lanes.word(REFERENCE, marks=MARKS[:1])
    lanes.word(REFERENCE, marks=MARKS[:1])
    return lanes


def test_a_pass_that_does_not_need_what_it_cites_survives(late) -> None:
    answer = ablate(late.evidence(), [profile()])
    survived = [{"aspect": "p#good-one", "evidence": f"wire/{REFERENCE}/{n}"} for n in (1, 2)]
    assert answer == {"passes": 1, "removals": 5, "survived": survived}


def test_what_a_removal_does_not_touch_is_not_read_again(late) -> None:
    late.open(REFERENCE, "two")
    late.word(REFERENCE)
    late.close(REFERENCE, "two")
    whole = late.evidence()
    for gone in (f"wire/{REFERENCE}/3", f"scenario/{REFERENCE}/4", f"scenario/{REFERENCE}/5"):
        one, *two = whole.without(gone).observations
        assert one is whole.observations[0]
        assert two != whole.observations[1:]


def test_a_record_that_is_not_there_changes_nothing(late) -> None:
    assert late.evidence().without("wire/nowhere/1").records == late.evidence().records
