"""What the control API asks about orientation decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..members import Members

if TYPE_CHECKING:
    from ..application import Dui

Answer = Mapping[str, Any]


def fetch_decisions(dui: Dui, who: str, _: Members) -> Answer:
    """Look for new and changed decisions."""
    return {"fetched": dui.orientations.fetch(who)}


def read_decisions(dui: Dui, _: str, __: Members) -> Answer:
    """The decisions known."""
    return {
        "decisions": [
            {
                "decision": row["national"],
                "version": row["version"],
                "person": row["person"],
                "status": row["status"],
                "consented": bool(row["consented"]),
                "label": row["label"],
                "sendings": dui.orientations.sendings.of(row["national"]),
            }
            for row in dui.orientations.all()
        ]
    }


def send_consent(dui: Dui, who: str, given: Members) -> Answer:
    """Record and tell the consent of a person."""
    person, day = given.key("person"), given.key("date")
    return {"decision": dui.orientations.agree(who, person, day, given.maybe("decision"))}


def fetch_evaluation(dui: Dui, who: str, given: Members) -> Answer:
    """Fetch the evaluation of a decision."""
    return {"document": dui.orientations.evaluation(who, given.key("decision"))}


def report_status(dui: Dui, who: str, given: Members) -> Answer:
    """Report a status."""
    unit = given.mapping("unit") if given.has("unit") else {}
    decision, status, day = given.key("decision"), given.key("status"), given.key("date")
    return {"queued": dui.orientations.report(who, decision, status, day, unit)}


def follow_statuses(dui: Dui, who: str, _: Members) -> Answer:
    """Look for announced statuses."""
    return {"statuses": dui.orientations.follow(who)}


ACTIONS = (fetch_decisions, read_decisions, send_consent, fetch_evaluation, report_status, follow_statuses)
