"""What the product knows of the DMP without being asked: state, list, news, copies; and the pages that show it."""

import threading
import time
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from conformance._bundled.fixtures.deposits import deposited
from conformance._bundled.reference_dui.dmp.choices import Preload
from conformance._bundled.reference_dui.dmp.client import Listed, Rights
from conformance._bundled.reference_dui.dmp.codes import APPROVED, DELETED, DEPRECATED
from conformance._bundled.reference_dui.faults import Conflict, Fault, MailFault, NotFound
from lxml import etree

from conformance.core.texts import say
from tests.reference_dui.conftest import NOW

LETTER, VISIT = "11490-0", "11488-4"
TODAY = f"{datetime.now(UTC):%Y%m%d%H%M%S}"
LIMIT = 20.0


class Dmp:
    """A DMP under the product's client: what it holds, and what was asked of it."""

    def __init__(self):
        self.rights = Rights("open", "VALIDE")
        self.held = {}
        self.contents = {}
        self.asked = []
        self.gate = threading.Event()
        self.gate.set()

    def holds(self, unique_id, type_code=LETTER, *, status=APPROVED, created=TODAY, content=b""):
        entry = (f"urn:uuid:{unique_id}", unique_id, f"Titre {unique_id}", type_code, created, status, "1")
        self.held[unique_id] = Listed(*entry, etree.Element("e"))
        self.contents[unique_id] = content

    def test(self, _person):
        self.asked.append("test")
        self.gate.wait(LIMIT)
        if isinstance(self.rights, Exception):
            raise self.rights
        return self.rights

    def find(self, _person, criteria):
        self.asked.append("find")
        wanted = {code.partition("^")[0] for code in criteria.get("TypeCode", ())}
        return [e for e in self.held.values() if e.status == APPROVED and (not wanted or e.type_code in wanted)]

    def get(self, _person, unique_id):
        return self.held.get(unique_id)

    def retrieve(self, _person, unique_id):
        self.asked.append(f"retrieve {unique_id}")
        return self.contents[unique_id]


@pytest.fixture
def dmp(dui, monkeypatch):
    made = Dmp()
    for name in ("test", "find", "get", "retrieve"):
        monkeypatch.setattr(dui.dmp.client, name, getattr(made, name))
    dui.connections.keep("dmp", {"base_url": "https://dmp.test"})
    return made


@pytest.fixture
def deposit(people, person):
    def made(role, *, former=""):
        author = people.correspondent("dui", role, domain="pro.test")
        return deposited(
            7, "dui", role, person=person, author=author, today=NOW, type_code=LETTER, title=role, former=former
        )

    return made


def opened(dui, person):
    dui.dmp.opened(person.key)
    settle(dui)


def settle(dui):
    limit = time.monotonic() + LIMIT
    while not dui.dmp.errands.idle and time.monotonic() < limit:
        time.sleep(0.01)
    assert dui.dmp.errands.idle


@pytest.mark.parametrize(
    ("rights", "state"),
    [
        (Rights("open", "VALIDE"), "allowed"),
        (Rights("open", "INTERDITE"), "refused"),
        (Rights("closed", ""), "closed"),
        (Rights("absent", ""), "absent"),
    ],
)
def test_opening_a_record_learns_the_state_of_the_dmp(dui, dmp, person, rights, state) -> None:
    assert dui.dmp.watch.state(person.key) == ""
    dmp.rights = rights
    opened(dui, person)
    assert dui.dmp.watch.state(person.key) == state
    assert ("find" in dmp.asked) == (state == "allowed")


def test_a_dmp_that_is_away_leaves_what_was_known_and_a_trace(dui, dmp, person) -> None:
    opened(dui, person)
    dmp.rights = MailFault("refdui.fault.dmp-unavailable", status=503)
    opened(dui, person)
    assert dui.dmp.watch.state(person.key) == "allowed"
    assert dui.traces.latest()[-1]["action"] == "dmp.errand"


def test_nothing_is_asked_about_who_objects_or_is_not_qualified(dui, dmp, person, people) -> None:
    other = people.person("dui", "provisoire", status="provisoire")
    dui.people.save(other.key, other.as_json())
    dui.people.oppose(person.key, "dmp", True)
    for one in (person, other):
        opened(dui, one)
    assert dmp.asked == []


def test_news_are_recent_documents_of_others_of_the_types_followed(dui, dmp, person, validate) -> None:
    own = dui.library.get(validate())
    dmp.holds(own.unique_id)
    dmp.holds("1.1")
    dmp.holds("1.2")
    dmp.holds("1.3", VISIT)
    dmp.holds("1.4", created=f"{datetime.now(UTC) - timedelta(days=200):%Y%m%d%H%M%S}")
    opened(dui, person)
    news = dui.dmp.watch.news(person.key)
    assert [(one.type_code, one.count) for one in news] == [(VISIT, 1), (LETTER, 2)]
    assert all(str(one.count) in one.shown for one in news)
    dui.dmp.choices.follow("structure", [LETTER])
    assert [one.type_code for one in dui.dmp.watch.news(person.key)] == [LETTER]
    dui.dmp.choices.follow("service", [VISIT])
    assert [one.type_code for one in dui.dmp.watch.news(person.key)] == [VISIT]
    for level in ("structure", "service"):
        dui.dmp.choices.follow(level, [])
    assert len(dui.dmp.watch.news(person.key)) == 2


