"""Who holds an account: contacts, attributes, registering alone."""

import pytest

from conformance.bench.acts import account_contacts as contacts
from conformance.bench.acts import account_holders as holders
from conformance.bench.stage import Stage


@pytest.mark.scenario("acc.contact-professional")
def test_the_contact_of_a_professional_is_confirmed(stage: Stage) -> None:
    """A professional's account gets a contact; a recovery is tried before and after it is confirmed."""
    contacts.confirmation(stage, "professional")


@pytest.mark.scenario("acc.contact-person")
def test_the_contact_of_a_person_is_confirmed(stage: Stage) -> None:
    """The account of a person accompanied gets a contact; a recovery is tried before and after it is confirmed."""
    contacts.confirmation(stage, "person")


@pytest.mark.scenario("acc.contact-change-professional")
def test_a_professional_changes_contact(stage: Stage) -> None:
    """A professional asks for another contact; a recovery is tried by it before and after it is confirmed."""
    contacts.change(stage, "professional")


@pytest.mark.scenario("acc.contact-change-person")
def test_a_person_changes_contact(stage: Stage) -> None:
    """A person accompanied asks for another contact; a recovery is tried by it before and after it is confirmed."""
    contacts.change(stage, "person")


@pytest.mark.scenario("acc.attributes-professional")
def test_a_professional_reads_back_what_is_known(stage: Stage) -> None:
    """RPPS, private identifier, practice name, first name and profession, on the professional's own page."""
    holders.attributes(stage, "professional")


@pytest.mark.scenario("acc.attributes-person")
def test_a_person_reads_back_what_a_professional_typed(stage: Stage) -> None:
    """Matricule and identity traits, typed by a professional, on the person's own page."""
    holders.attributes(stage, "person")


@pytest.mark.scenario("acc.private-identifiers")
def test_two_accounts_do_not_share_a_private_identifier(stage: Stage) -> None:
    """A second account is given the private identifier of the first."""
    holders.private_identifiers(stage)


@pytest.mark.scenario("acc.self-registration")
def test_somebody_registers_alone(stage: Stage) -> None:
    """Somebody registers from the log-in page, then is verified by each means that the product offers."""
    holders.self_registration(stage)
