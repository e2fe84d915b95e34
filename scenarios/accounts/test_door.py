"""What the front door asks of those who come to it."""

import pytest

from conformance.bench.acts import account_trials as trials
from conformance.bench.acts.accounts import door
from conformance.bench.stage import Stage


@pytest.mark.scenario("acc.attempts-professional")
def test_a_professional_account_stops_opening_after_many_failures(stage: Stage) -> None:
    """Ten wrong passwords on the account of a professional, then the right one."""
    trials.attempts(stage, "professional")


@pytest.mark.scenario("acc.attempts-person")
def test_the_account_of_a_person_stops_opening_after_many_failures(stage: Stage) -> None:
    """Ten wrong passwords on the account of a person accompanied, then the right one."""
    trials.attempts(stage, "person")


@pytest.mark.scenario("acc.attempts-administrator")
def test_an_administration_account_locks_at_the_tenth_failure(stage: Stage) -> None:
    """Ten wrong passwords on an administration account whose policy says ten, then the right one."""
    trials.attempts(stage, "administrator")


@pytest.mark.scenario("acc.strength-professional")
def test_weak_passwords_of_professionals_are_refused(stage: Stage) -> None:
    """Professionals ask for passwords of too few classes of characters, on the product's own settings."""
    trials.strength(door(stage, "professional"))


@pytest.mark.scenario("acc.strength-person")
def test_weak_passwords_of_persons_are_refused(stage: Stage) -> None:
    """Persons accompanied ask for passwords too short or of digits alone, on the product's own settings."""
    trials.strength(door(stage, "person"))


@pytest.mark.scenario("acc.policy-administrator")
def test_the_policy_of_administration_accounts_is_imposed(stage: Stage) -> None:
    """Length, classes of characters, days of life and former passwords, once the structure set them."""
    trials.administration_policy(stage)


@pytest.mark.scenario("acc.renewal-professional")
def test_professionals_renew_their_second_means(stage: Stage) -> None:
    """A professional's second means reaches the age that the structure set."""
    trials.renewal(stage, "professional")


@pytest.mark.scenario("acc.renewal-person")
def test_persons_renew_their_second_means(stage: Stage) -> None:
    """The second means of a person accompanied reaches the age that the structure set."""
    trials.renewal(stage, "person")


@pytest.mark.scenario("acc.lost-device-professional")
def test_an_administrator_disables_a_lost_device(stage: Stage) -> None:
    """A professional lost the second means; an administrator disables it."""
    trials.lost_device(stage, "professional", "administrator")


@pytest.mark.scenario("acc.lost-device-person")
def test_a_person_reports_a_lost_device_without_a_session(stage: Stage) -> None:
    """A person accompanied lost the second means, and says so from the log-in page."""
    trials.lost_device(stage, "person", "alone")


@pytest.mark.scenario("acc.lost-device-session")
def test_a_person_reports_a_lost_device_once_logged_in(stage: Stage) -> None:
    """A person accompanied disables the second means from an open session."""
    trials.lost_device(stage, "person", "session")


@pytest.mark.scenario("acc.two-factors-default")
def test_persons_need_two_factors_from_installation_on(stage: Stage) -> None:
    """The password alone, on the product's own settings."""
    trials.two_factors(stage, imposed=False)


@pytest.mark.scenario("acc.two-factors-imposed")
def test_a_structure_can_impose_two_factors_on_persons(stage: Stage) -> None:
    """The password alone, once the structure imposed both factors."""
    trials.two_factors(stage, imposed=True)
