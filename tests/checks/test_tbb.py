"""What a dashboard counts, on journals played by hand."""

import pytest

from conformance.core.words import Provenance
from tests.checks.journals import Play


class Dashboard(Play):
    """A window in which a dashboard is read."""

    def read(self, operation, body, *, by=Provenance.PRODUCT):
        self.bench("stimulus", operation=operation, parameters={})
        self.bench("answer", operation=operation, outcome="done", status=200, body=body, provenance=by)

    def call(self, message_id, **data):
        return self.wire("insi", "insi.call", message_id=message_id, **{"code": "00", "fault": None, **data})


@pytest.fixture
def play(tmp_path):
    return Dashboard(tmp_path)


@pytest.mark.parametrize("check", ["tbb.periods", "tbb.insi-calls", "tbb.insi-admissions", "tbb.insi-detail"])
def test_a_dashboard_that_a_person_reads_gives_no_counts_to_hold_against_the_product(play, check) -> None:
    for _ in range(2):
        play.read("read_dashboard", {}, by=Provenance.PERSON)
        play.read("read_insi_calls", {}, by=Provenance.PERSON)
    play.bench("expectation", name="tbb-admission", person="p", qualified=True)
    play.call("uuid:1")
    assert play.subjects(check) == []


@pytest.mark.parametrize(
    "periods", [None, [], "x", {"current_month": []}, {"current_month": {"insi": 4, "admissions": "x"}}]
)
def test_counts_of_another_form_are_counts_not_given(play, periods) -> None:
    for _ in range(2):
        play.read("read_dashboard", {"periods": periods})
    play.bench("expectation", name="tbb-admission", person="p", qualified=True)
    play.call("uuid:1")
    assert play.codes("tbb.insi-calls") == ["tbb.insi-calls.none"]
    assert play.codes("tbb.insi-admissions") == ["tbb.insi-admissions.differs"] * 2


class TestRetries:
    """A call that failed and that the product made again of itself may be one with the next."""

    def change(self, play, *, succeeded, failed, ids):
        play.read("read_dashboard", {"periods": {"current_month": {"insi": {"succeeded": 0, "failed": 0}}}})
        play.read("read_insi_calls", {"calls": []})
        play.bench("expectation", name="tbb-admission", person="p", qualified=True)
        play.call("uuid:1", code="", fault="unavailable", operation="search", traits={"a": "b"})
        play.call("uuid:2", operation="search", traits={"a": "b"})
        counts = {"insi": {"succeeded": succeeded, "failed": failed}}
        play.read("read_dashboard", {"periods": {"current_month": counts}})
        play.read("read_insi_calls", {"calls": [{"message_id": id} for id in ids]})

    @pytest.mark.parametrize(("failed", "ids"), [(1, ("1", "2")), (0, ("2",))])
    def test_it_may_be_counted_or_not(self, play, failed, ids) -> None:
        self.change(play, succeeded=1, failed=failed, ids=ids)
        assert play.codes("tbb.insi-calls") == []
        assert play.codes("tbb.insi-detail") == []

    def test_the_call_that_ended_it_is_counted(self, play) -> None:
        self.change(play, succeeded=0, failed=1, ids=("1",))
        assert play.codes("tbb.insi-calls") == ["tbb.insi-calls.succeeded"]
        assert play.codes("tbb.insi-detail") == ["tbb.insi-detail.lines"]