def test_a_document_replaced_or_deleted_in_the_dmp_is_noticed(dui, dmp, person, deposit) -> None:
    letters = {role: deposit(role) for role in ("corrige", "supprime", "inchange")}
    for made in letters.values():
        dmp.holds(made.unique_id, content=made.cda)
        dui.dmp.integrate("test", person.key, made.unique_id)
    newer = deposit("suite", former="corrige")
    dmp.holds(letters["corrige"].unique_id, status=DEPRECATED)
    dmp.holds(letters["supprime"].unique_id, status=DELETED)
    dmp.holds(newer.unique_id, content=newer.cda)
    opened(dui, person)
    ids = {dui.library.by_unique_id(made.unique_id).id: role for role, made in letters.items()}
    notices = dui.dmp.watch.notices(person.key)
    assert {ids[id]: what for id, what in notices.items()} == {"corrige": "newer", "supprime": "deleted"}
    assert [unique_id for unique_id, _ in dui.dmp.watch.newer(person.key)] == [newer.unique_id]
    dui.dmp.integrate("test", person.key, newer.unique_id)
    assert dui.dmp.watch.newer(person.key) == []
    assert dui.library.replaced(person.key) == {dui.library.by_unique_id(letters["corrige"].unique_id).id}


def plan(dui, person, **ahead):
    at = datetime.now().astimezone() + timedelta(**ahead)
    dui.dmp.preloading.plan("test", person.key, at.isoformat())
    settle(dui)


def test_a_copy_serves_until_its_term(dui, dmp, person, deposit) -> None:
    letter = deposit("lettre")
    dmp.holds(letter.unique_id, content=letter.cda)
    dmp.holds("1.9", VISIT)
    dui.dmp.choices.preload = Preload((LETTER,), 3600)
    plan(dui, person, hours=1)
    plan(dui, person, hours=2)
    assert [asked for asked in dmp.asked if asked.startswith("retrieve")] == [f"retrieve {letter.unique_id}"]
    assert dui.dmp.preloading.copy(letter.unique_id) == letter.cda
    dui.store.run("UPDATE dmp_copies SET until = ?", time.time() - 1)
    assert dui.dmp.preloading.copy(letter.unique_id) is None
    assert dui.store.rows("SELECT * FROM dmp_copies") == []


@pytest.mark.parametrize(("types", "ahead"), [((), {"hours": 1}), ((LETTER,), {"days": 20})])
def test_nothing_is_preloaded_of_no_type_or_for_a_far_visit(dui, dmp, person, types, ahead) -> None:
    dui.dmp.choices.preload = Preload(types, 60)
    plan(dui, person, **ahead)
    assert dmp.asked == []


@pytest.mark.parametrize("at", ["demain", "2026-11-22T10:00:00", ""])
def test_a_visit_has_an_instant(dui, person, at) -> None:
    with pytest.raises(Fault):
        dui.dmp.preloading.plan("test", person.key, at)


@pytest.mark.parametrize(
    "wrong",
    [Preload((), 0), Preload((), 31 * 86_400), Preload(("1" * 41,), 60), Preload(tuple(map(str, range(201))), 60)],
)
def test_what_cannot_be_set_is_refused(dui, wrong) -> None:
    with pytest.raises(Fault):
        dui.dmp.choices.preload = wrong
    with pytest.raises(Fault):
        dui.dmp.choices.follow("hospital", [LETTER])


def test_only_what_came_from_elsewhere_leaves_the_record(dui, dmp, person, deposit, validate) -> None:
    letter = deposit("lettre")
    dmp.holds(letter.unique_id, content=letter.cda)
    id = dui.dmp.integrate("test", person.key, letter.unique_id)["document"]
    dui.library.remove(id)
    with pytest.raises(NotFound):
        dui.library.get(id)
    with pytest.raises(Conflict):
        dui.library.remove(validate())


def test_the_pages_show_it_all(dui, dmp, person, deposit, browser) -> None:
    letter = deposit("lettre")
    dmp.holds(letter.unique_id, content=letter.cda)
    browser.log_in()
    page = f"/personnes/{person.key}"
    dmp.gate.clear()
    assert 'content="2; url=?vu=1"' in browser.get(page).text
    dmp.gate.set()
    settle(dui)
    shown = browser.get(f"{page}?vu=1").text
    assert say("refdui.dmp.state.allowed", "fr") in shown
    assert "http-equiv" not in shown
    listed = browser.get(f"{page}/dmp")
    assert listed.status_code == 200
    assert f"Titre {letter.unique_id}" in listed.text
    assert browser.get(f"{page}/dmp?type=x").text.count("Titre") == 0
    for notice in ("refdui.done.dmp-integrated", "refdui.done.dmp-held"):
        assert say(notice, "fr") in unescape(browser.post(f"{page}/dmp", {"unique_id": letter.unique_id}).text)
    assert say("refdui.origin.dmp", "fr") in browser.get(page).text
    id = dui.library.by_unique_id(letter.unique_id).id
    assert say("refdui.done.document-removed", "fr") in browser.post(f"/documents/{id}/retirer", {}).text
    assert dui.library.by_unique_id(letter.unique_id) is None


def test_the_settings_are_kept_by_hand(dui, browser) -> None:
    browser.log_in("admin")
    form = {"preload": f"{LETTER}, {VISIT}", "hours": "2", "structure": LETTER, "service": ""}
    browser.post("/parametres/dmp", form)
    assert dui.dmp.choices.preload == Preload((LETTER, VISIT), 7200)
    assert dui.dmp.choices.followed("structure") == (LETTER,)
    assert f'value="{LETTER}, {VISIT}"' in browser.get("/parametres/dmp").text
    assert browser.post("/parametres/dmp", {**form, "hours": "x"}).status_code == 400
