"""Checks on the product as a consumer: what it answers to a record, what it refuses, what it then holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks.subjects.transfer import (
    FaultyImportAnswer,
    ImportAnswer,
    Shown,
    ShownAfterFault,
    ShownAfterRoundTrip,
    resources_of,
)
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error
from conformance.core.words import Basis
from conformance.portability.comparison import Comparison, compare, shown

SOURCE = "ANS, IG TDDUI 2.3.0-ballot, flux 1.2"
_LOCATION = re.compile(
    r"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/(?P<version>[^/]+))?"
)
# A card per lost value is a report, a thousand are noise.
MOST = 40


@check("tddui.import-answer", source=SOURCE, basis=Basis.GUIDE, alone=False)
def a_record_is_answered_entry_by_entry(told: ImportAnswer) -> Iterator[Finding]:
    """A record that is taken in is answered 200 with a transaction-response: 201, id and version, for each entry.

    Pass: as many entries, in order, each ``201 Created`` with the id and version of what was created.
    Fail: another status, another resource, an entry missing, not created, or without id or version.
    """
    if told.status != 200:
        yield error("tddui.import-answer.status", expected="200", got=str(told.status))
        return
    answer = told.answer or {}
    if answer.get("resourceType") != "Bundle" or answer.get("type") != "transaction-response":
        got = f"{answer.get('resourceType')} {answer.get('type')}"
        yield error(
            "tddui.import-answer.type", where=Where(fhirpath="Bundle.type"), expected="transaction-response", got=got
        )
        return
    sent, held = list(resources_of(told.sent)), answer.get("entry")
    entries = held if isinstance(held, list) else []
    if len(entries) != len(sent):
        yield error(
            "tddui.import-answer.count",
            where=Where(fhirpath="Bundle.entry"),
            expected=str(len(sent)),
            got=str(len(entries)),
        )
        return
    for position, (resource, entry) in enumerate(zip(sent, entries, strict=True)):
        yield from _entry(resource, entry if isinstance(entry, Mapping) else {}, f"Bundle.entry[{position}]")


@check("tddui.import-refused", source=SOURCE, basis=Basis.GUIDE, alone=False)
def a_fault_is_refused_with_its_reason(told: FaultyImportAnswer) -> Iterator[Finding]:
    """A transaction that holds an entry at fault is refused, with an OperationOutcome that says why.

    Pass: a status 4xx (or 5xx) and an OperationOutcome with at least one issue of severity error.
    Fail: a success, or a refusal without OperationOutcome, were it a connection that is cut.
    """
    if 0 < told.status < 400:
        yield error("tddui.import-refused.taken", expected="4xx", got=str(told.status))
        return
    answer = told.answer or {}
    issues = answer.get("issue") if answer.get("resourceType") == "OperationOutcome" else None
    grave = [i for i in issues or () if isinstance(i, Mapping) and i.get("severity") in ("error", "fatal")]
    if not grave:
        yield error(
            "tddui.import-refused.unexplained", expected="OperationOutcome", got=str(answer.get("resourceType") or "-")
        )


@check("tddui.import-shown", source="ANS, IG TDDUI 2.3.0-ballot, flux 1.1", basis=Basis.GUIDE, alone=False)
def what_came_in_is_in_the_record(seen: Shown) -> Iterator[Finding]:
    """A record that was taken in is in the product: exported again, it holds everything that came.

    Pass: nothing is lost or changed between what was sent and what the product exports.
    Fail: a value that is missing or is no longer the same.
    """
    yield from _told(compare(seen.wanted, seen.shown), ("lost", "changed"))


@check("tddui.nothing-left", source=f"{SOURCE}: nothing is created", basis=Basis.GUIDE, alone=False)
def a_refused_transaction_leaves_nothing(seen: ShownAfterFault) -> Iterator[Finding]:
    """A refused transaction leaves the record as it was.

    Pass: the record exported after the refusal is the one exported before.
    Fail: anything was added, lost or changed.
    """
    yield from _told(compare(seen.wanted, seen.shown), ("lost", "changed", "added"))


@check("tddui.nothing-lost", source="ANS, IG TDDUI 2.3.0-ballot, purpose of the guide", basis=Basis.GUIDE, alone=False)
def a_round_trip_loses_nothing(seen: ShownAfterRoundTrip) -> Iterator[Finding]:
    """A record that leaves the product and comes back as another person's loses nothing on its way.

    Pass: the second export holds every value of the first (local identifiers and labels left aside).
    Fail: a value that is missing or is no longer the same.
    """
    yield from _told(compare(seen.wanted, seen.shown), ("lost", "changed"))


def _entry(resource: Mapping[str, Any], entry: Mapping[str, Any], place: str) -> Iterator[Finding]:
    given = entry.get("response")
    response = given if isinstance(given, Mapping) else {}
    status = str(response.get("status") or "")
    if not status.startswith("201"):
        yield error(
            "tddui.import-answer.entry",
            where=Where(fhirpath=f"{place}.response.status"),
            expected="201 Created",
            got=status or "-",
        )
    kept = entry.get("resource")
    held = kept if isinstance(kept, Mapping) else {}
    read = _LOCATION.fullmatch(str(response.get("location") or ""))
    kind = held.get("resourceType") or (read and read["type"])
    meta = held.get("meta")
    version = (meta.get("versionId") if isinstance(meta, Mapping) else None) or (read and read["version"])
    if not (held.get("id") or read) or not version or kind != resource.get("resourceType"):
        where = Where(fhirpath=f"{place}.response.location")
        expected = f"{resource.get('resourceType')}/[id]/_history/[version]"
        yield error(
            "tddui.import-answer.location", where=where, expected=expected, got=str(response.get("location") or "-")
        )


def _told(comparison: Comparison, kinds: tuple[str, ...]) -> Iterator[Finding]:
    found = [(report, d) for report in comparison.reports for d in report.differences if d.kind in kinds]
    for report, d in found[:MOST]:
        where = Where(part=report.name or None, fhirpath=d.path)
        values = {"values": d.values, "path": d.path}
        yield error(
            f"tddui.not-kept.{d.why}",
            where=where,
            expected=shown(d.before) or "-",
            got=shown(d.after) or "-",
            **values,
        )
    if len(found) > MOST:
        yield error("tddui.more-differences", expected="0", got=str(len(found)), left=len(found) - MOST)
