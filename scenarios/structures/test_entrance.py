"""Structures that connect by a certificate."""

import pytest

from conformance.bench.acts import structures
from conformance.bench.stage import Stage


@pytest.mark.scenario("str.entrance")
def test_structures_enter_by_a_good_certificate_only(stage: Stage) -> None:
    """Structures of each kind of number are let in; one without an account, bad certificates and none are not."""
    structures.entrance(stage)
