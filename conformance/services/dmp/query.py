"""TD3.1: stored queries on the registry (ITI-18): FindDocuments and GetDocuments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from conformance.dmp import codes
from conformance.dmp.codes import QUERY, RIM
from conformance.dmp.objects import person_of
from conformance.services.dmp.exchange import Call, Rejected, Reply, SoapFault, registry_response
from conformance.services.dmp.store import Held, matricule_of
from conformance.soap.guarded import Element, text_of

ACTION = "urn:ihe:iti:2007:RegistryStoredQueryResponse"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
# Parameter of FindDocuments -> attribute of an entry (IHE ITI TF-2, 3.18.4.1.2.3.7.1).
_CODED = {
    "$XDSDocumentEntryClassCode": "class_code",
    "$XDSDocumentEntryTypeCode": "type_code",
    "$XDSDocumentEntryPracticeSettingCode": "practice_setting",
    "$XDSDocumentEntryHealthcareFacilityTypeCode": "facility",
    "$XDSDocumentEntryEventCodeList": "event",
    "$XDSDocumentEntryConfidentialityCode": "confidentiality",
    "$XDSDocumentEntryFormatCode": "format_code",
}
_TIMES = ("creationTime", "serviceStartTime", "serviceStopTime")
_PATIENT = "$XDSDocumentEntryPatientId"
_STATUS = "$XDSDocumentEntryStatus"
_UUIDS = "$XDSDocumentEntryEntryUUID"
_UNIQUES = "$XDSDocumentEntryUniqueId"
_QUOTED = re.compile(r"'((?:[^']|'')*)'")

Parameters = Mapping[str, Sequence[str]]


def stored_query(call: Call) -> Reply:
    """Answer a stored query."""
    query = call.envelope.body.find(f"{{{RIM}}}AdhocQuery")
    option = call.envelope.body.find(f"{{{QUERY}}}ResponseOption")
    given = _parameters(query)
    kind = "" if query is None else query.get("id", "")
    data = {"patient": call.ins, "query": kind, "parameters": {k: list(v) for k, v in given.items()}}
    marks = tuple(filter(None, (call.ins, matricule_of(call.ins), *given.get(_UNIQUES, ()))))
    try:
        found = _found(call, kind, given)
    except SoapFault as exc:
        # What was asked is evidence, whatever is answered.
        exc.data = data
        raise
    except Rejected as exc:
        made = _response(codes.FAILURE, [(exc.code, exc.sentence)])
        return Reply(made, ACTION, "failure", exc.code, data=data, marks=marks)
    made = _response(codes.SUCCESS)
    held = etree.SubElement(made, f"{{{RIM}}}RegistryObjectList")
    for entry in found:
        if option is not None and option.get("returnType") == "ObjectRef":
            etree.SubElement(held, f"{{{RIM}}}ObjectRef", id=entry.uuid)
        else:
            held.append(as_registered(entry))
    return Reply(made, ACTION, "ok", data={**data, "found": [e.unique_id for e in found]}, marks=marks)


def as_registered(entry: Held) -> Element:
    """An entry with the status and the version that it has now."""
    element = etree.fromstring(entry.xml)
    element.set("status", entry.status)
    version = etree.Element(f"{{{RIM}}}VersionInfo", versionName=str(entry.version))
    after = [c for c in element if c.tag in (f"{{{RIM}}}Slot", f"{{{RIM}}}Name", f"{{{RIM}}}Description")]
    element.insert(len(after), version)
    return element


def _found(call: Call, kind: str, given: Parameters) -> list[Held]:
    if kind == FIND_DOCUMENTS:
        return _find(call, given)
    if kind == GET_DOCUMENTS:
        return _get(call, given)
    raise Rejected("XDSUnknownStoredQuery", "query", kind)


def _find(call: Call, given: Parameters) -> list[Held]:
    if not given.get(_PATIENT) or not given.get(_STATUS):
        raise Rejected("XDSStoredQueryMissingParam", "parameter", _PATIENT if not given.get(_PATIENT) else _STATUS)
    if person_of(given[_PATIENT][0]) != call.vihf.patient:
        raise Rejected("XDSPatientIdDoesNotMatch", "other-patient")
    may_consult(call)
    entries = call.store.entries_of(matricule_of(call.ins))
    return [e for e in entries if e.status in given[_STATUS] and not e.facts["signature"] and _meets(call, e, given)]


def _get(call: Call, given: Parameters) -> list[Held]:
    if not given.get(_UUIDS) and not given.get(_UNIQUES):
        raise Rejected("XDSStoredQueryMissingParam", "parameter", _UUIDS)
    found = [call.store.entry(uuid) for uuid in given.get(_UUIDS, ())]
    found += [call.store.entry_of(unique_id) for unique_id in given.get(_UNIQUES, ())]
    # A structure may look for the reference of what it fed without the right to consult (PDT-INF-526).
    return [e for e in found if e is not None and e.matricule == matricule_of(call.ins) and _own_or_open(call, e)]


def _meets(call: Call, entry: Held, given: Parameters) -> bool:
    for parameter, attribute in _CODED.items():
        wanted = {value.partition("^")[0] for value in given.get(parameter, ())}
        if wanted and not wanted & set(entry.facts["codes"][attribute]):
            return False
    for time in _TIMES:
        name = f"$XDSDocumentEntry{time[0].upper()}{time[1:]}"
        told = entry.facts["times"][time]
        low, high = (next(iter(given.get(f"{name}{end}", ())), "") for end in ("From", "To"))
        if (low and not told >= low) or (high and not told < high):
            return False
    return visible(call, entry)


def visible(call: Call, entry: Held) -> bool:
    """Whether professionals see a document: one masked from them is seen by its author's structure only."""
    return "MASQUE_PS" not in entry.facts["codes"]["confidentiality"] or entry.structure == call.vihf.structure


def may_consult(call: Call) -> None:
    """Raise unless the user may open this record now."""
    if call.patient() is None:
        raise Rejected("XDSUnknownPatientId", "no-record")
    if call.store.authorisation(call.ins, call.vihf.name_id) != "valid":
        # The name is the only one published for rights; that it answers this case too is a hypothesis.
        raise SoapFault("DMPAccessDeniedByRightsService", "not-authorised")


def _own_or_open(call: Call, entry: Held) -> bool:
    own = entry.structure == call.vihf.structure
    return own or call.store.authorisation(call.ins, call.vihf.name_id) == "valid"


def _parameters(query: Element | None) -> dict[str, list[str]]:
    """Values of the slots: quoted, in parentheses where there are several (IHE ITI TF-2, 3.18.4.1.2.3.5)."""
    found: dict[str, list[str]] = {}
    for slot in () if query is None else query.iterfind(f"{{{RIM}}}Slot"):
        values = found.setdefault(slot.get("name", ""), [])
        for value in slot.iterfind(f"{{{RIM}}}ValueList/{{{RIM}}}Value"):
            text = text_of(value)
            quoted = [q.replace("''", "'") for q in _QUOTED.findall(text)]
            values += quoted or ([text] if text else [])
    return found


def _response(status: str, errors: Sequence[tuple[str, str]] = ()) -> Element:
    made = etree.Element(
        f"{{{QUERY}}}AdhocQueryResponse", nsmap={"query": QUERY, "rim": RIM}, attrib={"status": status}
    )
    made.extend(registry_response(status, errors))
    return made
