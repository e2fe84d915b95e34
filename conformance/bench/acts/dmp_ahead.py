"""Acts with what a product fetches of the DMP by itself: visits planned, documents preloaded, copies that end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from conformance.bench.acts.dmp import SERVICE, Found
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person

# Seconds past the time set for keeping a copy, for the product's clock to have passed it too.
PAST = 0.8
HOUR = timedelta(hours=1)


def preload(stage: Stage, type_codes: Sequence[str], seconds: int) -> None:
    """Set what the product preloads; a product that cannot be set so stops the scenario."""
    stage.perform(ops.SetDmpPreloading(tuple(type_codes), seconds))


def plan(stage: Stage, person: Person) -> Mapping[str, int]:
    """Plan a visit of a person within the hour; answers where the services were before."""
    before = stage.now()
    at = (datetime.fromisoformat(stage.today) + HOUR).isoformat()
    stage.perform(ops.PlanVisit(person.key, at))
    return before


def expect_preloaded(
    stage: Stage, person: Person, wanted: Sequence[Found], others: Sequence[Found] = ()
) -> Mapping[str, Any] | None:
    """Plan a visit that must have these documents read, and no other; answers the record of the last one that was."""
    stage.expect(
        "dmp-preload",
        marks=(person.ins,),
        matricule=person.ins,
        documents=[one.unique_id for one in wanted],
        others=[one.unique_id for one in others],
    )
    before = plan(stage, person)
    seen = [stage.await_record("dmp.retrieval", one.unique_id, after=before) for one in wanted]
    return seen[-1] if all(seen) else None


def open_within(stage: Stage, person: Person, found: Found, seconds: int) -> None:
    """Open a preloaded document while its copy may be kept."""
    _open(stage, person, found, seconds, "within")


def open_past(stage: Stage, person: Person, found: Found, seconds: int) -> None:
    """Open a preloaded document once its copy may be kept no more."""
    time.sleep(seconds + PAST)
    _open(stage, person, found, seconds, "past")


def _open(stage: Stage, person: Person, found: Found, seconds: int, when: str) -> None:
    stage.expect(
        "dmp-copy",
        marks=(person.ins, found.unique_id),
        matricule=person.ins,
        unique_id=found.unique_id,
        seconds=seconds,
        when=when,
        after=stage.now().get(SERVICE, 0),
    )
    stage.ask(ops.IntegrateFromDmp(person.key, found.unique_id))
