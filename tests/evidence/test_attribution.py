"""Attribution by marks, windows, gaps."""

import pytest

from conformance.core.words import Fault, Provenance
from conformance.evidence.attribution import observations
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import Journal, read_journal


class Play:
    """A journal played by hand."""

    def __init__(self, folder):
        self.folder = folder
        self.journal = Journal(folder)

    def open(self, scenario, *marks, lane="a", attempt=1):
        name = f"{scenario}@{lane}#{attempt}"
        starts = {k: v for k, v in self.journal.lasts(lane).items() if k != "scenario"}
        data = {"window": name, "scenario": scenario, "attempt": attempt, "starts": starts}
        self.bench("window.open", lane, data)
        self.bench("expectation", lane, {"window": name, "name": "message"}, marks)
        return name

    def close(self, name, lane="a", reason="idle"):
        ends = {k: v for k, v in self.journal.lasts(lane).items() if k != "scenario"}
        self.bench("window.close", lane, {"window": name, "reason": reason, "ends": ends})

    def bench(self, kind, lane, data, marks=()):
        self.journal.append("scenario", lane, kind, provenance=Provenance.HARNESS, data=data, marks=marks)

    def wire(self, *marks, session="c1", lane="a", kind="smtp.command"):
        return self.journal.append("smtp", lane, kind, provenance=Provenance.WIRE, session=session, marks=marks).id

    def seen(self, less=()):
        records = [r for r in read_journal(self.folder) if r.id not in less]
        return {o.scenario: o for o in observations(records, self.journal.store)}


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def ids(observation):
    return [r.id for r in observation.exchanges]


def test_a_mark_wins_over_the_moment(play) -> None:
    first = play.open("one", "one@x.test")
    play.close(first)
    second = play.open("two", "two@x.test")
    late = play.wire("one@x.test", session="late")
    own = play.wire("two@x.test", session="own")
    play.close(second)
    seen = play.seen()
    assert ids(seen["one"]) == [late]
    assert ids(seen["two"]) == [own]


def test_an_unmarked_record_follows_its_connection(play) -> None:
    first = play.open("one", "one@x.test")
    play.close(first)
    second = play.open("two", "two@x.test")
    hello = play.wire(session="late")
    message = play.wire("one@x.test", session="late")
    play.close(second)
    assert ids(play.seen()["one"]) == [hello, message]
    assert ids(play.seen()["two"]) == []


def test_an_unclaimed_connection_belongs_to_the_window_it_fell_in(play) -> None:
    before = play.wire(session="before")
    window = play.open("one")
    inside = play.wire(session="inside")
    play.close(window)
    after = play.wire(session="after")
    assert ids(play.seen()["one"]) == [inside]
    assert before != after


def test_a_connection_shared_by_two_scenarios_gives_each_its_messages(play) -> None:
    first = play.open("one", "one@x.test")
    hello = play.wire(session="shared")
    mine = play.wire("one@x.test", session="shared")
    play.close(first)
    second = play.open("two", "two@x.test")
    theirs = play.wire("two@x.test", session="shared")
    play.close(second)
    seen = play.seen()
    assert ids(seen["one"]) == [hello, mine]
    assert ids(seen["two"]) == [hello, theirs]


def test_lanes_never_mix(play) -> None:
    a = play.open("one", "same@x.test", lane="a")
    b = play.open("two", "same@x.test", lane="b")
    in_a, in_b = play.wire("same@x.test", lane="a"), play.wire("same@x.test", lane="b")
    play.close(a, "a")
    play.close(b, "b")
    seen = play.seen()
    assert (ids(seen["one"]), ids(seen["two"])) == ([in_a], [in_b])


def test_a_missing_record_is_a_gap(play) -> None:
    window = play.open("one")
    kept, lost = play.wire(), play.wire()
    play.close(window)
    assert play.seen()["one"].sound
    seen = play.seen(less={lost})["one"]
    assert (seen.gaps, seen.sound) == ((lost,), False)
    assert kept in ids(seen)


def test_a_missing_bench_record_is_a_gap(play) -> None:
    window = play.open("one")
    play.close(window)
    assert play.seen(less={"scenario/a/2"})["one"].gaps == ("scenario/a/2",)


@pytest.mark.parametrize("lost", ["window.open", "window.close"])
def test_a_window_without_its_ends_proves_nothing(play, lost) -> None:
    window = play.open("one")
    play.wire()
    play.close(window)
    gone = next(r.id for r in read_journal(play.folder) if r.kind == lost)
    seen = play.seen(less={gone})
    assert "one" not in seen or not seen["one"].sound


def test_an_aborted_window_is_not_closed(play) -> None:
    window = play.open("one")
    play.close(window, reason="aborted")
    assert not play.seen()["one"].closed


def test_the_latest_attempt_counts_and_the_earlier_are_kept(play) -> None:
    play.close(play.open("one", attempt=1))
    play.close(play.open("one", attempt=2))
    evidence = Evidence.load(play.folder)
    assert [o.attempt for o in evidence.attempts("one")] == [1, 2]
    assert [o.attempt for o in evidence.latest("one")] == [2]
    assert evidence.latest("one", "b") == []


def test_a_hindrance_says_who_must_act(play) -> None:
    window = play.open("one")
    play.bench("window.hindered", "a", {"window": window, "code": "c", "values": {"x": "1"}, "fault": "configuration"})
    hindrance = play.seen()["one"].hindrance
    assert (hindrance.code, hindrance.fault, hindrance.values) == ("c", Fault.CONFIGURATION, {"x": "1"})
