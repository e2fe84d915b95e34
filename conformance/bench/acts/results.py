"""Acts with laboratory reports: who is told of abnormal results by a channel that is not secure, and what may be told."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person

SERVICE: Final = "notices"
DOMAIN = "courriel.test"


def connect(stage: Stage) -> None:
    """Have the product send its ordinary mail to the bench."""
    stage.perform(ops.ConfigureService(SERVICE, stage.service(SERVICE)))


def follow(stage: Stage, box: str, role: str) -> str:
    """Have the owner of a box told of abnormal results at an ordinary address; answers it."""
    # One address for each box and run: the local part of an address has 64 characters at most (RFC 5321 §4.5.3.1.1).
    digest = hashlib.sha256(f"{stage.people.seed} {stage.place} {box}".encode()).hexdigest()[:12]
    contact = f"{role}-{digest}@{DOMAIN}"
    stage.perform(ops.FollowResults(box, contact))
    return contact


def report(
    stage: Stage, box: str, person: Person, contact: str, *, interpretation: str, value: str, abnormal: bool
) -> Any:
    """Deliver a report to a box and say whether it must be told of; ``value`` is of a test of bounds 3.5 to 5.0."""
    made = stage.made("inbound").results(stage.sender(box), person, interpretation=interpretation, value=value)
    stage.receive(box, made, f"results-{interpretation}", then="integrated", person=person)
    stage.expect(
        "abnormal-results",
        marks=(contact, made.message_id),
        to=contact,
        abnormal=abnormal,
        message_id=made.message_id,
        names=[name for name in (person.birth_name, *person.birth_first_names, person.used_name) if name],
        matricule=person.matricule,
        results=["potassium", value, "mmol"],
    )
    stage.fetch_all(box, made)
    return made
