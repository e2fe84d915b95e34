"""The pages: in French, usable by keyboard and without script, closed to strangers and to forged forms."""

import re
from importlib import resources
from pathlib import Path

import pytest
from lxml import html

from conformance.core.texts import known, say
from tests.reference_dui.conftest import BOX, settled

PUBLIC = "/connexion"
PACKAGE = resources.files("conformance._bundled.reference_dui")


@pytest.fixture
def filled(dui, network, people, person, validate, inbound):
    """A product where every page has something to show."""
    document = validate()
    network.waiting += [inbound(person).raw, inbound(people.person("dui", "inconnue")).raw]
    dui.reception.fetch("test", BOX)
    pending = dui.inbox.all("pending")[0]
    message = dui.correspondence.folder("received")[0]
    return {"person": person.key, "document": document, "item": pending.id, "message": message.id}


PAGES = [
    "/",
    "/personnes/{person}",
    "/documents/{document}",
    "/travail",
    "/travail/{item}",
    "/messages/recus",
    "/messages/envoyes",
    "/messages/ecrire",
    "/messages/ecrire?reponse={message}",
    "/messages/{message}",
    "/orientations",
    "/traces",
    "/parametres",
    "/parametres/dmp",
    "/tableau-de-bord",
    "/aide/dmp",
]


def test_every_page_is_accessible_and_says_it_is_fictitious(browser, filled):
    browser.log_in("admin")
    for path in PAGES:
        answer = browser.get(path.format(**filled))
        page = html.fromstring(answer.text)
        assert answer.status_code == 200, path
        assert page.get("lang") == "fr"
        assert len(page.findall(".//h1")) == len(page.findall(".//main")) == len(page.findall(".//nav")) == 1, path
        assert say("refdui.fictitious", "fr") in answer.text
        assert page.findall(".//script") == []
        assert page.find(".//title").text
        unlabelled = [
            field.get("name")
            for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea")
            if not page.xpath("//label[@for=$id]", id=field.get("id"))
        ]
        assert unlabelled == [], path
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path
        assert page.xpath("//form[@method='post'][not(.//input[@name='csrf'])]") == []
        assert page.xpath("//thead//th[not(@scope)]") == []


def test_pages_carry_their_guards(browser):
    headers = browser.get(PUBLIC).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "SameSite=lax" in headers["Set-Cookie"]


def test_a_stranger_only_sees_the_door(browser, filled):
    for path in PAGES:
        answer = browser.get(path.format(**filled), allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, PUBLIC), path
    assert browser.get("/static/dui.css").status_code == 200


def test_a_wrong_password_opens_nothing(browser):
    answer = browser.post(PUBLIC, {"login": "camille", "password": "autre"})
    assert answer.status_code == 401
    assert browser.get("/", allow_redirects=False).status_code == 303


def test_log_in_changes_the_session_and_log_out_ends_it(browser):
    before = browser.get(PUBLIC).cookies["dui_session"]
    browser.log_in()
    during = browser.session.cookies["dui_session"]
    assert during != before
    assert browser.get("/", allow_redirects=False).status_code == 200
    browser.post("/deconnexion", {}, token=browser.token("/"))
    browser.session.cookies.set("dui_session", during, domain="127.0.0.1", path="/")
    assert browser.get("/", allow_redirects=False).status_code == 303


def test_a_forged_form_does_nothing(browser, dui, person):
    browser.log_in()
    answer = browser.post(f"/personnes/{person.key}/oppositions", {"channel": "dmp", "opposed": "yes"}, token="forge")
    assert answer.status_code == 403
    assert dui.people.oppositions(person.key) == {}


def test_settings_are_for_administrators(browser):
    browser.log_in("camille")
    assert browser.get("/parametres").status_code == 403


