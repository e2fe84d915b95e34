"""A test's lane is known from its node id alone."""

from conformance.bench.scheduling import lane_of
from conformance.core.product import Lane

LANES = (Lane("a", "http://one"), Lane("b", "http://two"))


def test_a_parametrised_test_names_its_lane() -> None:
    assert lane_of("x/test_y.py::test_z[b]", LANES).name == "b"


def test_the_others_are_shared_out_the_same_way_everywhere() -> None:
    ids = [f"x/test_y.py::test_{n}" for n in range(20)]
    assert {lane_of(id, LANES).name for id in ids} == {"a", "b"}
    assert [lane_of(id, LANES) for id in ids] == [lane_of(f"/elsewhere/{id}", LANES) for id in ids]
