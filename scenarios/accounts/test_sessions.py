"""How sessions end, what one factor reopens, what administrators and processes may see."""

import pytest

from conformance.bench.acts import session_trials as trials
from conformance.bench.stage import Stage


@pytest.mark.scenario("acc.log-out-person")
def test_a_person_logs_out(stage: Stage) -> None:
    """Somebody accompanied logs in, then out."""
    trials.leaving(stage, "person")


@pytest.mark.scenario("acc.idle-person")
def test_the_idle_session_of_a_person_closes(stage: Stage) -> None:
    """A session of somebody accompanied, left alone under a short time set, then under a long one."""
    trials.idling(stage, "person")


@pytest.mark.scenario("acc.browser-closed-person")
def test_the_session_of_a_person_closes_with_the_browser(stage: Stage) -> None:
    """Somebody accompanied closes the browser without logging out, and opens it again."""
    trials.closing(stage, "person")


@pytest.mark.scenario("acc.browser-closed-professional")
def test_the_session_of_a_professional_closes_with_the_browser(stage: Stage) -> None:
    """A professional closes the browser without logging out, and opens it again."""
    trials.closing(stage, "professional")


@pytest.mark.scenario("acc.one-factor-delay")
def test_one_factor_reopens_a_session_for_a_set_time_only(stage: Stage) -> None:
    """A professional comes back with the password alone, within the delay that was set, then past it."""
    trials.coming_back(stage)


@pytest.mark.scenario("acc.administrator-record")
def test_a_technical_administrator_sees_no_record(stage: Stage) -> None:
    """The record of a person is opened by a professional, then by a technical administrator."""
    trials.administrators_rights(stage)


@pytest.mark.scenario("acc.service-account")
def test_a_service_account_opens_no_screen(stage: Stage) -> None:
    """A generic account works without a screen, is refused at the log-in page, and once disabled works no more."""
    trials.service_account(stage)
