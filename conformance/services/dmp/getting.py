"""The stored queries that start from ids: documents, submission sets, and what is associated with them."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.dmp import codes
from conformance.dmp.queries import ENTRY, SET, Given, values
from conformance.services.dmp.exchange import Call, Rejected
from conformance.services.dmp.finding import coded
from conformance.services.dmp.held import Held, HeldSet, Link
from conformance.services.dmp.view import Thing, reachable

# How many documents one query with associations may name; which code refuses more is a hypothesis (docs/services/dmp.md).
MAX_DOCUMENTS = 20


def documents(call: Call, given: Given) -> list[Thing]:
    """GetDocuments."""
    return list(_entries(call, given))


def associations(call: Call, given: Given) -> list[Thing]:
    """GetAssociations: those that touch the objects named, and only objects that may be seen."""
    return list(_links(call, values(given, "$uuid")))


def documents_and_associations(call: Call, given: Given) -> list[Thing]:
    """GetDocumentsAndAssociations."""
    asked = [*values(given, f"{ENTRY}EntryUUID"), *values(given, f"{ENTRY}UniqueId")]
    if len(asked) > MAX_DOCUMENTS:
        raise Rejected("XDSTooManyResults", "too-many", str(MAX_DOCUMENTS))
    entries = _entries(call, given)
    return [*entries, *_links(call, _ids(entries))]


def submission_sets(call: Call, given: Given) -> list[Thing]:
    """GetSubmissionSets: those that hold the documents named, and their memberships."""
    entries = [call.store.entry(uuid) for uuid in values(given, "$uuid")]
    ids = set(_ids(e for e in entries if e is not None and reachable(call, e)))
    links = [one for one in _links(call, ids) if one.type == codes.HAS_MEMBER and one.target in ids]
    sets = {one.source: call.store.submission(one.source) for one in links}
    return [*(held for held in sets.values() if held is not None), *links]


def set_and_contents(call: Call, given: Given) -> list[Thing]:
    """GetSubmissionSetAndContents: the set, its documents of the formats and confidentialities asked for, their links."""
    (asked,) = [*values(given, f"{SET}EntryUUID"), *values(given, f"{SET}UniqueId")]
    held = call.store.submission(asked)
    if held is None or not reachable(call, held):
        return []
    members = [one for one in call.store.associations([held.uuid]) if one.type == codes.HAS_MEMBER]
    entries = [e for e in (_of(call, one.target) for one in members) if e is not None and coded(e, given)]
    inside = {held.uuid, *_ids(entries)}
    links = [one for one in call.store.associations(inside) if {one.source, one.target} <= inside]
    return [held, *entries, *links]


def related(call: Call, given: Given) -> list[Thing]:
    """GetRelatedDocuments: the document, those bound to it by the types asked for, the bonds; nothing when there is none."""
    entries = _entries(call, given)
    types = values(given, "$AssociationTypes")
    links = [one for one in _links(call, _ids(entries)) if one.type in types]
    ends = {end: _of(call, end) for one in links for end in (one.source, one.target)}
    links = [one for one in links if ends[one.source] and ends[one.target]]
    bound = {e.uuid: e for one in links for e in (ends[one.source], ends[one.target]) if e is not None}
    return [*bound.values(), *links]


def _entries(call: Call, given: Given) -> list[Held]:
    found = [call.store.entry(uuid) for uuid in values(given, f"{ENTRY}EntryUUID")]
    found += [call.store.entry_of(unique_id) for unique_id in values(given, f"{ENTRY}UniqueId")]
    return [e for e in found if e is not None and reachable(call, e)]


def _of(call: Call, uuid: str) -> Held | None:
    found = call.store.entry(uuid)
    return found if reachable(call, found) else None


def _ids(entries: Iterable[Held]) -> list[str]:
    """An association names the version that was current when it was filed: logical ids stand for all of them."""
    return [id for entry in entries for id in dict.fromkeys((entry.uuid, entry.lid))]


def _links(call: Call, ids: Iterable[str]) -> list[Link]:
    return [one for one in call.store.associations(ids) if all(_known(call, end) for end in (one.source, one.target))]


def _known(call: Call, id: str) -> bool:
    one: Held | HeldSet | None = call.store.entry(id) or call.store.submission(id)
    return reachable(call, one)
