"""TD3.1: stored queries on the registry (ITI-18). What each asks for is in :mod:`conformance.dmp.queries`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from conformance.core.texts import say
from conformance.dmp import codes, queries
from conformance.dmp.codes import QUERY, RIM
from conformance.dmp.queries import Given
from conformance.services.dmp import finding, getting
from conformance.services.dmp.exchange import Call, Rejected, Reply, SoapFault, registry_response
from conformance.services.dmp.filing import as_association, as_entry, as_set
from conformance.services.dmp.held import Held, HeldSet, matricule_of
from conformance.services.dmp.view import Thing
from conformance.soap.guarded import Element

ACTION = "urn:ihe:iti:2007:RegistryStoredQueryResponse"
_ANSWERED: Mapping[str, Callable[[Call, Given], list[Thing]]] = {
    queries.FIND_DOCUMENTS: finding.documents,
    queries.FIND_BY_REFERENCE: finding.documents_by_reference,
    queries.FIND_SETS: finding.submission_sets,
    queries.GET_ALL: finding.everything,
    queries.GET_DOCUMENTS: getting.documents,
    queries.GET_ASSOCIATIONS: getting.associations,
    queries.GET_DOCUMENTS_AND_ASSOCIATIONS: getting.documents_and_associations,
    queries.GET_SETS: getting.submission_sets,
    queries.GET_SET_AND_CONTENTS: getting.set_and_contents,
    queries.GET_RELATED: getting.related,
}
_RETURNED = ("LeafClass", "ObjectRef")


def stored_query(call: Call) -> Reply:
    """Answer a stored query."""
    query = call.envelope.body.find(f"{{{RIM}}}AdhocQuery")
    option = call.envelope.body.find(f"{{{QUERY}}}ResponseOption")
    given = queries.parameters(query)
    kind = "" if query is None else query.get("id", "")
    returned = "LeafClass" if option is None else option.get("returnType", "LeafClass")
    data = {"patient": call.ins, "query": kind, "parameters": {name: queries.values(given, name) for name in given}}
    uniques = queries.values(given, f"{queries.ENTRY}UniqueId")
    marks = tuple(filter(None, (call.ins, matricule_of(call.ins), *uniques)))
    try:
        found = _found(call, kind, returned, given)
    except SoapFault as exc:
        # What was asked is evidence, whatever is answered.
        exc.data = data
        raise
    except Rejected as exc:
        made = _response(codes.FAILURE, [(exc.code, exc.sentence)])
        return Reply(made, ACTION, "failure", exc.code, data=data, marks=marks)
    errors: list[tuple[str, str]] = []
    if call.faults.strike("partial", call.transaction) is not None:
        found, errors = found[: len(found) // 2], [("XDSRegistryError", say("dmp.error.asked", "fr"))]
    made = _response(codes.PARTIAL if errors else codes.SUCCESS, errors)
    held = etree.SubElement(made, f"{{{RIM}}}RegistryObjectList")
    held.extend([_reference(one) if returned == "ObjectRef" else _leaf(one) for one in found])
    told = {"found": [e.unique_id for e in found if isinstance(e, Held)], "objects": len(found)}
    code = errors[0][0] if errors else ""
    return Reply(made, ACTION, "partial" if errors else "ok", code, data={**data, **told}, marks=marks)


def _found(call: Call, kind: str, returned: str, given: Given) -> list[Thing]:
    if kind not in _ANSWERED:
        raise Rejected("XDSUnknownStoredQuery", "query", kind)
    if returned not in _RETURNED:
        raise Rejected("XDSRegistryError", "return-type", returned)
    if wrong := queries.fault(queries.QUERIES[kind], given):
        code, name = wrong
        raise Rejected(code, "parameter" if code == "XDSStoredQueryMissingParam" else "parameter-number", name)
    return _ANSWERED[kind](call, given)


def _leaf(one: Thing) -> Element:
    if isinstance(one, Held):
        return as_entry(one)
    return as_set(one) if isinstance(one, HeldSet) else as_association(one)


def _reference(one: Thing) -> Element:
    return etree.Element(f"{{{RIM}}}ObjectRef", id=one.uuid)


def _response(status: str, errors: Sequence[tuple[str, str]] = ()) -> Element:
    made = etree.Element(
        f"{{{QUERY}}}AdhocQueryResponse", nsmap={"query": QUERY, "rim": RIM}, attrib={"status": status}
    )
    made.extend(registry_response(status, errors))
    return made
