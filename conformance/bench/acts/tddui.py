"""Acts with whole records: filled, exported to the consumer of the lane, imported into the product, shown again."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.core.words import Fault, Provenance
from conformance.drivers import operations as ops
from conformance.drivers.http import HttpDriver
from conformance.population import IdentityStatus, Person

SERVICE: Literal["tddui"] = "tddui"
MEDIA_TYPE = "application/fhir+json"
Json = dict[str, Any]


def connect(stage: Stage) -> None:
    """Have the product set up the receiving service of the lane, which works well until :func:`refuse_next`."""
    stage.act(SERVICE, "clear")
    told = {**stage.service(SERVICE), "ca_pem": stage.bench.endpoints.ca_pem}
    stage.perform(ops.ConfigureService(SERVICE, told))


def filled(stage: Stage, role: str = "usager", *, status: IdentityStatus = "qualifiee") -> Person:
    """A person whose record holds something of every kind."""
    person = stage.person(role, status=status)
    held = record_of(stage, person)
    stage.perform(ops.FillRecord(person.key, held["contact"], held["items"]))
    return person


def record_of(stage: Stage, person: Person) -> Json:
    """The fictitious record of a person of the run: ``contact`` and ``items``."""
    made: Json = _made("record").record_of(
        _seed(stage),
        stage.place,
        person,
        structure=stage.people.structure,
        professional=stage.people.professional,
        today=stage.today,
    )
    return made


def export(stage: Stage, person: Person) -> None:
    """Export a record that :func:`filled` made, and wait for the transfer."""
    held = record_of(stage, person)
    told = {"person": person.as_json(), "contact": held["contact"], "items": held["items"]}
    mark = person.ins if person.status == "qualifiee" else ""
    stage.expect("transfer", marks=(person.ins, person.key), mark=mark, after=_before(stage), **told)
    stage.ask(ops.ExportRecord(person.key))
    # A refusal by the product is no obstacle: the consumer saw what it sent, or that nothing came.
    stage.await_record("tddui.request", mark)


def refuse_next(stage: Stage, type: str = "Encounter") -> None:
    """Have the consumer refuse the next transaction for one of its entries."""
    stage.act(SERVICE, "fault", kind="entry", type=type, method="POST")


def received(stage: Stage, mark: str) -> Json:
    """The last transaction that the consumer took about a person."""
    bundle = stage.act(SERVICE, "received", mark=mark).get("bundle")
    if not isinstance(bundle, dict):
        raise Hindered("hindrance.no-transfer", Fault.PRODUCT)
    return bundle


def bundle_of(stage: Stage, person: Person) -> Json:
    """A transaction about a person whom the product may not know, as another software would export it."""
    held = record_of(stage, person)
    local = f"3{stage.people.structure.finess}/{person.key.rpartition('.')[2]}"
    items = _made("transfer").numbered(local, held["items"])
    made: Json = _made("transfer").bundle_of(person, local, held["contact"], items)
    return made


def stranger(stage: Stage, role: str) -> Person:
    """A person whom the product does not know yet."""
    return stage.person(role, known=False)


def send(stage: Stage, person: Person, bundle: Json, *, faulty: bool = False) -> str:
    """Send a transaction to the product: to its own endpoint where it has one, else by the control API.

    Answers how the control API calls the person then: the id of the Patient that was created.
    """
    content = json.dumps(bundle, ensure_ascii=False).encode()
    noted = {"name": "sent", "faulty": faulty, "person": person.key}
    stage.window.write("expectation", noted, marks=(person.ins, person.key), blobs={"bundle": content})
    told = stage.attempt(ops.ReadReception(SERVICE))
    url = told.body.get("url")
    if told.done and isinstance(url, str) and isinstance(stage.driver, HttpDriver):
        probed = stage.driver.probe(url, content, MEDIA_TYPE)
        data = {"faulty": faulty, "status": probed.status, "content_type": probed.content_type[:200]}
        blobs = {"request": content, **({"answer": probed.content} if probed.content else {})}
        stage.window.write(
            "tddui.probe", data, marks=(person.ins, person.key), provenance=Provenance.PROBE, blobs=blobs
        )
        return _patient(_read(probed.content))
    outcome = (stage.attempt if faulty else stage.perform)(ops.ImportRecord(bundle))
    return _patient(outcome.body.get("response"))


def shown(stage: Stage, person: Person, key: str, bundle: Json, what: str) -> None:
    """Have a record exported again, and say what it must hold."""
    noted = {"name": "shown", "what": what, "mark": person.ins, "after": _before(stage), "person": person.key}
    stage.window.write(
        "expectation",
        noted,
        marks=(person.ins, person.key),
        blobs={"bundle": json.dumps(bundle, ensure_ascii=False).encode()},
    )
    before = stage.now()
    stage.perform(ops.ExportRecord(key or person.key))
    stage.await_record("tddui.request", person.ins, after=before)


def with_a_fault(stage: Stage, person: Person) -> Json:
    """Another transaction about a person: a new event, then an entry of a type that FHIR does not have."""
    bundle = bundle_of(stage, person)
    event = next(copy.deepcopy(e) for e in bundle["entry"] if e["resource"].get("partOf"))
    event["fullUrl"] = event["fullUrl"][:-4] + "beef"
    event["resource"]["identifier"][0]["value"] += "99"
    nonsense = {"resourceType": "Inconnu", "meta": event["resource"]["meta"]}
    fault = {"fullUrl": event["fullUrl"][:-4] + "dead", "resource": nonsense}
    return {**bundle, "entry": [*bundle["entry"], event, {**fault, "request": {"method": "POST", "url": "Inconnu"}}]}


def twin_of(bundle: Json, one: Person, other: Person) -> Json:
    """The same record about another person: the identity alone changes, everything else stays word for word."""
    twin = copy.deepcopy(bundle)
    for entry in twin["entry"]:
        if entry["resource"].get("resourceType") == "Patient":
            entry["resource"] = _made("patient").readdressed(entry["resource"], one, other)
    return twin


def _before(stage: Stage) -> int:
    return stage.now().get(SERVICE, 0)


def _made(module: str) -> Any:
    return importlib.import_module(f"conformance._bundled.fixtures.tddui.{module}")


def _seed(stage: Stage) -> int:
    return int(getattr(stage.people, "seed", 0))


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _patient(answer: Any) -> str:
    """The id of the Patient in a transaction-response, whether it is told by its resource or by its location."""
    entries = answer.get("entry") if isinstance(answer, Mapping) else None
    for entry in entries if isinstance(entries, list) else ():
        response, resource = (_object(entry, name) for name in ("response", "resource"))
        location = str(response.get("location") or "")
        if resource.get("resourceType") == "Patient" and resource.get("id"):
            return str(resource["id"])
        if "Patient/" in location:
            return location.rpartition("Patient/")[2].partition("/")[0]
    return ""


def _object(entry: Any, name: str) -> Mapping[str, Any]:
    """A member of an entry, whatever a product put there: an empty object where it is none."""
    held = entry.get(name) if isinstance(entry, Mapping) else None
    return held if isinstance(held, Mapping) else {}
