"""Orientation decisions in the product, in front of an SI-SDO of a few lines: retries, refusals, hostile answers."""

import base64
import json
from datetime import datetime

import pytest
from conformance._bundled.fixtures.orientation.cda import decision_document, evaluation_document
from conformance._bundled.fixtures.orientation.decisions import decision_of
from conformance._bundled.reference_dui.faults import Conflict, Fault, MailFault, NotFound
from conformance._bundled.reference_dui.sdo import orientations as module
from conformance._bundled.reference_dui.sdo.line import SERVICE
from lxml import html

from tests.reference_dui.conftest import settled

NOW = datetime.fromisoformat("2026-11-20T10:00:00+01:00")
BASE = "https://sdo.test/fhir"
SETTINGS = {
    "fhir_base": BASE,
    "token_endpoint": "https://sdo.test/oauth2/token",
    "ca_pem": "ca",
    "client_id": "esms",
    "client_secret": "secret",
    "client_certificate_pem": "certificate",
    "client_key_pem": "key",
    "struct_idnat": "1990000010",
    "structure_name": "ESMS",
}


class Platform:
    """Answers in the order it was told to, else like an SI-SDO that holds a few decisions."""

    def __init__(self):
        self.decisions = []
        self.calls = []
        self.next = []
        self.tasks = []
        self.tokens = 0

    def __call__(self, method, url, _ca_pem, **options):
        if url == SETTINGS["token_endpoint"]:
            self.tokens += 1
            return 200, json.dumps({"access_token": f"t{self.tokens}", "expires_in": 300}).encode()
        self.calls.append((method, url.removeprefix(BASE + "/"), options))
        answer = self.next.pop(0) if self.next else None
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            status, body = answer
            return status, body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.answered(method, url.removeprefix(BASE + "/"), options)

    def answered(self, method, path, options):
        if method == "POST":
            body = json.loads(options["data"])
            self.tasks += [body] if body["resourceType"] == "Task" else []
            return 201, json.dumps(body).encode()
        if path.startswith("Task?"):
            return 200, bundle(*self.tasks)
        if path.startswith("DocumentReference?type"):
            return 200, bundle(*({"resourceType": "DocumentReference", "id": d.document} for d in self.decisions))
        for one in self.decisions:
            if path == f"DocumentReference/{one.document}":
                return 200, json.dumps(document(one, decision_document(one, NOW))).encode()
            if one.national in path:
                made = document(one, evaluation_document(one, NOW))
                made["type"] = {"coding": [{"code": "51848-0"}]}
                return 200, bundle(made)
        return 404, b"{}"

    def posted(self, kind):
        return [json.loads(o["data"]) for method, path, o in self.calls if (method, path) == ("POST", kind)]


def bundle(*resources, following=None):
    links = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}).encode()


def document(one, content):
    return {
        "resourceType": "DocumentReference",
        "id": one.document,
        "meta": {"versionId": str(one.version)},
        "identifier": [{"use": "usual", "value": one.decision}, {"use": "official", "value": one.national}],
        "content": [{"attachment": {"data": base64.b64encode(content).decode()}}],
    }


@pytest.fixture
def platform(dui):
    made = Platform()
    line = dui.orientations._line
    line._call, line._pauses = made, (0, 0)
    dui.orientations.sendings._delays = (0, 0, 0)
    dui.connections.keep(SERVICE, SETTINGS)
    return made


@pytest.fixture
def decision(dui, platform, person):
    one = decision_of(7, "dui", person, SETTINGS["struct_idnat"], today=NOW)
    platform.decisions.append(one)
    dui.orientations.fetch("test")
    return one


def wait(dui):
    settled(dui)
    while not dui.idle:
        pass


def test_a_decision_is_matched_by_ins_and_filed(dui, person, decision):
    (row,) = dui.orientations.all()
    assert (row["national"], row["person"], row["individual"]) == (decision.national, person.key, decision.individual)
    assert row["label"] == decision.right[1]
    assert [d.type_code for d in dui.library.of_person(person.key)] == ["18825-0"]


