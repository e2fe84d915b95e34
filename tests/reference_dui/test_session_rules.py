"""Who may see what at the reference DUI's door, what processes may ask, and when one factor is enough."""

import pytest
from conformance._bundled.reference_dui.accounts.entry import Refused
from conformance._bundled.reference_dui.accounts.machine import MACHINE

from conformance.bench.one_time import Device

SECRET = "Essai.fictif.K7-longue"


def test_an_administrator_is_sent_from_records_to_the_account(browser, person) -> None:
    browser.log_in("admin")
    answer = browser.get(f"/personnes/{person.key}")
    assert answer.url.endswith("/compte")
    assert person.birth_name not in answer.text


def test_a_process_asks_without_a_screen_and_never_at_one(dui, browser) -> None:
    dui.life.create("test", "processus", "processus", "service", password=SECRET, attributes={})
    assert browser.get(MACHINE, auth=("processus", SECRET)).status_code == 200
    assert browser.post("/connexion", {"login": "processus", "password": SECRET}).status_code == 401
    dui.life.disable("test", "processus")
    assert browser.get(MACHINE, auth=("processus", SECRET)).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic w6k=", "Bearer x"])
def test_whoever_shows_no_such_account_is_refused(dui, browser, header) -> None:
    dui.life.create("test", "camille-2", "Camille", "professional", password=SECRET, attributes={})
    assert browser.get(MACHINE, headers={"Authorization": header}).status_code == 401
    assert browser.get(MACHINE, auth=("camille-2", SECRET)).status_code == 401


def test_the_session_cookie_has_no_duration(browser) -> None:
    assert "Max-Age" not in browser.get("/connexion").headers["Set-Cookie"]


def test_one_factor_is_enough_for_the_time_set_and_no_longer(dui) -> None:
    dui.life.create("test", "essai", "Essai", "professional", password=SECRET, attributes={})
    device = Device.of(dui.life.enrol_device("test", "essai"))
    dui.life.policies.change("professional", {"factors": 2, "one_factor": 600})
    with pytest.raises(Refused):
        dui.life.enter("essai", SECRET, "")
    dui.life.enter("essai", SECRET, device.code())
    dui.life.enter("essai", SECRET, "")
    dui.store.run("UPDATE accounts SET both = both - 601 WHERE login = 'essai'")
    with pytest.raises(Refused):
        dui.life.enter("essai", SECRET, "")
