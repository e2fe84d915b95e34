"""How a product consults the DMP and opens its web access."""

import pytest

from conformance.bench.acts import dmp, dmp_web
from conformance.bench.stage import TYPE_CODE, Stage
from conformance.drivers import operations as ops

# A type as ITI-18 writes it (IHE ITI TF-2, 3.18.4.1.2.3.5): code, then code system.
TYPE = f"{TYPE_CODE}^^2.16.840.1.113883.6.1"


@pytest.mark.scenario("dmp.consult")
def test_the_record_is_consulted_once_the_right_is_there(stage: Stage) -> None:
    """Without authorisation, search a person's DMP by type; the authorisation expires; search again."""
    user = dmp.connect(stage)
    person = dmp.holder(stage, "usager", user)
    stage.expect("dmp-authorisation", marks=(person.ins,), matricule=person.ins, times=2)
    dmp.consult(stage, person, {"TypeCode": [TYPE]})
    stage.act(dmp.SERVICE, "authorise", ins=person.ins, state="expired", holder=user)
    dmp.consult(stage, person, {"TypeCode": [TYPE], "CreationTimeFrom": ["20200101000000"]})


@pytest.mark.scenario("dmp.already-held")
def test_a_document_that_is_held_is_shown_from_the_record(stage: Stage) -> None:
    """Open from the DMP's list a document that the record holds already: it is not read from the DMP."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    _, record = dmp.feed(stage, person, box)
    stage.control("consulted", dmp.consult(stage, person, {}))
    dmp.expect_no(stage, "retrieval", person, "already held")
    documents = record["data"].get("documents", []) if record else []
    for document in documents:
        # To refuse it as held already is right too.
        stage.ask(ops.IntegrateFromDmp(person.key, str(document["unique_id"])))


@pytest.mark.scenario("dmp.consult-opposed")
def test_nothing_is_consulted_about_who_objects(stage: Stage) -> None:
    """Beside a person whose DMP is consulted, try to consult that of a person who objects."""
    user = dmp.connect(stage)
    opposed = dmp.holder(stage, "opposition", user)
    stage.oppose(opposed, "dmp")
    dmp.expect_no(stage, "consultation", opposed, "opposition")
    dmp.expect_no(stage, "authorisation-opposed", opposed, "opposition")
    stage.attempt(ops.ConsultDmp(opposed.key, {}))
    willing = dmp.holder(stage, "accord", user)
    stage.control("consulted", dmp.consult(stage, willing, {}))


@pytest.mark.scenario("dmp.web")
def test_the_web_access_opens_on_what_was_asked(stage: Stage) -> None:
    """Open the dashboard, then the record of a person whose INS is qualified; try that of a person whose is not."""
    user = dmp.connect(stage)
    dmp_web.visit(stage, "TableauDeBord")
    qualified = dmp.holder(stage, "qualifiee", user)
    stage.control("visited", dmp_web.visit(stage, "DossierPatient", qualified))
    other = dmp.holder(stage, "recuperee", user, status="recuperee")
    stage.expect("no-dmp-web", marks=(other.ins,), matricule=other.ins, why="status recuperee")
    outcome = stage.attempt(ops.OpenDmpWeb("DossierPatient", other.key))
    dmp_web.browse(stage, str(outcome.body.get("url", "")))


@pytest.mark.scenario("dmp.integrate")
def test_documents_of_others_are_listed_and_integrated(stage: Stage) -> None:
    """Others fed three documents: list them, list those of one type, bring two into the record."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    project, letter, visit = (
        dmp.deposit(stage, person, f"auteur-{code}", code) for code in (TYPE_CODE, "11490-0", "11488-4")
    )
    dmp.show(stage, person, {}, [project, letter, visit])
    dmp.show(stage, person, {"TypeCode": ["11490-0^^2.16.840.1.113883.6.1"]}, [letter])
    dmp.integrate(stage, person, [letter, visit])


@pytest.mark.scenario("dmp.change-of-mind")
def test_a_person_may_change_mind_at_any_time(stage: Stage) -> None:
    """Consult, record an objection, try to consult, lift the objection, consult."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    stage.expect("dmp-change-of-mind", marks=(person.ins,), person=person.key, matricule=person.ins)
    stage.control("consulted", dmp.consult(stage, person, {}))
    stage.settle()
    stage.perform(ops.RecordOpposition(person.key, "dmp", opposed=True))
    stage.attempt(ops.ConsultDmp(person.key, {}))
    stage.perform(ops.RecordOpposition(person.key, "dmp", opposed=False))
    dmp.consult(stage, person, {})
