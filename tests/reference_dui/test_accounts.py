"""The accounts of the reference DUI: policy, lock, second means, renewal."""

import pytest
from conformance._bundled.reference_dui.accounts.entry import DAY, Refused
from conformance._bundled.reference_dui.accounts.passwords import weak
from conformance._bundled.reference_dui.accounts.policy import DEFAULTS, Policy
from conformance._bundled.reference_dui.faults import Conflict, Fault

from conformance.bench.one_time import Device

STRONG, OTHER = "Essai.fictif.K71", "Essai.fictif.K72"


@pytest.fixture
def life(dui):
    dui.life.create("test", "essai", "Essai Fictif", "professional", password=STRONG)
    return dui.life


@pytest.mark.parametrize("password", ["abcdEFGH", "abcd1234", "aB1.", ""])
def test_a_weak_password_misses_length_or_classes(password) -> None:
    assert weak(password, DEFAULTS["professional"])
    assert not weak("abcdEF12", DEFAULTS["professional"])


def test_the_tenth_failure_locks_and_a_success_forgets_those_before(life) -> None:
    for _ in range(9):
        with pytest.raises(Refused):
            life.enter("essai", OTHER, "")
    life.enter("essai", STRONG, "")
    for _ in range(10):
        with pytest.raises(Refused):
            life.enter("essai", OTHER, "")
    with pytest.raises(Refused):
        life.enter("essai", STRONG, "")


def test_a_policy_is_bounded_and_goes_back_to_the_product_s_own(life) -> None:
    assert life.policies.change("person", {"length": 20}) == Policy(length=20, factors=2)
    assert life.policies.change("person", {"length": 0}) == DEFAULTS["person"]
    for rules in ({"attempts": 11}, {"classes": 5}, {"length": -1}):
        with pytest.raises(Fault):
            life.policies.change("person", rules)
    with pytest.raises(Fault):
        life.policies.change("nobody", {})


def test_former_passwords_are_refused_as_long_as_the_policy_says(life) -> None:
    life.policies.change("professional", {"history": 1})
    life.change_password("essai", STRONG, OTHER)
    for former in (STRONG, OTHER):
        with pytest.raises(Conflict):
            life.change_password("essai", OTHER, former)
    life.change_password("essai", OTHER, "Essai.fictif.K73")
    life.change_password("essai", "Essai.fictif.K73", STRONG)


def test_a_code_opens_once_and_a_lost_device_no_more(life) -> None:
    held = Device.of(life.enrol_device("test", "essai"))
    code = held.code()
    life.enter("essai", STRONG, code)
    for wrong in (code, "", "000000"):
        with pytest.raises(Refused):
            life.enter("essai", STRONG, wrong)
    life.policies.change("professional", {"factors": 2})
    life.report_loss("essai", STRONG)
    with pytest.raises(Refused):
        life.enter("essai", STRONG, held.code())


def test_what_is_past_its_days_is_due_first(life, browser) -> None:
    life.policies.change("professional", {"password_days": 30, "device_days": 30})
    browser.post("/connexion", {"login": "essai", "password": STRONG})
    assert browser.get("/").status_code == 200
    life.backdate("test", "essai", "password", 31)
    sent = browser.get("/", allow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/compte/mot-de-passe")
    page = browser.get("/compte/mot-de-passe")
    assert "arrivé au terme" in page.text
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    refused = browser.post("/compte/mot-de-passe", {"actuel": STRONG, "nouveau": "court"}, token=token)
    assert refused.status_code == 409
    assert "trop faible" in refused.text
    browser.post("/compte/mot-de-passe", {"actuel": STRONG, "nouveau": OTHER}, token=token)
    assert browser.get("/").status_code == 200
    life.enrol_device("test", "essai")
    life.backdate("test", "essai", "device", 31)
    assert life.entry.due("essai") == "device"
    assert "otpauth://totp/essai" in browser.post("/compte/appareil/nouveau", {}, token=token).text
    assert life.entry.due("essai") == ""
    assert DAY == 24 * 3600


def test_a_person_sees_their_account_and_no_record(dui, browser) -> None:
    dui.life.create("test", "usager", "Usager", "person", password=STRONG, attributes={"birth_name": "ESSAI"})
    held = Device.of(dui.life.enrol_device("test", "usager"))
    page = browser.post("/connexion", {"login": "usager", "password": STRONG, "code": held.code()})
    assert page.url.endswith("/compte")
    assert "ESSAI" in page.text
    assert browser.get("/traces", allow_redirects=False).headers["location"] == "/compte"


@pytest.fixture
def sent(life, monkeypatch):
    """What the product tells by mail: address, which notice, code."""
    told = []
    monkeypatch.setattr(
        life.contacts._notices, "send", lambda to, what, **values: told.append((to, what, values.get("code", "")))
    )
    return told


def test_a_contact_serves_once_confirmed_and_the_old_one_is_told(life, sent) -> None:
    life.contacts.ask("essai", "ancien@courriel.test")
    life.contacts.recover("essai")
    assert [what for _, what, _ in sent] == ["confirm"]
    with pytest.raises(Conflict):
        life.contacts.confirm("essai", "00000000")
    life.contacts.confirm("essai", sent[0][2])
    life.change_contact("essai", "nouveau@courriel.test", STRONG)
    assert [(to, what) for to, what, _ in sent[1:]] == [
        ("nouveau@courriel.test", "confirm"),
        ("ancien@courriel.test", "change-asked"),
    ]
    life.contacts.recover("essai")
    assert sent[-1][:2] == ("ancien@courriel.test", "reset")
    life.reset_password("essai", sent[-1][2], OTHER)
    life.enter("essai", OTHER, "")
    with pytest.raises(Conflict):
        life.reset_password("essai", sent[-1][2], STRONG)
    life.contacts.confirm("essai", sent[1][2])
    assert sent[-1][:2] == ("ancien@courriel.test", "change-done")
    assert life.contacts.of("essai") == ("nouveau@courriel.test", "")


def test_a_code_bears_five_tries(life, sent) -> None:
    life.contacts.ask("essai", "ancien@courriel.test")
    for _ in range(5):
        with pytest.raises(Conflict):
            life.contacts.confirm("essai", "00000000")
    with pytest.raises(Conflict):
        life.contacts.confirm("essai", sent[0][2])


def test_somebody_who_registers_alone_waits_for_a_professional(dui, browser) -> None:
    form = {"login": "seul", "password": STRONG, "nom": "ESSAI", "prenoms": "Ana", "naissance": "1950-01-02"}
    browser.post("/inscription", {**form, "sexe": "féminin", "lieu": "63220"})
    held = Device.of(dui.life.enrol_device("test", "seul"))
    refused = browser.post("/connexion", {"login": "seul", "password": STRONG, "code": held.code()})
    assert (refused.status_code, "pas encore vérifiée" in refused.text) == (401, True)
    assert browser.post("/inscription", {**form, "sexe": "féminin", "lieu": "63220"}).status_code == 409
    dui.life.verify("test", "seul", "document")
    page = browser.post("/connexion", {"login": "seul", "password": STRONG, "code": held.code()})
    assert "1950-01-02" in page.text


def test_a_private_identifier_is_borne_once(life) -> None:
    life.create("test", "un", "Un", "professional", attributes={"private_id": "P1"})
    life.create("test", "un", "Un", "professional", attributes={"private_id": "P1"})
    with pytest.raises(Conflict):
        life.create("test", "deux", "Deux", "professional", attributes={"private_id": "P1"})
    assert life.accounts.find("deux") is None