@pytest.mark.usefixtures("decision")
def test_the_next_search_starts_on_the_eve_of_the_last(dui, platform):
    dui.orientations.fetch("test")
    first, second = (path for _, path, _ in platform.calls if path.startswith("DocumentReference?"))
    assert "gt" in first
    assert first < second
    assert len(dui.orientations.all()) == 1


def test_a_decision_of_nobody_known_waits_without_a_record(dui, platform, people):
    platform.decisions.append(decision_of(7, "x", people.person("x", "inconnue"), "1990000010", today=NOW))
    assert dui.orientations.fetch("test") == 1
    assert dui.orientations.all()[0]["person"] is None


def test_reading_is_tried_again_and_a_refused_token_renewed(dui, platform, person):
    platform.decisions.append(decision_of(7, "dui", person, "1990000010", today=NOW))
    cut = MailFault("refdui.fault.unreachable", host="x", reason="cut")
    platform.next = [(401, {}), (503, {}), cut]
    assert dui.orientations.fetch("test") == 1
    assert platform.tokens == 2


@pytest.mark.parametrize(
    "answers",
    [
        [(403, {"issue": [{"diagnostics": "no"}]})],
        [(503, {})] * 3,
        [(200, bundle(following="https://elsewhere.test/fhir/DocumentReference?page=2"))],
        [(200, bundle({"resourceType": "DocumentReference", "id": "a"})), *[(503, {})] * 3],
    ],
)
def test_a_platform_that_fails_is_a_fault_and_the_search_is_done_again(dui, platform, answers):
    platform.next = answers
    with pytest.raises(Fault):
        dui.orientations.fetch("test")
    assert dui.orientations.all() == []
    assert dui.orientations._searched("decisions") == ""


@pytest.mark.parametrize(
    "answer",
    [
        (410, {}),
        (200, {"resourceType": "DocumentReference"}),
        (200, b"[[[["),
        (200, {"content": [{"attachment": 3}]}),
        (200, {"content": [{"attachment": {"data": "%%"}}], "identifier": [{"use": "usual", "value": 3}]}),
    ],
)
def test_a_resource_that_cannot_be_used_stops_no_other(dui, platform, person, answer):
    good = decision_of(7, "dui", person, "1990000010", today=NOW)
    listed = [{"resourceType": "DocumentReference", "id": id} for id in ("bad", good.document)]
    platform.decisions.append(good)
    platform.next = [(200, bundle(*listed)), answer]
    assert dui.orientations.fetch("test") == 1
    assert [t["object"] for t in dui.traces.latest() if t["action"] == "sdo.unread"] == ["bad"]


@pytest.mark.parametrize("content", [b"", b"not xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><ClinicalDocument/>"])
def test_a_document_that_cannot_be_read_is_left(dui, platform, person, content):
    one = decision_of(7, "dui", person, "1990000010", today=NOW)
    listed = bundle({"resourceType": "DocumentReference", "id": one.document})
    platform.next = [(200, listed), (200, document(one, content))]
    assert dui.orientations.fetch("test") == 0
    assert dui.orientations.all() == []


def test_pages_without_end_are_left(dui, platform, monkeypatch):
    monkeypatch.setattr(module, "MAX_PAGES", 5)
    platform.next = [(200, bundle(following=f"{BASE}/DocumentReference?page={n}")) for n in range(50)]
    assert dui.orientations.fetch("test") == 0
    assert len(platform.calls) <= 6


def test_an_evaluation_waits_for_consent(dui, person, decision):
    with pytest.raises(Conflict):
        dui.orientations.evaluation("test", decision.national)
    assert dui.orientations.agree("test", person.key, "2026-11-20", None) == decision.national
    wait(dui)
    assert dui.orientations.evaluation("test", decision.national)
    assert len(dui.library.of_person(person.key)) == 2


def test_an_evaluation_that_is_not_there_is_told(dui, platform, person, decision):
    dui.orientations.agree("test", person.key, "2026-11-20", None)
    wait(dui)
    platform.next = [(200, bundle())]
    with pytest.raises(NotFound):
        dui.orientations.evaluation("test", decision.national)