def test_the_footer_of_the_site_goes_into_messages(browser, dui, network):
    browser.log_in("admin")
    browser.post("/parametres", {"footer": "Mention du site."}, token=browser.token("/parametres"))
    dui.office.write("test", mailbox=BOX, to=["ami@pro.test"], text="Bonjour")
    settled(dui)
    assert b"Mention du site." in network.sent[0][2]


def test_a_person_is_created_documented_and_opposed_by_hand(browser, dui, network):
    browser.log_in()
    token = browser.token("/")
    traits = {
        "birth_name": "Durand-Fictif",
        "birth_first_names": "Zoé Anne",
        "birth_date": "1950-02-03",
        "sex": "F",
        "birth_place": "63220",
    }
    answer = browser.post("/personnes", traits, token=token)
    assert answer.status_code == 200
    assert "DURAND-FICTIF" in answer.text
    (person,) = dui.people.all()
    assert person.status == "provisoire"
    root = f"/personnes/{person.key}"
    browser.post(
        f"{root}/correspondants", {"address": "med@pro.test", "name": "ESSAI", "identifier": "899"}, token=token
    )
    form = {"mailbox": BOX, "type_code": "80788-3", "title": "", "text": "Texte.", "act_date": "2026-11-20"}
    browser.post(f"{root}/documents", form, token=token)
    settled(dui)
    assert [to for _, to, _ in network.sent] == [("med@pro.test",)]
    browser.post(f"{root}/oppositions", {"channel": "mss-pro", "opposed": "yes"}, token=token)
    browser.post(f"{root}/documents", form, token=token)
    settled(dui)
    assert len(network.sent) == 1


def test_mail_is_fetched_compared_and_attached_by_hand(browser, dui, network, people, inbound):
    known = people.person("dui", "usager", status="validee")
    dui.people.save(known.key, known.as_json())
    network.waiting.append(inbound(people.person("dui", "usager")).raw)
    browser.log_in()
    token = browser.token("/")
    browser.post("/messages/relever", {"mailbox": BOX}, token=token)
    (item,) = dui.inbox.all("pending")
    page = browser.get(f"/travail/{item.id}").text
    assert say("refdui.item.same", "fr") in page
    assert say("refdui.item.differs", "fr") in page
    browser.post(f"/travail/{item.id}/rattacher", {"person": known.key}, token=token)
    assert [d.origin for d in dui.library.of_person(known.key)] == ["received"]


def test_downloads_are_never_shown_in_the_page(browser, filled):
    browser.log_in()
    for path in ("/documents/{document}/pdf", "/documents/{document}/cda", "/travail/{item}/pdf"):
        answer = browser.get(path.format(**filled))
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_a_document_says_is_shown_not_run(browser, person, validate):
    validate(title="<script>alert(1)</script>")
    browser.log_in()
    page = browser.get(f"/personnes/{person.key}").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_an_unknown_page_and_an_unknown_person_say_so(browser):
    browser.log_in()
    assert browser.get("/ailleurs").status_code == 404
    assert browser.get("/personnes/nobody").status_code == 404


def test_another_name_for_this_machine_is_refused(browser):
    assert browser.get(PUBLIC, headers={"Host": "attaque.test"}).status_code == 400


def test_a_form_without_bound_is_refused(browser):
    browser.log_in()
    assert browser.post("/messages", {"text": "x" * 600_000}, token=browser.token("/")).status_code == 400


def test_every_traced_action_has_its_words():
    source = "".join(path.read_text("utf-8") for path in Path(str(PACKAGE)).rglob("*.py"))
    actions = set(re.findall(r'traces\.add\([^,()]+(?:\[[^]]*\])?, "([a-z.]+)"', source))
    assert {"sdo.fetch", "message.queue", "service.configure"} <= actions
    assert sorted(action for action in actions if not known(f"refdui.action.{action}")) == []


def test_a_trace_without_words_is_shown_all_the_same(dui, browser):
    dui.traces.add("test", "unheard.of", "thing")
    browser.log_in()
    assert "unheard.of" in browser.get("/traces").text
