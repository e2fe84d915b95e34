"""The control API answers each operation as its contract says, to whoever holds the token."""

import hashlib

import pytest
import requests
from conformance._bundled.reference_dui.faults import NotFound

from conformance.drivers import operations as ops
from conformance.drivers.http import HttpDriver
from conformance.drivers.outcome import Answered
from tests.reference_dui.conftest import BOX, NOW, settled
from tests.reference_dui.stub import APP_SETTINGS, SETTINGS, TOKEN


@pytest.fixture
def driver(served):
    return HttpDriver(f"{served}/conformance/v1", TOKEN, 10)


@pytest.fixture
def call(served):
    def called(method, path, token=TOKEN, **options):
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return session.request(method, f"{served}/conformance/v1{path}", headers=headers, timeout=10, **options)

    return called


def test_about_names_the_product_and_every_operation(driver):
    about = driver.perform(ops.ReadAbout())
    assert about.done
    assert about.body["reference"].startswith("DUI-REF-")
    assert {"name", "version"} <= set(about.body)
    assert about.body["operations"] == [operation.name for operation in ops.OPERATIONS]


@pytest.mark.parametrize("token", [None, "", "autre", TOKEN + "x", "é"])
def test_without_the_token_nothing_is_told(served, token):
    with requests.Session() as session:
        session.trust_env = False
        headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
        answer = session.get(f"{served}/conformance/v1/about", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert set(answer.json()) == {"error"}


def test_an_operation_that_does_not_exist_is_not_offered(driver, call):
    assert call("GET", "/nothing").status_code == 501
    assert driver._call("POST", "/dmp/feed", {}).answered is Answered.NOT_OFFERED


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/persons/p1", b"not json"),
        ("/persons/p1", b"[1]"),
        ("/persons/p1", b'{"identity": 3}'),
        ("/persons/p1", b'{"identity": {"birth_name": "SEUL"}}'),
        ("/mailboxes/x@dui.test", b'{"kind": "XXX", "settings": {}}'),
        ("/mailboxes/x@dui.test", b'{"kind": "PER", "settings": {"ca_pem": 4}}'),
        ("/persons/p1", b"[" * 100_000),
        ("/defects", b'{"defects": ["unheard-of"]}'),
    ],
)
def test_bad_input_is_refused_in_words(call, path, body):
    answer = call("PUT", path, data=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_body_without_bound_is_refused(call):
    assert call("PUT", "/persons/p1", data=b" " * (3 * 1024 * 1024)).status_code == 413


def test_mailboxes_of_both_families_are_set_up_and_tested(driver, network):
    made = driver.perform(ops.ConfigureMailbox("org@dui.test", "ORG", SETTINGS))
    app = driver.perform(ops.ConfigureMailbox("app@dui.test", "APP", APP_SETTINGS))
    assert made.done
    assert app.done
    assert network.tested[-2:] == ["org@dui.test", "app@dui.test"]
    assert network.entrusted["org@dui.test"] == SETTINGS["psc"]["refresh_token"]


def test_tokens_never_reach_the_disk(driver, tmp_path):
    assert driver.perform(ops.ConfigureMailbox("org@dui.test", "ORG", SETTINGS)).done
    written = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert SETTINGS["psc"]["token_endpoint"].encode() in written
    assert SETTINGS["psc"]["refresh_token"].encode() not in written


def test_a_document_goes_from_record_to_correspondent(driver, dui, network, people):
    person = people.person("control", "usager")
    doctor = people.correspondent("control", "medecin", domain="pro.test")
    assert driver.perform(ops.CreatePerson(person.key, person.as_json())).done
    assert driver.perform(ops.AddCorrespondent(person.key, doctor.address, doctor.as_json())).done
    validated = driver.perform(ops.ValidateDocument(person.key, BOX, "80788-3", "Projet", "Texte.", NOW))
    assert validated.done
    settled(dui)
    assert driver.perform(ops.ReadIdle()).body == {"idle": True}
    recipients = {recipient for _, to, _ in network.sent for recipient in to}
    assert recipients == {doctor.address, f"{person.ins}@patient.test"}

    (listed,) = driver.perform(ops.ReadRecord(person.key)).body["documents"]
    assert listed["id"] == validated.body["document"]
    assert listed["origin"] == "produced"
    content = driver.perform(ops.ReadDocument(listed["id"])).content
    assert hashlib.sha256(content).hexdigest() == listed["sha256"]


def test_opposition_is_recorded_and_lifted(driver, dui, person):
    assert driver.perform(ops.RecordOpposition(person.key, "mss-pro", opposed=True)).done
    assert "mss-pro" in dui.people.oppositions(person.key)
    assert driver.perform(ops.RecordOpposition(person.key, "mss-pro", opposed=False)).done
    assert dui.people.oppositions(person.key) == {}


def test_a_message_by_hand_is_queued_and_sent(driver, dui, network):
    answer = driver.perform(ops.SendMessage(BOX, ("ami@pro.test",), "Bonjour", subject="Essai", read_receipt=True))
    assert answer.done
    settled(dui)
    ((_, to, raw),) = network.sent
    assert to == ("ami@pro.test",)
    assert answer.body["message_id"].encode() in raw


def test_received_documents_are_listed_and_attached(driver, network, people, inbound):
    stranger = people.person("control", "inconnue")
    network.waiting.append(inbound(stranger).raw)
    assert driver.perform(ops.FetchMail(BOX)).body == {"received": 1}
    (item,) = driver.perform(ops.ReadInbox()).body["items"]
    assert {"id", "message_id", "state", "person", "title", "author", "created", "type_code"} <= set(item)
    assert item["state"] == "pending"
    assert driver.perform(ops.CreatePerson(stranger.key, stranger.as_json())).done
    attached = driver.perform(ops.AttachDocument(item["id"], stranger.key))
    assert attached.done
    assert driver.perform(ops.ReadInbox()).body["items"][0]["state"] == "integrated"
    again = driver.perform(ops.AttachDocument(item["id"], stranger.key))
    assert (again.answered, again.status) == (Answered.REFUSED, 409)


@pytest.mark.parametrize(
    "operation",
    [
        ops.ReadRecord("nobody"),
        ops.ReadDocument("nothing"),
        ops.FetchMail("nobody@dui.test"),
        ops.AttachDocument("nothing", "nobody"),
        ops.ValidateDocument("nobody", BOX, "80788-3", "T", "t", NOW),
        ops.RecordOpposition("nobody", "mss-pro", opposed=True),
    ],
)
def test_what_does_not_exist_is_refused_by_name(driver, operation):
    answer = driver.perform(operation)
    assert (answer.answered, answer.status) == (Answered.REFUSED, 404)
    assert answer.body["error"]


def test_traces_say_who_did_what(driver, person):
    driver.perform(ops.ReadRecord(person.key))
    trace = driver.perform(ops.ReadTraces()).body["traces"][-1]
    assert set(trace) == {"at", "who", "action", "object", "request", "response"}
    assert (trace["who"], trace["action"], trace["object"]) == ("conformance", "person.read", person.key)


def test_defects_are_switched_live(driver, dui):
    driver.prepare(("drops-nil-header",))
    assert dui.sins.names == ("drops-nil-header",)
    driver.prepare(())
    assert dui.sins.names == ()


def test_the_settings_of_a_national_service_are_kept(driver, dui):
    assert driver.perform(ops.ConfigureService("annuaire", {"url": "https://localhost:1/fhir"})).done
    assert dui.connections.of("annuaire") == {"url": "https://localhost:1/fhir"}
    with pytest.raises(NotFound, match="insi"):
        dui.connections.of("insi")
