"""Batches of accounts, national identifiers and traces in the reference DUI."""

import pytest
from conformance._bundled.reference_dui.accounts import batches, synchronisation
from conformance._bundled.reference_dui.accounts.identifiers import PERIOD
from conformance._bundled.reference_dui.accounts.life import TRAITS
from conformance._bundled.reference_dui.annuaire.client import DirectoryFault
from conformance._bundled.reference_dui.annuaire.entry import Entry
from conformance._bundled.reference_dui.faults import Fault, NotFound

from conformance.ldap.messages import Entry as LdapEntry

STRONG = "Essai.fictif.K71"
NAMES = {"exercise_name": "FICTIF", "first_name": "ANA"}


@pytest.fixture
def life(dui):
    dui.life.create("test", "essai", "Essai Fictif", "professional", password=STRONG, attributes=NAMES)
    return dui.life


def run(dui, *rows):
    return batches.run(dui.life, "test", rows, dui.sins)


def test_a_batch_makes_changes_permits_and_deletes(dui, life) -> None:
    done = run(
        dui,
        {"action": "create", "account": "venu", "displayed": "Venu", "password": STRONG},
        {"action": "change", "account": "essai", "displayed": "Autre"},
        {"action": "grant", "account": "essai", "permission": "administration"},
    )
    assert done == 3
    assert (life.accounts.get("essai")["name"], life.accounts.get("essai")["role"]) == ("Autre", "administrator")
    life.enter("venu", STRONG, "")
    run(
        dui,
        {"action": "revoke", "account": "essai", "permission": "administration"},
        {"action": "delete", "account": "venu"},
    )
    assert life.accounts.get("essai")["role"] == "professional"
    with pytest.raises(NotFound):
        life.accounts.get("venu")


@pytest.mark.parametrize(
    "row", ["x", {"action": "create"}, {"action": "burn", "account": "essai"}, {"action": "grant", "account": "essai"}]
)
def test_a_row_that_says_nothing_is_refused(dui, life, row) -> None:
    with pytest.raises(Fault):
        run(dui, row)
    assert life.accounts.get("essai")["name"] == "Essai Fictif"


class Directory:
    """A directory that answers what the test wants."""

    def __init__(self):
        self.asked, self.answers = [], []

    def search(self, family, given, *, attempts):
        self.asked.append((family, given, attempts))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [Entry(identifier, family, given, "G15_10") for identifier in answer]


@pytest.fixture
def directory(life, dui, monkeypatch):
    assert life.accounts.attributes("essai") == NAMES
    made = Directory()
    monkeypatch.setattr(dui.identifiers, "_client", made)
    return made


def test_the_one_professional_of_that_name_gives_the_number(dui, directory) -> None:
    directory.answers = [["899900000011"]]
    assert dui.identifiers.search("essai") == "found"
    assert dui.accounts.attributes("essai")["rpps"] == "99900000011"
    assert dui.identifiers.renew() == 0
    dui.identifiers.backdate("essai", PERIOD + 1)
    directory.answers = [["899900000011"]]
    assert dui.identifiers.renew() == 1
    assert directory.asked == [("FICTIF", "ANA", 1)] * 2


@pytest.mark.parametrize(
    "answer", [[], ["899900000011", "899900000022"], DirectoryFault("refdui.fault.directory-refused")]
)
def test_a_search_that_names_nobody_is_told_and_made_again(dui, directory, browser, answer) -> None:
    directory.answers = [answer, ["899900000011"]]
    assert dui.identifiers.search("essai") == "due"
    browser.post("/connexion", {"login": "essai", "password": STRONG})
    assert "la recherche sera refaite" in browser.get("/compte").text
    assert dui.identifiers.renew() == 1
    assert "la recherche sera refaite" not in browser.get("/compte").text


def test_traces_say_how_each_act_ended(dui, life) -> None:
    with pytest.raises(Fault):
        life.enter("essai", "faux", "")
    life.enter("essai", STRONG, "")
    rows = [row for row in dui.traces.latest() if row["who"] == "essai"]
    assert [(row["action"], row["response"]) for row in rows] == [
        ("session.refuse", "refused"),
        ("session.open", "done"),
    ]


class Structure:
    """The entries that a directory would give."""

    def __init__(self):
        self.entries = []

    def put(self, *people, group=""):
        held = {"memberOf": [group]} if group else {}
        self.entries = [
            LdapEntry(uid, {"uid": [uid], "cn": [name], "sn": [name], "mail": [f"{uid}@structure.test"], **held})
            for uid, name in people
        ]


@pytest.fixture
def structure(dui, monkeypatch):
    made = Structure()
    dui.connections.keep("ldap", {"permission_group": "cn=Habilites,dc=test"})
    monkeypatch.setattr(synchronisation, "_people", lambda _settings: made.entries)
    return made


def test_accounts_follow_the_directory_and_those_of_the_product_stay(dui, structure, life, browser) -> None:
    structure.put(("ana", "Ana"), ("leo", "Léo"))
    assert dui.synchronisation.run("test") == 2
    life.create("test", "ana", "Ana", "professional", password=STRONG)
    structure.put(("ana", "Autre"), group="CN=habilites,dc=test")
    dui.synchronisation.run("test")
    assert (life.accounts.get("ana")["name"], life.accounts.get("ana")["role"]) == ("Autre", "administrator")
    assert life.accounts.find("leo") is None
    assert life.accounts.find("essai") is not None
    browser.post("/connexion", {"login": "ana", "password": STRONG})
    assert "Essai Fictif" in browser.get("/comptes").text
    structure.put(("ana", "Autre"))
    dui.synchronisation.run("test")
    assert browser.get("/comptes").status_code == 403


def test_a_directory_that_does_not_answer_changes_nothing(dui, life) -> None:
    nobody = {
        "host": "127.0.0.1",
        "port": 9,
        "bind_dn": "x",
        "password": "x",
        "people_dn": "x",
        "permission_group": "x",
    }
    dui.connections.keep("ldap", nobody)
    with pytest.raises(Fault):
        dui.synchronisation.run("test")
    assert life.accounts.find("essai") is not None


def test_an_administrator_verifies_disables_and_sets_rules_from_the_page(life, browser) -> None:
    life.register(dict.fromkeys(TRAITS, "x") | {"login": "seul", "password": STRONG})
    browser.log_in("admin")
    assert "Essai Fictif" in browser.get("/comptes").text
    token = browser.token("/comptes")
    browser.post("/comptes/seul/identite-verifiee", {}, token=token)
    assert life.accounts.get("seul")["verified"]
    life.enrol_device("test", "essai")
    browser.post("/comptes/essai/moyen-perdu", {}, token=token)
    assert not life.devices.has("essai")
    browser.post("/comptes/regles/professional", {"length": "20", "attempts": ""}, token=token)
    assert life.policies.of("professional").length == 20
    assert browser.post("/comptes/regles/professional", {"length": "vingt"}, token=token).status_code == 400
    assert browser.post("/comptes/essai/rien", {}, token=token).status_code == 404
    browser.post("/comptes/essai/desactiver", {}, token=token)
    with pytest.raises(Fault):
        life.enter("essai", STRONG, "")
