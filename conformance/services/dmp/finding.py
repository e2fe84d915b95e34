"""The stored queries that search a person's record: by attributes of documents, or of submission sets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance.dmp import codes, queries
from conformance.dmp.objects import person_of
from conformance.dmp.queries import CODED, ENTRY, SET, Given, values
from conformance.services.dmp.exchange import Call, Rejected
from conformance.services.dmp.held import Held, HeldSet, matricule_of
from conformance.services.dmp.view import Thing, may_consult, visible


def documents(call: Call, given: Given) -> list[Thing]:
    """FindDocuments."""
    return list(_documents(call, given))


def documents_by_reference(call: Call, given: Given) -> list[Thing]:
    """FindDocumentsByReferenceId: what FindDocuments finds and that bears one of the references of each slot."""
    asked = given[f"{ENTRY}ReferenceIdList"]
    return [e for e in _documents(call, given) if all(set(slot) & set(e.facts["references"]) for slot in asked)]


def submission_sets(call: Call, given: Given) -> list[Thing]:
    """FindSubmissionSets."""
    _about(call, given, f"{SET}PatientId")
    return [s for s in _sets(call, values(given, f"{SET}Status")) if _set_meets(s, given)]


def everything(call: Call, given: Given) -> list[Thing]:
    """GetAll: documents, submission sets, and the associations between what is given."""
    _about(call, given, "$patientId")
    entries = [e for e in _entries(call, values(given, f"{ENTRY}Status")) if coded(e, given)]
    sets = _sets(call, values(given, f"{SET}Status"))
    held = {entry.uuid for entry in entries} | {entry.lid for entry in entries} | {one.uuid for one in sets}
    links = [one for one in call.store.associations(held) if {one.source, one.target} <= held]
    return [*entries, *sets, *links]


def _documents(call: Call, given: Given) -> list[Held]:
    _about(call, given, f"{ENTRY}PatientId")
    return [e for e in _entries(call, values(given, f"{ENTRY}Status")) if _meets(e, given)]


def _about(call: Call, given: Given, parameter: str) -> None:
    if person_of(values(given, parameter)[0]) != call.vihf.patient:
        raise Rejected("XDSPatientIdDoesNotMatch", "other-patient")
    may_consult(call)


def _entries(call: Call, statuses: Sequence[str]) -> list[Held]:
    entries = call.store.entries_of(matricule_of(call.ins))
    return [e for e in entries if e.status in statuses and not e.facts["signature"] and visible(call, e)]


def _sets(call: Call, statuses: Sequence[str]) -> list[HeldSet]:
    """A submission set is approved from its filing and for ever: nothing withdraws one."""
    return call.store.submissions_of(matricule_of(call.ins)) if codes.APPROVED in statuses else []


def _meets(entry: Held, given: Given) -> bool:
    if not coded(entry, given):
        return False
    persons = values(given, f"{ENTRY}AuthorPerson")
    if persons and not any(like(pattern, person) for pattern in persons for person in entry.facts["persons"]):
        return False
    return all(
        _within(entry.facts["times"][time], given, f"{ENTRY}{time[0].upper()}{time[1:]}") for time in queries.TIMES
    )


def coded(entry: Held, given: Given) -> bool:
    """Whether each slot of each coded parameter names a code that the entry has, in its system when one is named."""
    for parameter, attribute in CODED.items():
        had = {*entry.facts["coded"][attribute], *entry.facts["codes"][attribute]}
        if any(slot and not set(slot) & had for slot in given.get(parameter, ())):
            return False
    return True


def _set_meets(held: HeldSet, given: Given) -> bool:
    facts = held.facts
    sources, kinds = values(given, f"{SET}SourceId"), values(given, f"{SET}ContentType")
    persons = values(given, f"{SET}AuthorPerson")
    return (
        (not sources or facts["source"] in sources)
        and (not kinds or facts["content"] in {kind.partition("^")[0] for kind in kinds})
        and (not persons or any(like(pattern, told) for pattern in persons for told in facts["persons"]))
        and _within(facts["submitted"], given, f"{SET}SubmissionTime")
    )


def _within(told: str, given: Given, name: str) -> bool:
    """From the first bound on, and before the second (IHE ITI TF-2, 3.18.4.1.2.3.7.1)."""
    low, high = (next(iter(values(given, f"{name}{end}")), "") for end in ("From", "To"))
    if not told:
        return not low and not high
    at = queries.moment(told)
    return (not low or at >= queries.moment(low)) and (not high or at < queries.moment(high))


def like(pattern: str, text: str) -> bool:
    """SQL's LIKE, without regard to case: ``%`` is any text, ``_`` any character (IHE ITI TF-2, 3.18.4.1.2.3.7.1)."""
    expression = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None
