"""What became of infected files, on journals played by hand."""

import pytest

from conformance.core.words import Provenance
from tests.checks.journals import Play

INS, INFECTED, TITLE = "277076322082910", "1.2.3", "Note fictive ab12"


class Desk(Play):
    """A window in which an infected document is offered to a product."""

    def does(self, operation, body=None, *, by=Provenance.PRODUCT, **parameters):
        self.bench("stimulus", operation=operation, parameters=parameters)
        self.bench("answer", operation=operation, outcome="done", status=200, body=body or {}, provenance=by)

    def give(self):
        self.wire("dmp", "dmp.retrieval", marks=(INS, INFECTED), patient=INS, outcome="ok", given=[INFECTED])


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    made.bench("expectation", name="infected-dmp", clean="1.2.4", infected=INFECTED, title=TITLE)
    return made


@pytest.mark.parametrize("name", [INFECTED, TITLE])
def test_a_trace_may_call_a_document_by_its_id_or_by_its_title(desk, name) -> None:
    desk.give()
    desk.does("read_traces", {"traces": [{"what": f"EICAR dans {name}"}]})
    assert len(desk.subjects("antivirus.traced")) == 1
    assert desk.codes("antivirus.traced") == []


def test_no_trace_is_a_fault_once_the_document_was_given(desk) -> None:
    desk.give()
    desk.does("read_traces", {"traces": []})
    assert desk.codes("antivirus.traced") == ["antivirus.untraced"]


def test_a_document_that_never_came_needs_no_trace(desk) -> None:
    desk.does("read_traces", {"traces": []})
    assert desk.subjects("antivirus.traced") == []


@pytest.mark.parametrize("check", ["antivirus.traced", "antivirus.dmp"])
def test_what_a_person_reads_on_a_screen_is_not_told(desk, check) -> None:
    desk.give()
    for operation in ("read_record", "read_traces"):
        desk.does(operation, by=Provenance.PERSON)
    assert desk.subjects(check) == []


@pytest.mark.parametrize(("traces", "codes"), [([{"what": "note.txt"}], []), ([], ["antivirus.untraced"])])
def test_a_file_put_in_the_record_is_traced(desk, traces, codes) -> None:
    desk.bench("expectation", name="infected-upload", label="record", clean="x.txt", infected="note.txt")
    desk.does("upload_file", person="p", file="note.txt", content="")
    desk.does("read_traces", {"traces": traces})
    assert desk.codes("antivirus.traced") == codes
