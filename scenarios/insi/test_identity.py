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


@pytest.mark.scenario("ins.received-trust")
def test_only_a_sender_under_contract_brings_a_qualified_identity(stage: Stage) -> None:
    """Two people unknown here come with qualified identities, which INSi knows; one of the senders is under contract."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    partner, hospital = stage.sender(box, "partenaire"), stage.sender(box, "hopital")
    insi.trust(stage, partner.sender.address)
    try:
        for sender, role in ((partner, "suivi"), (hospital, "adresse")):
            person = stage.person(role, known=False)
            insi.tell(stage, person)
            insi.admit(stage, insi.receive(stage, box, sender, person, denied=False), person)
            write = insi.document_with if sender is partner else insi.document_without
            write(stage, person, person, box, f"medecin-{role}")
    finally:
        stage.attempt(ops.SetTrustedSenders(()))


@pytest.mark.scenario("ins.received-denied-unknown")
def test_an_unknown_person_whom_insi_denies_is_created_without_ins(stage: Stage) -> None:
    """Somebody unknown here comes with an identity that INSi denies: the record is created, without INS."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    person = stage.person("inconnu", known=False)
    inbound = insi.receive(stage, box, stage.sender(box), person, denied=True)
    stage.look()
    insi.admit(stage, inbound, person)
    insi.document_without(stage, person, person, box, "medecin")


@pytest.mark.scenario("ins.received-denied-known")
def test_a_known_person_is_not_changed_by_an_identity_that_insi_denies(stage: Stage) -> None:
    """A document names a person of the record otherwise, with an INS that INSi denies: it waits, and changes nobody.

    A person then attaches it to the record, and the next document names the known person as before.
    """
    box = stage.mailbox("PER")
    insi.connect(stage)
    known = stage.person("connu", status="validee")
    before, after = stage.correspondent("avant", of=known), stage.correspondent("apres")
    stage.validate(known, box, to=(before,))
    there = replace(stage.people.person(stage.place, "connu"), birth_name=f"{known.birth_name} AUTRE")
    inbound = insi.receive(stage, box, stage.sender(box), there, denied=True)
    stage.look(known)
    stage.observe("denied-identity", person=there.birth_name)
    stage.attach(inbound, known)
    stage.expect(
        "ins-untouched",
        marks=(known.matricule,),
        person=known.key,
        before=before.address,
        after=after.address,
        matricule=there.matricule,
    )
    stage.perform(ops.AddCorrespondent(known.key, after.address, after.as_json()))
    stage.validate(known, box, to=(before, after))
