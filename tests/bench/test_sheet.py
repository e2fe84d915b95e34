"""What a product sheet says fits the profiles, or is refused by name."""

from dataclasses import replace

import pytest

from conformance.bench.profiles import shipped_profiles
from conformance.bench.sheet import refuse_unfit
from conformance.core.errors import UsageError
from conformance.core.product import product_of
from conformance.core.profile import load_profile

SHEET = {
    "product": {"name": "Un DUI", "version": "1", "editor": "Éditeur", "reference": "x"},
    "driver": {"kind": "guided"},
}


@pytest.fixture(scope="module")
def product():
    return product_of(SHEET, "dui.toml")


@pytest.fixture(scope="module")
def sdo():
    return load_profile(shipped_profiles()["sdo-4.0"])


@pytest.mark.parametrize("value", [{}, {"39": ["40"]}, {"39": [], "40": ["41", "42"]}])
def test_a_hypothesis_takes_another_value_of_its_shape(product, sdo, value) -> None:
    refuse_unfit(replace(product, parameters={"sdo": {"transitions": value}}), [sdo], "dui.toml")


@pytest.mark.parametrize("value", [5, "39", ["39"], {"39": "40"}, {"39": [40]}, {"39": [["40"]]}, True])
def test_a_hypothesis_refuses_a_value_of_another_shape(product, sdo, value) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_unfit(replace(product, parameters={"sdo": {"transitions": value}}), [sdo], "dui.toml")
    assert "parameters.sdo.transitions" in caught.value.card()


@pytest.mark.parametrize("value", [True, "13", 13.0])
def test_a_number_is_a_whole_number(product, sdo, value) -> None:
    asked = {"patient_address": {"matricule_length": value}}
    with pytest.raises(UsageError, match="matricule_length"):
        refuse_unfit(replace(product, parameters=asked), [sdo], "dui.toml")
    refuse_unfit(replace(product, parameters={"patient_address": {"matricule_length": 13}}), [sdo], "dui.toml")
