"""The product sheet: what it accepts, and the card for each way of being wrong."""

import pytest

from conformance.core.errors import UsageError
from conformance.core.product import load_product

GOOD = """
[product]
name = "Essai"
version = "1"
editor = "Éditeur"
reference = "REF-1"
[conditions]
pa_ph = true
[driver]
kind = "http"
url = "http://127.0.0.1:1/conformance/v1"
"""


def written(tmp_path, text):
    path = tmp_path / "dui.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sheet_without_lanes_has_one(tmp_path) -> None:
    product = load_product(written(tmp_path, GOOD))
    assert [lane.name for lane in product.lanes] == ["main"]
    assert product.lanes[0].url == "http://127.0.0.1:1/conformance/v1"


@pytest.mark.parametrize(
    ("limits", "answer"), [("", 1800.0), ("[limits]\nidle = 5\n", 1800.0), ("[limits]\nanswer = 60\n", 60.0)]
)
def test_a_person_who_is_guided_has_the_time_that_a_program_does_not_need(tmp_path, limits, answer) -> None:
    guided = GOOD.replace('"http"', '"guided"') + limits
    assert load_product(written(tmp_path, guided)).limits.answer == answer
    assert load_product(written(tmp_path, GOOD)).limits.answer == 30.0


def test_the_sheet_that_goes_into_evidence_holds_no_address(tmp_path) -> None:
    product = load_product(written(tmp_path, GOOD))
    assert "127.0.0.1" not in repr(product.sheet())


@pytest.mark.parametrize(
    ("change", "code", "key"),
    [
        (('reference = "REF-1"', ""), "dui.missing", "product.reference"),
        (('kind = "http"', 'kind = "robot"'), "dui.value", "driver.kind"),
        (("http://127.0.0.1", "ftp://127.0.0.1"), "dui.value", "driver.url"),
        (("pa_ph = true", 'pa_ph = "yes"'), "dui.value", "conditions.pa_ph"),
        (('version = "1"', 'version = "1"\ncolour = "red"'), "dui.unknown-key", "product.colour"),
        (("[conditions]", "[limits]\nidle = -1\n[conditions]"), "dui.value", "limits.idle"),
        (("[conditions]", '[[lane]]\nname = "A b"\n[conditions]'), "dui.value", "lane.name"),
        (("[conditions]", '[[lane]]\nname = "a"\n[[lane]]\nname = "a"\n[conditions]'), "dui.value", "lane.name"),
    ],
)
def test_a_wrong_sheet_is_refused_by_name(tmp_path, change, code, key) -> None:
    with pytest.raises(UsageError) as caught:
        load_product(written(tmp_path, GOOD.replace(*change)))
    assert caught.value.code == code
    assert caught.value.values["key"] == key
    assert key in caught.value.card("en")


def test_what_is_not_toml_is_refused(tmp_path) -> None:
    with pytest.raises(UsageError) as caught:
        load_product(written(tmp_path, "[product"))
    assert caught.value.code == "dui.not-toml"


def test_an_absent_sheet_is_refused_with_the_way_out(tmp_path) -> None:
    with pytest.raises(UsageError) as caught:
        load_product(tmp_path / "none.toml")
    assert "conformance init" in caught.value.card("en")


def test_a_front_door_is_that_of_every_lane_unless_a_lane_has_its_own(tmp_path) -> None:
    lanes = '[[lane]]\nname = "a"\n[[lane]]\nname = "b"\nfront = { url = "https://b.test/", probe = false }\n'
    front = '[front]\nurl = "https://dui.test/"\nca = "ca.pem"\n'
    first, second = load_product(written(tmp_path, GOOD + front + lanes)).lanes
    assert (first.front.url, first.front.ca, first.front.probe) == ("https://dui.test/", str(tmp_path / "ca.pem"), True)
    assert (second.front.url, second.front.ca, second.front.probe) == ("https://b.test/", "", False)


def test_a_sheet_without_a_front_door_has_none(tmp_path) -> None:
    assert load_product(written(tmp_path, GOOD)).lanes[0].front is None


@pytest.mark.parametrize("front", ['url = "dui.test"', "ca = 1", 'url = "https://dui.test/"\nprobe = "no"', "x = 1"])
def test_a_front_door_that_does_not_read_is_told(tmp_path, front) -> None:
    with pytest.raises(UsageError):
        load_product(written(tmp_path, GOOD + "[front]\n" + front + "\n"))
