"""Documents that wait for the DMP: kept through restarts, tried again, never given up, and no hindrance to other work."""

import threading
import time

import pytest
from conformance._bundled.reference_dui.dmp.queue import AWAY, Queue
from conformance._bundled.reference_dui.faults import Fault, MailFault
from conformance._bundled.reference_dui.store import Store
from conformance._bundled.reference_dui.traces import Traces

LIMIT = 20.0


class Dmp:
    """A DMP that answers as it is told, and remembers what it was sent."""

    def __init__(self):
        self.failing: Exception | None = None
        self.sent: list[str] = []
        self.met = threading.Event()

    def send(self, document, _who):
        if self.failing is not None:
            self.met.set()
            raise self.failing
        self.sent.append(document)
        return "fed"


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "dui.sqlite3")
    yield store
    store.close()


@pytest.fixture
def begin(store):
    begun = []

    def make(dmp):
        queue = Queue(store, Traces(store), dmp.send, delays=(0.01,))
        queue.start()
        begun.append(queue)
        return queue

    yield make
    for queue in begun:
        queue.stop()


def until(true):
    deadline = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < deadline, "the limit has passed"
        time.sleep(0.01)


def test_a_document_is_sent_once_however_often_it_is_queued(begin):
    dmp = Dmp()
    queue = begin(dmp)
    for _ in range(3):
        queue.add("d1", "p", "moi")
    until(lambda: queue.idle)
    assert (dmp.sent, queue.state_of("d1")) == (["d1"], "fed")


def test_what_waits_goes_when_the_dmp_comes_back(begin):
    dmp = Dmp()
    dmp.failing = MailFault("refdui.fault.dmp-unavailable", status=503)
    queue = begin(dmp)
    queue.add("d1", "p", "moi")
    assert dmp.met.wait(LIMIT)
    assert queue.state_of("d1") == "queued"
    dmp.failing = None
    until(lambda: queue.state_of("d1") == "fed")
    assert dmp.sent == ["d1"]


def test_a_dmp_that_is_away_keeps_nobody_from_working(begin, store):
    dmp = Dmp()
    dmp.failing = MailFault("refdui.fault.dmp-unavailable", status=503)
    queue = begin(dmp)
    queue.add("d1", "p", "moi")
    until(lambda: queue.idle)
    row = store.row("SELECT state, attempts FROM dmp_feedings WHERE document = 'd1'")
    assert row["state"] == "queued"
    assert row["attempts"] >= AWAY - 1


def test_what_was_queued_survives_a_restart(begin):
    away = Dmp()
    away.failing = MailFault("refdui.fault.dmp-unavailable", status=503)
    first = begin(away)
    first.add("d1", "p", "moi")
    assert away.met.wait(LIMIT)
    first.stop()
    back = Dmp()
    second = begin(back)
    until(lambda: second.state_of("d1") == "fed")
    assert back.sent == ["d1"]


FINAL = (
    MailFault("refdui.fault.dmp-refused", transient=False, detail="XDSRegistryError"),
    Fault("refdui.fault.not-json"),
    KeyError("x"),
)


@pytest.mark.parametrize("failing", FINAL, ids=["refused", "fault", "bug"])
def test_a_refusal_for_good_is_a_failure_and_the_next_goes_on(begin, failing):
    dmp = Dmp()
    dmp.failing = failing
    queue = begin(dmp)
    queue.add("d1", "p", "moi")
    until(lambda: queue.state_of("d1") == "failed")
    dmp.failing = None
    queue.add("d2", "p", "moi")
    until(lambda: queue.state_of("d2") == "fed")
    assert dmp.sent == ["d2"]
