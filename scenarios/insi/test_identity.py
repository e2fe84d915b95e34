"""The INS of persons: searched, confirmed, denied, corrected; seen in the documents that leave."""

from dataclasses import replace

import pytest

from conformance.bench.acts import insi
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops


@pytest.mark.scenario("ins.search-by-traits")
def test_a_search_by_traits_gives_the_identity_that_documents_carry(stage: Stage) -> None:
    """A person typed by traits is found at INSi under other spellings, confirmed by a card, then written about."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    person, there = insi.known(stage, "usager")
    insi.search(stage, person, there)
    insi.confirm(stage, person)
    insi.document_with(stage, person, there, box, "medecin")
    stage.attempt(ops.ReadTraces())


@pytest.mark.scenario("ins.search-by-card")
def test_a_search_by_card_gives_the_identity_that_documents_carry(stage: Stage) -> None:
    """As by traits, from what a Vitale card says."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    person, there = insi.known(stage, "usager")
    insi.search(stage, person, there, by="card")
    insi.confirm(stage, person)
    insi.document_with(stage, person, there, box, "medecin")


@pytest.mark.scenario("ins.search-several-names")
def test_a_search_tries_each_given_name_then_all(stage: Stage) -> None:
    """INSi knows the person under the second given name only."""
    insi.connect(stage)
    names = ("ALPHA", "BRAVO")
    person = stage.person("usager", status="provisoire")
    stage.perform(ops.CorrectIdentity(person.key, {"birth_first_names": list(names)}))
    there = replace(stage.people.person(stage.place, "usager"), birth_first_names=("BRAVO",))
    insi.tell(stage, there)
    stage.expect("ins-names", marks=(there.matricule,), names=list(names), found="BRAVO", birth_name=there.birth_name)
    insi.search(stage, person, there)


@pytest.mark.scenario("ins.unusable-answers")
def test_an_unusable_answer_is_not_taken_over(stage: Stage) -> None:
    """INSi answers a date without a day, no name, or no sex: the person gets no INS, even confirmed."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    for spoilt in ("incomplete-date", "no-name", "no-sex"):
        person, there = insi.known(stage, spoilt, spoilt=spoilt)
        insi.search(stage, person, there)
        insi.confirm(stage, person)
        insi.document_without(stage, person, there, box, f"medecin-{spoilt}")


@pytest.mark.scenario("ins.denied-here")
def test_a_denied_identity_loses_its_matricule(stage: Stage) -> None:
    """A qualified identity is written about, denied by INSi, then written about again."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    person, there = insi.known(stage, "usager", status="qualifiee")
    insi.document_with(stage, person, there, box, "avant")
    insi.forget(stage, there)
    stage.expect("ins-verify", marks=(there.matricule,), person=person.key, matricule=there.matricule, of="here")
    stage.ask(ops.VerifyIns(person.key))
    stage.attempt(ops.ReadTraces())
    insi.document_without(stage, person, there, box, "apres")


@pytest.mark.scenario("ins.strict-trait-changed")
def test_a_strict_trait_that_changes_takes_the_matricule_away(stage: Stage) -> None:
    """A qualified identity is written about, its birth name corrected, then it is written about again."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    person, there = insi.known(stage, "usager", status="qualifiee")
    insi.document_with(stage, person, there, box, "avant")
    stage.perform(ops.CorrectIdentity(person.key, {"birth_name": f"{person.birth_name} CORRIGE"}))
    insi.document_without(stage, person, there, box, "apres")


@pytest.mark.scenario("ins.received")
def test_an_identity_received_is_verified_once(stage: Stage) -> None:
    """Documents come for somebody unknown here, whom INSi knows, and for somebody qualified here: one call, not two."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    stranger, known = stage.person("inconnu", known=False), stage.person("connu")
    insi.tell(stage, stranger)
    insi.tell(stage, known)
    hospital, inbound = stage.sender(box), stage.made("inbound")
    stage.expect(
        "ins-verify", marks=(stranger.matricule,), person=stranger.key, matricule=stranger.matricule, of="received"
    )
    stage.expect("ins-no-verify", marks=(known.matricule,), person=known.key, matricule=known.matricule)
    first = stage.receive(box, inbound.kind(hospital, stranger, "discharge"), "unknown-ins", then="pending")
    second = stage.receive(
        box, inbound.kind(hospital, known, "consultation"), "known-ins", then="integrated", person=known
    )
    stage.fetch_all(box, first, second)
    seen = stage.await_record("insi.call", stranger.matricule)
    stage.control("verification of an identity received", seen)
    stage.look(known)
