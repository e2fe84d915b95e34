"""Trials on sessions and rights, on journals played by hand: a fault of the product is no refusal."""

import pytest

from tests.checks.test_session_trials import Rights

API = "http://dui.test/api"


@pytest.fixture
def door(tmp_path):
    return Rights(tmp_path)


@pytest.mark.parametrize(("after", "subjects", "codes"), [
    (302, 1, []),
    (401, 1, []),
    (200, 1, ["session.browser-closed.open"]),
    (503, 0, []),
    (0, 0, []),
])  # fmt: skip
def test_a_session_is_closed_by_a_refusal_and_not_by_a_fault(door, after, subjects, codes) -> None:
    door.bench("expectation", name="browser-closed", label="reopened", audience="person")
    door.tries("reopened")
    door.visit("reopened", "after", after)
    assert door.codes("session.browser-closed") == codes
    assert len(door.subjects("session.browser-closed")) == subjects


@pytest.mark.parametrize(("status", "shows", "subjects", "codes"), [
    (403, [], 1, []),
    (200, [], 1, []),
    (200, ["NOM"], 1, ["rights.administrator.shown"]),
    (500, [], 0, []),
])  # fmt: skip
def test_a_record_is_kept_from_an_administrator_by_an_answer(door, status, shows, subjects, codes) -> None:
    told = {"professional": "professional", "administrator": "administrator", "shown": "NOM"}
    door.bench("expectation", name="record-look", **told)
    door.tries("professional")
    door.visit("professional", "record", shows=["NOM"])
    door.tries("administrator")
    door.visit("administrator", "record", status, shows=shows)
    assert door.codes("rights.administrator") == codes
    assert len(door.subjects("rights.administrator")) == subjects


@pytest.mark.parametrize(("disabled", "subjects", "codes"), [
    (401, 1, []),
    (200, 1, ["account.service-disabled.works"]),
    (0, 0, []),
    (502, 0, []),
    (None, 0, []),
])  # fmt: skip
def test_a_disabled_service_account_is_refused_by_an_answer(door, disabled, subjects, codes) -> None:
    door.bench("expectation", name="service-account", machine="machine", screen="screen", person="person")
    door.tries("person")
    door.bench("expectation", name="browser", label="machine", marks=("browser:machine",))
    door.visit("machine", "call", url=API)
    door.tries("screen", opened=False)
    door.visit("machine", "again", url=API)
    if disabled is not None:
        door.visit("machine", "disabled", disabled, url=API)
    assert door.codes("account.service-disabled") == codes
    assert len(door.subjects("account.service-disabled")) == subjects
    assert len(door.subjects("account.service-login")) == 1


@pytest.mark.parametrize(("siren", "siret", "subjects", "codes"), [
    (403, 200, 1, []),
    (200, None, 1, []),
    (403, 403, 1, ["structure.identified.refused"] * 2),
    (None, None, 0, []),
])  # fmt: skip
def test_a_product_knows_structures_by_siren_or_siret(door, siren, siret, subjects, codes) -> None:
    door.probe("good-finess")
    door.probe("good-rpps-rang", kind="rpps-rang", number="90000000000001")
    for kind, status, number in (("siren", siren, "000000018"), ("siret", siret, "00000001800012")):
        if status is not None:
            door.probe(f"good-{kind}", status=status, kind=kind, number=number)
    door.probe("stranger", status=403, number="990000025")
    assert door.codes("structure.identified") == codes
    assert len(door.subjects("structure.identified")) == subjects
