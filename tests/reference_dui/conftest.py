"""The reference DUI on a stub network, its pages and control API on a loopback port."""

import threading
import time
from datetime import datetime
from email import message_from_bytes
from email.policy import default

import pytest
import requests
import uvicorn
from conformance._bundled.fixtures.inbound import n1_transmission
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui.accounts import passwords
from conformance._bundled.reference_dui.application import application, build

from tests.reference_dui.stub import SETTINGS, TOKEN, StubTransport

BOX = "dui@dui.test"
NOW = datetime(2026, 11, 20, 10, 30).astimezone().isoformat()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch):
    """Passwords cost what they must in the product, and nothing here."""
    monkeypatch.setitem(passwords._COST, "n", 2)


@pytest.fixture
def dui(tmp_path):
    """The product, its worker started, with one PER mailbox."""
    made = build(tmp_path / "data", transport=StubTransport)
    made.start()
    made.mailboxes.configure(BOX, "PER", SETTINGS, "test")
    yield made
    made.stop()


@pytest.fixture
def network(dui):
    """The stub under the product."""
    return dui.outbox._transport


@pytest.fixture
def people():
    """Fictitious people of a fixed seed."""
    return Population(7)


@pytest.fixture
def person(dui, people):
    """A person whose identity is qualified, with a record."""
    found = people.person("dui", "usager")
    dui.people.save(found.key, found.as_json())
    return found


@pytest.fixture
def doctor(dui, people, person):
    """A correspondent of that person."""
    found = people.correspondent("dui", "medecin", domain="pro.test")
    dui.people.add_correspondent(person.key, found.address, found.as_json())
    return found


@pytest.fixture
def validate(dui, person):
    """Validate a document of the person and wait for the messages."""

    def validated(**changes):
        members = {
            "person": person.key,
            "mailbox": BOX,
            "type_code": "80788-3",
            "title": "Projet",
            "text": "Un texte fictif.",
            "act_date": NOW,
        }
        id = dui.office.validate("test", **{**members, **changes})
        settled(dui)
        return id

    return validated


@pytest.fixture
def inbound(people):
    """A received message with a document about a person."""

    def made(person, text=""):
        sender = people.correspondent("dui", "hopital", domain="pro.test", kind="ORG")
        return n1_transmission(person=person, sender=sender, recipient=BOX, people=people, today=NOW, text=text)

    return made


@pytest.fixture
def served(dui):
    """The HTTP application on a loopback port; answers its root address. The product's own lifespan is the fixture's."""
    app = application(dui, TOKEN, switchable=True)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + 10
    while not server.started and time.monotonic() < limit:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def browser(served):
    """A session that keeps cookies and follows nothing by itself."""
    with requests.Session() as session:
        session.trust_env = False
        yield Browser(session, served)


class Browser:
    """What a person does: open a page, send a form with the page's token."""

    def __init__(self, session, root):
        self.session = session
        self.root = root

    def get(self, path, **options):
        return self.session.get(self.root + path, timeout=10, **options)

    def post(self, path, form, *, token=None, **options):
        return self.session.post(self.root + path, data={"csrf": token or self.token(), **form}, timeout=10, **options)

    def token(self, path="/connexion"):
        return self.get(path).text.partition('name="csrf" value="')[2].partition('"')[0]

    def log_in(self, login="camille"):
        return self.post("/connexion", {"login": login, "password": "demonstration"})


def settled(dui):
    """Wait until the product says it is idle."""
    limit = time.monotonic() + 10
    while not dui.outbox.idle:
        assert time.monotonic() < limit, "the product never became idle"
        time.sleep(0.01)


def parsed(raw):
    return message_from_bytes(raw, policy=default)
