"""The history of records and the DMP: a global catch-up, and what its filters rest on."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class CatchUpDmp(Operation):
    """Feed the DMP with what the records of a group of persons (a unit, a service) hold of the past.

    Documents of ``type_codes`` about acts since ``since`` (ISO 8601 with offset), ``per_second`` transactions a second at most. The
    default filters of the product leave the others out: the deceased, unqualified INS, objectors, documents already fed. It
    answers once the catch-up has begun.
    """

    name = "catch_up_dmp"
    method = "POST"
    path = "/dmp/catch-up"

    persons: tuple[str, ...]
    type_codes: tuple[str, ...]
    since: str
    per_second: int


@dataclass(frozen=True, slots=True)
class RecordDeath(Operation):
    """Record that a person died on a day (ISO 8601)."""

    name = "record_death"
    method = "PUT"
    path = "/persons/{person}/death"

    person: str
    date: str


@dataclass(frozen=True, slots=True)
class ReadHistoryRate(Operation):
    """The indicator of the history for a month (``2026-11``). Answers ``{"stays", "fed"}``.

    ``stays`` are the stays closed in the month of persons who had another in the five years before; ``fed`` those of them for
    which a document of such a former stay is in the DMP: the rate is one over the other.
    """

    name = "read_history_rate"
    method = "GET"
    path = "/dashboard/history/{month}"
    reads = True

    month: str
