"""Correspondents by the national directory: searched on line, imported from the public extraction."""

import pytest

from conformance.bench.acts import annuaire
from conformance.bench.stage import Stage


@pytest.mark.scenario("ann.find-correspondent")
def test_a_correspondent_is_found_in_the_directory_and_written_to(stage: Stage) -> None:
    """Search a professional, add the one found to a record, validate a document: it goes to the address found."""
    box = stage.mailbox("PER")
    annuaire.connect(stage)
    person = stage.person()
    wanted = annuaire.listed(stage, "medecin")
    annuaire.find(stage, person, wanted)
    stage.validate(person, box, to=(wanted,))


@pytest.mark.scenario("ann.choose-recipient")
def test_a_recipient_is_searched_while_writing(stage: Stage) -> None:
    """Search a professional while writing a message, choose the one found: the message goes to the directory's address."""
    box = stage.mailbox("PER")
    annuaire.connect(stage)
    annuaire.write_to(stage, box, annuaire.listed(stage, "medecin"))


@pytest.mark.scenario("ann.homonyms")
def test_the_right_one_of_many_homonyms_is_found(stage: Stage) -> None:
    """Sixty professionals bear the same names; the wanted one is on the second page."""
    box = stage.mailbox("PER")
    annuaire.connect(stage)
    person = stage.person()
    wanted = annuaire.listed(stage, "medecin", homonyms=60)
    annuaire.find(stage, person, wanted)
    stage.validate(person, box, to=(wanted,))


@pytest.mark.scenario("ann.busy")
def test_a_busy_directory_is_asked_again_after_a_while(stage: Stage) -> None:
    """The directory answers 503 then 429, each with the seconds to wait, before it answers."""
    annuaire.connect(stage)
    person = stage.person()
    wanted = annuaire.listed(stage, "medecin")
    annuaire.busy(stage, "unavailable", 1)
    annuaire.busy(stage, "too-many", 1)
    annuaire.find(stage, person, wanted)


@pytest.mark.scenario("ann.import-extraction")
def test_the_extraction_and_its_next_version_are_imported(stage: Stage) -> None:
    """Import the extraction, add a correspondent by identifier, write; then again after the professional's name changed."""
    box = stage.mailbox("PER")
    annuaire.connect(stage)
    person = stage.person()
    wanted = stage.correspondent("medecin")
    annuaire.load(stage, wanted, (wanted.name, wanted.first_name))
    annuaire.add_bare(stage, person, wanted)
    stage.validate(person, box, to=(wanted,))
    annuaire.load(stage, wanted, (f"{wanted.name}-NOUVEAU", wanted.first_name))
    stage.validate(person, box, to=(wanted,))
