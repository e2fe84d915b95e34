"""Creating, finding and reading identities, as a user does on the product's pages."""

from dataclasses import replace

import pytest

from conformance import rniv
from conformance.bench.acts import identity_pages, insi, vigilance
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops


@pytest.mark.scenario("ins.mandatory-traits")
def test_the_mandatory_traits_are_enough_and_none_may_lack(stage: Stage) -> None:
    """A person is created from five traits, another with an unknown birth place, and nobody without one of the others."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    for role, traits in (("complet", {}), ("lieu-inconnu", {"birth_place": rniv.UNKNOWN_PLACE})):
        vigilance.created(stage, box, role, **traits)
    for trait in rniv.REFUSED_WITHOUT:
        vigilance.incomplete(stage, trait)


@pytest.mark.scenario("ins.known-already")
def test_somebody_known_is_found_by_birth_date_and_letters(stage: Stage) -> None:
    """Two people of one birth date and a third of another, searched by date alone, by letters, by other spellings."""
    first, second, third = (stage.people.person(stage.place, role) for role in ("ane", "zoe", "ailleurs"))
    day = first.birth_date
    other = second.birth_date if second.birth_date != day else "1950-01-02"
    first = replace(first, birth_name=f"LE-GOFF {first.birth_name}", birth_first_names=("ELODIE",))
    second = replace(second, birth_name=f"MARTIN {second.birth_name}", birth_first_names=("ZOE",), birth_date=day)
    third = replace(third, birth_name=f"LE-GOFF {third.birth_name}", birth_first_names=("ELODIE",), birth_date=other)
    people = [vigilance.register(stage, person) for person in (first, second, third)]
    with identity_pages.entered(stage) as pages:
        pages.search(*identity_pages.NOBODY, "nobody", people)
        one, two, elsewhere = people
        identity_pages.listed(pages, "date", day, [""], found=[one, two], others=[elsewhere])
        identity_pages.listed(pages, "name", day, ["mar"], found=[two], others=[one, elsewhere])
        identity_pages.listed(pages, "first-name", day, ["zo"], found=[two], others=[one, elsewhere])
        identity_pages.listed(pages, "accent", day, ["él"], found=[one], others=[two, elsewhere])
        identity_pages.listed(pages, "hyphen", day, ["le g", "leg"], found=[one], others=[two, elsewhere])


@pytest.mark.scenario("ins.shown")
def test_an_identity_and_its_status_are_shown_on_the_record(stage: Stage) -> None:
    """A qualified identity with every field is looked at; then one of each status, reached by its acts."""
    insi.connect(stage)
    whole = vigilance.register(stage, replace(stage.people.person(stage.place, "complet"), used_name="ESSAI-USAGE"))
    cases = [case for case in (*rniv.REACHED, *rniv.LOCKED, *rniv.DENIED, *rniv.CHANGED) if case.name in rniv.SHOWN]
    played = [(case, vigilance.acted(stage, case)[0]) for case in cases]
    with identity_pages.entered(stage) as pages:
        identity_pages.identity_shown(pages, whole)
        for case, person in played:
            identity_pages.status_shown(pages, person, case.name, case.status)


@pytest.mark.scenario("ins.traced")
def test_accesses_and_changes_are_traced(stage: Stage) -> None:
    """An identity is created, read, corrected and marked; the traces are then read."""
    here, _ = vigilance.create(stage, "usager")
    stage.expect("ins-traced", person=here.key)
    stage.perform(ops.ReadPerson(here.key))
    stage.perform(ops.CorrectIdentity(here.key, {"used_name": "ESSAI-USAGE"}))
    stage.attempt(ops.MarkIdentity(here.key, "douteuse", marked=True))
    stage.ask(ops.ReadTraces())


@pytest.mark.scenario("ins.locked")
def test_what_comes_from_insi_is_locked(stage: Stage) -> None:
    """A user without any special right tries each strict trait of a qualified identity; then one who has the right changes it.

    The documents before and after tell which of them did something.
    """
    box = stage.mailbox("PER")
    insi.connect(stage)
    here, there = vigilance.acted(stage, rniv.REACHED[0])
    vigilance.locked(stage, box, here, there)
    stage.perform(ops.CorrectIdentity(here.key, {"birth_name": f"{there.birth_name} ESSAI"}))
    vigilance.document_of(stage, box, here, there, "with-right", {"status": "validee", "carried": False})
    changes = (("provisoire", "recuperee"), ("recuperee", "qualifiee"), ("qualifiee", "validee"))
    vigilance.statuses(stage, here, *changes)
