import gc

import pytest

from conformance.core.collector import collector_at_rest


@pytest.fixture(autouse=True)
def as_it_was():
    enabled = gc.isenabled()
    yield
    if enabled:
        gc.enable()
    else:
        gc.disable()


def test_the_collector_rests_and_goes_on():
    gc.enable()
    with collector_at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_a_fault_as_well():
    gc.enable()
    with pytest.raises(ValueError, match="fault"), collector_at_rest():
        raise ValueError("fault")
    assert gc.isenabled()


def test_who_had_put_it_to_rest_finds_it_at_rest():
    gc.disable()
    with collector_at_rest():
        pass
    assert not gc.isenabled()
