"""The product's front door, looked at once; what is seen is told beside the verdicts and counts in none."""

import pytest

from conformance.bench.acts import front
from conformance.bench.stage import Stage


@pytest.mark.scenario("front.door")
def test_the_front_door_is_looked_at(stage: Stage) -> None:
    """TLS, certificate, first pages and cookies of the address that the product sheet names."""
    front.look(stage)
