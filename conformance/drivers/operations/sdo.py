"""Orientation decisions: what a product does with the SI-SDO (IG ans.fhir.fr.sdo, flux 1 to 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class FetchDecisions(Operation):
    """Look for new and changed orientation decisions and read each (flux 1). Answers ``{"fetched": <how many>}``."""

    name = "fetch_decisions"
    method = "POST"
    path = "/orientations/fetch"


@dataclass(frozen=True, slots=True)
class ReadDecisions(Operation):
    """The orientation decisions that the product knows.

    Answers ``{"decisions": [{"decision", "version", "person", "status", "consented"}]}``: ``decision`` is the
    idNat_Decision, ``person`` the record it was matched with, or null.
    """

    name = "read_decisions"
    method = "GET"
    path = "/orientations"
    reads = True


@dataclass(frozen=True, slots=True)
class SendConsent(Operation):
    """Record that a person agrees to show their evaluation, and tell the SI-SDO (flux 2).

    ``date`` is the day it was collected (ISO 8601); ``decision`` the idNat_Decision, where the person has several.
    """

    name = "send_consent"
    method = "POST"
    path = "/persons/{person}/orientation/consent"

    person: str
    date: str
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class FetchEvaluation(Operation):
    """Fetch the evaluation that belongs to a decision (flux 3); ``decision`` is the idNat_Decision."""

    name = "fetch_evaluation"
    method = "POST"
    path = "/orientations/{decision}/evaluation/fetch"

    decision: str


@dataclass(frozen=True, slots=True)
class ReportStatus(Operation):
    """Report how far the admission of an oriented person is (flux 4).

    ``status`` is a code of JDV_J252, ``date`` its day. ``unit``, where the event is one of a unit, holds ``id``,
    ``name``, ``category`` (JDV_J34), ``mode`` (46, 47 or 48), ``status`` (JDV_J253) and ``date``.
    """

    name = "report_status"
    method = "POST"
    path = "/orientations/{decision}/status"

    decision: str
    status: str
    date: str
    unit: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FollowStatuses(Operation):
    """Look for the statuses that the SI-SDO announces (flux 5). Answers ``{"statuses": <how many>}``."""

    name = "follow_statuses"
    method = "POST"
    path = "/orientations/statuses/fetch"