def test_consent_needs_one_decision_and_a_day(dui, platform, person, decision):
    with pytest.raises(NotFound):
        dui.orientations.agree("test", person.key, "2026-11-20", "another")
    with pytest.raises(Fault):
        dui.orientations.agree("test", person.key, "tomorrow", None)
    platform.decisions.append(decision_of(7, "other", person, "1990000010", today=NOW))
    dui.orientations.fetch("test")
    with pytest.raises(Conflict):
        dui.orientations.agree("test", person.key, "2026-11-20", None)
    assert dui.orientations.agree("test", person.key, "2026-11-20", decision.national) == decision.national


def test_a_status_is_told_once_whatever_happens(dui, platform, decision):
    platform.next = [(503, {}), (429, {})]
    assert dui.orientations.report("test", decision.national, "41", "2026-11-20", {})
    assert not dui.orientations.report("test", decision.national, "41", "2026-11-20", {})
    wait(dui)
    assert len(platform.posted("Task")) == 3
    assert len(platform.tasks) == 1
    assert not dui.orientations.report("test", decision.national, "41", "2026-11-20", {})


def test_a_lost_answer_is_looked_up(dui, platform, decision):
    def taken_then_lost(_method, _path, options):
        platform.tasks.append(json.loads(options["data"]))
        platform.answered = Platform.answered.__get__(platform)
        raise MailFault("refdui.fault.unreachable", host="x", reason="cut")

    platform.answered = taken_then_lost
    dui.orientations.report("test", decision.national, "41", "2026-11-20", {})
    wait(dui)
    assert len(platform.posted("Task")) == 1
    assert dui.orientations.sendings.of(decision.national)[0]["state"] == "sent"


def test_what_is_refused_for_good_is_shown_and_may_be_asked_again(dui, platform, decision):
    platform.next = [(422, {"issue": [{"diagnostics": "wrong order"}]})]
    dui.orientations.report("test", decision.national, "48", "2026-11-20", {})
    wait(dui)
    (sending,) = dui.orientations.sendings.of(decision.national)
    assert (sending["state"], sending["error"]) == ("failed", "422 wrong order")
    assert dui.orientations.report("test", decision.national, "48", "2026-11-20", {})
    wait(dui)
    assert [s["state"] for s in dui.orientations.sendings.of(decision.national)] == ["sent"]


def test_a_cancelled_notification_takes_no_status(dui, platform, decision):
    dui.orientations.report("test", decision.national, "41", "2026-11-20", {})
    wait(dui)
    cancelled = json.loads(json.dumps(platform.tasks[0]).replace('"code": "41"', '"code": "49"'))
    platform.tasks.append(cancelled)
    assert dui.orientations.follow("test") == 2
    assert dui.orientations.get(decision.national)["status"] == "49"
    with pytest.raises(Conflict):
        dui.orientations.report("test", decision.national, "42", "2026-11-20", {})


def test_without_settings_nothing_is_asked(dui):
    with pytest.raises(NotFound):
        dui.orientations.fetch("test")


def test_a_professional_does_it_all_on_one_page(dui, platform, person, decision, browser):
    browser.log_in("camille")
    browser.post(f"/orientations/{decision.national}/accord", {}, token=browser.token("/orientations"))
    wait(dui)
    browser.post(f"/orientations/{decision.national}/evaluation", {}, token=browser.token("/orientations"))
    browser.post(f"/orientations/{decision.national}/statut", {"status": "41"}, token=browser.token("/orientations"))
    wait(dui)
    browser.post("/orientations/relever", {}, token=browser.token("/orientations"))
    page = html.fromstring(browser.get("/orientations").text)
    (row,) = page.findall(".//tbody/tr")
    assert person.birth_name in row.text_content()
    assert [t["status"] for t in platform.tasks] == ["completed"]
    assert page.xpath("//form[@method='post'][not(.//input[@name='csrf'])]") == []
    assert page.xpath("//select[not(@id = //label/@for)]") == []
