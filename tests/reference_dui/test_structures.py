"""The entrance of structures of the reference DUI: who has an account, and what its traces say."""

import pytest
from conformance._bundled.reference_dui.faults import Fault


@pytest.mark.parametrize(("kind", "prefix"), [("finess", "1"), ("siren", "2"), ("siret", "3"), ("rpps-rang", "4")])
def test_a_number_is_known_with_the_prefix_of_its_kind(dui, kind, prefix) -> None:
    assert dui.structures.allow("test", kind, "990000017") == f"{prefix}990000017"
    assert dui.structures.admit(f"{prefix}990000017")
    assert not dui.structures.admit("990000017")


@pytest.mark.parametrize(("kind", "number"), [("ape", "1"), ("finess", "99 00")])
def test_what_is_no_number_is_refused(dui, kind, number) -> None:
    with pytest.raises(Fault):
        dui.structures.allow("test", kind, number)


def test_a_visit_is_traced_whatever_comes_of_it(dui) -> None:
    dui.structures.admit("1990000017")
    assert [(t["who"], t["response"]) for t in dui.traces.latest(1)] == [("1990000017", "refused")]
