"""The table of each service: beside it, whole, and the same in its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.services.fidelity import SERVICES, fidelity, page
from conformance.services.lane import PLAYED_FROM_THE_START
from conformance.services.lane_service import LANE_SERVICES

PAGES = Path(__file__).parents[2] / "docs" / "services"


def test_every_service_has_one() -> None:
    # The desk of notices and the directory of accounts are a structure's own: they play no national service.
    assert set(SERVICES) == {*LANE_SERVICES, *PLAYED_FROM_THE_START} - {"notices", "ldap"}


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_whole_and_its_page_shows_it(service: str) -> None:
    told = fidelity(service)
    assert told.service == service
    assert told.played
    assert told.absent
    assert len({one.id for one in told.hypotheses}) == len(told.hypotheses)
    assert all(one.id.startswith(f"{service}.") for one in told.hypotheses)
    path = PAGES / f"{service}.md"
    text = path.read_text(encoding="utf-8")
    assert page(text, told) == text, "python -m conformance.services.fidelity docs/services"
