"""What an identity was and is no more: former matricules, identities denied, doubtful or changed, followed everywhere."""

from dataclasses import replace

import pytest

from conformance.bench.acts import dmp, insi, vigilance
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person
from conformance.rniv import TRUSTED


@pytest.mark.scenario("ins.history")
def test_documents_carry_the_active_ins_and_never_a_former_one(stage: Stage) -> None:
    """INSi tells a matricule and two former ones; it then denies it, and tells another under which the person now is."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    here, there = vigilance.create(stage, "usager")
    former = [vigilance.renumbered(stage, there, step) for step in (7, 13)]
    insi.tell(stage, there, former=former)
    stage.perform(ops.SearchIns(here.key, "traits", {}))
    stage.perform(ops.ConfirmIdentity(here.key, TRUSTED))
    qualified = {"status": "qualifiee", "carried": True}
    vigilance.document_of(stage, box, here, there, "active", {**qualified, "former": [f.ins for f in former]})
    vigilance.history(stage, here, former)
    now, former = vigilance.renumbered(stage, there, 23), [*former, there]
    insi.forget(stage, there)
    stage.perform(ops.VerifyIns(here.key))
    insi.tell(stage, now, former=former)
    stage.perform(ops.SearchIns(here.key, "traits", {}))
    vigilance.document_of(stage, box, here, now, "replaced", {**qualified, "former": [f.ins for f in former]})
    vigilance.history(stage, here, former)


@pytest.mark.scenario("ins.denied-everywhere")
def test_a_denied_identity_reaches_nobody_under_its_matricule(stage: Stage) -> None:
    """A qualified identity is sent to the person and to the DMP; INSi denies it, and another document is validated."""
    box, user = _ready(stage)
    person = dmp.holder(stage, "dementi", user)
    _sent(stage, box, person)
    stage.perform(ops.VerifyIns(person.key))
    _sent_no_more(stage, box, user, person, "denied")


@pytest.mark.scenario("ins.lowered-everywhere")
def test_a_lowered_identity_reaches_nobody_under_its_matricule(stage: Stage) -> None:
    """As above for an identity that becomes doubtful, then for one of which a strict trait changes."""
    box, user = _ready(stage)
    doubtful, changed = dmp.holder(stage, "doute", user), dmp.holder(stage, "corrige", user)
    for person in (doubtful, changed):
        _sent(stage, box, person)
    stage.perform(ops.MarkIdentity(doubtful.key, "douteuse", marked=True))
    _sent_no_more(stage, box, user, doubtful, "doubtful")
    stage.perform(ops.CorrectIdentity(changed.key, {"birth_name": f"{changed.birth_name} CORRIGE"}))
    _sent_no_more(stage, box, user, changed, "changed")


@pytest.mark.scenario("ins.batch")
def test_a_batch_is_verified_at_once(stage: Stage) -> None:
    """Three qualified identities are verified together; INSi denies one of them, and a document of each then leaves."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    known = [stage.person(role) for role in ("premier", "deuxieme")]
    denied = stage.person("dementi")
    for person in known:
        insi.tell(stage, person)
    people = (*known, denied)
    numbers = tuple(person.matricule for person in people)
    stage.expect("ins-batch", marks=numbers, matricules=list(numbers))
    stage.ask(ops.VerifyBatch(tuple(person.key for person in people)))
    for person in people:
        carried = person is not denied
        told = {"status": "qualifiee" if carried else "validee", "carried": carried}
        here = person if carried else replace(person, status="validee", matricule="", cle="", oid="")
        vigilance.document_of(stage, box, here, person, f"lot-{person.matricule[-3:]}", told)


def _ready(stage: Stage) -> tuple[str, str]:
    box = stage.mailbox("PER")
    insi.connect(stage)
    return box, dmp.connect(stage)


def _sent(stage: Stage, box: str, person: Person) -> None:
    """A document that reaches the person and the DMP: the controls."""
    before = stage.now()
    _, record = dmp.feed(stage, person, box)
    stage.control(f"document-fed-{person.key}", record)
    reached = stage.await_record("smtp.message", stage.citizen_address(person), after=before)
    stage.control(f"citizen-reached-{person.key}", reached)


def _sent_no_more(stage: Stage, box: str, user: str, person: Person, why: str) -> None:
    """Another document of the person, then one of somebody else: what the first one causes had time to leave."""
    vigilance.gone(stage, person, why)
    dmp.validate(stage, person, box)
    _sent(stage, box, dmp.holder(stage, f"accord-{why}", user))
