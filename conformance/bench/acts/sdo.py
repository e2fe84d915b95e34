"""Acts on the SI-SDO: decisions put there, and what the product is asked to do with them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from conformance.bench.acts import impostors
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person

SERVICE: Literal["sdo"] = "sdo"
# A unit of the establishment, for the event that names one; codes of JDV_J34, JDV_J264 and JDV_J253.
UNIT = {"id": "96-UNITE-1", "name": "Unité d'essai", "category": "01", "mode": "46", "status": "182"}


def connect(stage: Stage) -> Mapping[str, Any]:
    """Have the product set up the connection; answers where the SI-SDO is."""
    here = stage.service(SERVICE)
    # What an earlier scenario put wrong and nobody met.
    stage.act(SERVICE, "clear")
    stage.act(SERVICE, "configure", page_size=50, enforced=True)
    settings = {**here, "ca_pem": stage.bench.endpoints.ca_pem}
    stage.perform(ops.ConfigureService(SERVICE, settings))
    return here


def meet_impostor(stage: Stage) -> None:
    """Point the product to a server that an unknown authority certified: it must be told nothing."""
    here = {**stage.service(SERVICE), "ca_pem": stage.bench.endpoints.ca_pem}
    met = stage.act(impostors.SERVICE, "open", fault="unknown-ca")
    stage.expect("sdo-impostor", marks=(met["domain"],), domain=met["domain"])
    stage.attempt(ops.ConfigureService(SERVICE, impostors.moved(here, str(met["origin"]))))
    stage.ask(ops.FetchDecisions())
    stage.attempt(ops.ConfigureService(SERVICE, here))


def homonym(stage: Stage, person: Person) -> Person:
    """Another person of the same name, whose INS is theirs alone; known to the product."""
    other = stage.people.person(stage.place, "homonyme")
    found = replace(other, birth_name=person.birth_name, birth_first_names=person.birth_first_names)
    stage.window.write("population.person", found.as_json(), marks=(found.matricule, found.ins, found.key))
    stage.perform(ops.CreatePerson(found.key, found.as_json()))
    return found


def orient(
    stage: Stage, *people: Person, contents: Mapping[str, bytes] | None = None, gone: Person | None = None
) -> list[Any]:
    """Put one decision for each person in the SI-SDO, in this order, in place of whatever it held; each must be read.

    ``contents`` gives, by the key of a person, bytes to put in place of the document. The decision of ``gone`` is listed
    before the others, and withdrawn when it is read.
    """
    made = [_decision(stage, person) for person in people]
    dossiers = [_dossier(stage, one) for one in made]
    lost = _decision(stage, gone) if gone else None
    for one, dossier in zip(made, dossiers, strict=True):
        if contents and one.person.key in contents:
            dossier["content"] = _spelt(contents[one.person.key])
    listed = [_dossier(stage, lost), *dossiers] if lost else dossiers
    stage.act(SERVICE, "populate", decisions=listed)
    if lost:
        stage.act(SERVICE, "withdraw", national=lost.national)
    for one in made:
        _expect_decision(stage, one)
    return made


def correct(stage: Stage, decision: Any) -> Any:
    """The MDPH corrects a decision: the product must read the new version too."""
    changed = decision.next_version()
    cda = stage.made("orientation.cda")
    content = _spelt(cda.decision_document(changed, datetime.now().astimezone()))
    stage.act(SERVICE, "change", national=changed.national, content=content)
    _expect_decision(stage, changed)
    return changed


def fetch(stage: Stage, *decisions: Any, needed: bool = True) -> None:
    """Ask the product to look for decisions, and wait for each to be read."""
    before = stage.now()
    (stage.perform if needed else stage.ask)(ops.FetchDecisions())
    for one in decisions:
        stage.await_record("sdo.call", one.document, after=before)


def agree(stage: Stage, person: Person, decision: Any) -> None:
    """The person agrees to show their evaluation: the consent for their decision must arrive once."""
    stage.expect("sdo-consent", marks=(decision.national,), national=decision.national, person=person.key)
    before = stage.now()
    stage.perform(ops.SendConsent(person.key, stage.today[:10]))
    stage.await_record("sdo.call", decision.national, after=before)
    stage.settle()


def evaluate(stage: Stage, decision: Any, *, agreed: bool = True) -> None:
    """Ask for an evaluation; without the person's agreement the product should refuse."""
    before = stage.now()
    if agreed:
        stage.perform(ops.FetchEvaluation(decision.national))
        stage.await_record("sdo.call", decision.national, after=before)
    else:
        stage.attempt(ops.FetchEvaluation(decision.national))


def report(stage: Stage, decision: Any, status: str, *, unit: bool = False) -> None:
    """Have a status reported: it must arrive once."""
    day = stage.today[:10]
    told = {**UNIT, "date": day} if unit else {}
    stage.expect("sdo-status", marks=(decision.national,), national=decision.national, status=status, day=day)
    before = stage.now()
    stage.perform(ops.ReportStatus(decision.national, status, day, told))
    stage.await_record("sdo.call", decision.national, after=before)


def report_again(stage: Stage, decision: Any, status: str) -> None:
    """Ask for a status that was reported already, as by a second click; nothing more is expected."""
    stage.attempt(ops.ReportStatus(decision.national, status, stage.today[:10]))


def announce(stage: Stage, decision: Any, status: str) -> None:
    """The SI-SDO announces a status of its own."""
    stage.act(SERVICE, "announce", national=decision.national, status=status)


def follow(stage: Stage) -> None:
    """Ask the product to look for announced statuses."""
    stage.perform(ops.FollowStatuses())


def look(stage: Stage) -> None:
    """Ask for the decisions as a user sees them: the product's word only, for a person who reviews."""
    stage.attempt(ops.ReadDecisions())


def fail(stage: Stage, fault: str, on: str, **members: Any) -> None:
    """Have the SI-SDO do something wrong."""
    stage.act(SERVICE, "fault", fault=fault, on=on, **members)


def _decision(stage: Stage, person: Person) -> Any:
    structure = stage.service(SERVICE)["struct_idnat"]
    today = datetime.fromisoformat(stage.today)
    return stage.made("orientation.decisions").decision_of(
        stage.people.seed, stage.place, person, structure, today=today
    )


def _dossier(stage: Stage, decision: Any) -> dict[str, Any]:
    cda = stage.made("orientation.cda")
    created = datetime.now().astimezone() - timedelta(days=1)
    return {
        "document": decision.document,
        "decision": decision.decision,
        "national": decision.national,
        "structure": decision.structure,
        "content": _spelt(cda.decision_document(decision, created)),
        "evaluation_id": decision.evaluation,
        "evaluation": _spelt(cda.evaluation_document(decision, created)),
    }


def _expect_decision(stage: Stage, decision: Any) -> None:
    stage.expect(
        "sdo-decision",
        marks=(decision.document, decision.national),
        document=decision.document,
        decision=decision.decision,
        national=decision.national,
        individual=decision.individual,
        structure=decision.structure,
        version=decision.version,
        person=decision.person.key,
        ins=decision.person.ins,
    )


def _spelt(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
