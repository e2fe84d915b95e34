"""The page of oriented persons: what came from the SI-SDO, and what a professional does with it."""

from __future__ import annotations

from starlette.responses import Response

from conformance.core.texts import known, say

from ..store import now
from ..visit import Visit
from .orientations import CLOSED

# What the establishment may report, in the order of JDV_J252.
REPORTED = ("40", "41", "42", "43", "44", "45", "47", "48", "51", "71", "72")
PAGE = "/orientations"


def orientations(visit: Visit) -> Response:
    """Every decision, with the person it was matched with and how far it is."""
    dui = visit.dui
    people = {person.key: person for person in dui.people.all()}
    rows = [
        {
            **row,
            "about": people.get(row["person"]),
            "said": _said(row["status"]),
            "sendings": dui.orientations.sendings.of(row["national"]),
        }
        for row in dui.orientations.all()
    ]
    return visit.page("orientations.html", orientations=rows, statuses=REPORTED, closed=CLOSED)


def fetch(visit: Visit) -> Response:
    """Look for decisions, then for announced statuses."""
    visit.dui.orientations.fetch(visit.who)
    visit.dui.orientations.follow(visit.who)
    return visit.go(PAGE, "orientations")


def agree(visit: Visit) -> Response:
    """The person agrees to show their evaluation, today."""
    row = visit.dui.orientations.get(visit.params["decision"])
    visit.dui.orientations.agree(visit.who, str(row["person"]), now()[:10], row["national"])
    return visit.go(PAGE, "orientation")


def evaluate(visit: Visit) -> Response:
    """Fetch the evaluation of a decision."""
    visit.dui.orientations.evaluation(visit.who, visit.params["decision"])
    return visit.go(PAGE, "orientation")


def report(visit: Visit) -> Response:
    """Report a status of today."""
    decision, status = visit.params["decision"], visit.form.get("status", "")
    visit.dui.orientations.report(visit.who, decision, status if status in REPORTED else "", now()[:10], {})
    return visit.go(PAGE, "orientation")


def _said(status: str) -> str:
    """A status in words; the SI-SDO may announce one that this product does not know."""
    key = f"refdui.sdo.status.{status}"
    return say(key, "fr") if known(key) else status


VIEWS = (
    ("GET", PAGE, orientations),
    ("POST", f"{PAGE}/relever", fetch),
    ("POST", PAGE + "/{decision}/accord", agree),
    ("POST", PAGE + "/{decision}/evaluation", evaluate),
    ("POST", PAGE + "/{decision}/statut", report),
)
