"""What a document is about: the principal act, and the encounter in which it took place."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.cda import forms
from conformance.checks.cda.actors import person_ids, structure_ids
from conformance.checks.cda.contact import contacts, people
from conformance.checks.cda.rules import SOURCE, Attribute, Child, Coded, Rule, cda_check, coded, identifier, judged
from conformance.checks.cda.tables.header_codes import AUTHOR_SPECIALTY, ENCOUNTER, FACILITY_TYPE, PRACTICE_SETTING
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context
from conformance.core.finding import Finding, error, warning

_EVENT = "h:documentationOf/h:serviceEvent"
_PERFORMER = f"{_EVENT}/h:performer/h:assignedEntity"
_SETTING = f"{_PERFORMER}/h:representedOrganization/h:standardIndustryClassCode"
_EVENT_RULES: tuple[Rule, ...] = (
    Child("", "h:documentationOf", 1, None, "SM-0042"),
    Child("h:documentationOf", "h:serviceEvent", 1, 1, "SM-1191/SM-1192"),
    Child(_EVENT, "h:code", 0, 1, "SM-1193", null=True),
    Attribute(f"{_EVENT}/h:code", "code", forms.CODE, "SM-1201", required=False),
    Attribute(f"{_EVENT}/h:code", "codeSystem", forms.OID, "SM-1200", required=False),
    Child(_EVENT, "h:effectiveTime", 0, 1, "SM-1195", null=True),
    Child(f"{_EVENT}/h:effectiveTime", "h:low", 1, 1, "SM-1217/SM-1218", null=True),
    Child(f"{_EVENT}/h:effectiveTime", "h:high", 0, 1, "SM-1219", null=True),
    Attribute(f"{_EVENT}/h:effectiveTime/h:low", "value", forms.TIME, "SM-1221/SM-1222"),
    Attribute(f"{_EVENT}/h:effectiveTime/h:high", "value", forms.TIME, "SM-1224", required=False),
    Child(_EVENT, "h:performer[@typeCode='PRF']", 0, 1, "SM-1196", null=True),
    Child(_PERFORMER, "h:id", 1, 1, "SM-1235/SM-1236", null=True),
    Coded(f"{_PERFORMER}/h:code", AUTHOR_SPECIALTY, "SM-1243"),
    Child(_PERFORMER, "h:representedOrganization", 1, 1, "SM-1239/SM-1240", null=True),
    Child(f"{_PERFORMER}/h:representedOrganization", "h:standardIndustryClassCode", 1, 1, "SM-1291/SM-1292"),
    *coded(_SETTING, PRACTICE_SETTING, "SM-1343…SM-1348"),
)
_ENCOUNTER = "h:componentOf/h:encompassingEncounter"
_FACILITY = f"{_ENCOUNTER}/h:location/h:healthCareFacility"
_ENCOUNTER_RULES: tuple[Rule, ...] = (
    Child("", "h:componentOf", 1, 1, "SM-0044/SM-0045"),
    Child("h:componentOf", "h:encompassingEncounter", 1, 1, "SM-1386/SM-1387"),
    *identifier(f"{_ENCOUNTER}/h:id", root="SM-1397/SM-1398", extension="SM-1396"),
    Child(_ENCOUNTER, "h:code", 0, 1, "SM-1388", null=True),
    *coded(f"{_ENCOUNTER}/h:code", ENCOUNTER, "SM-1400…SM-1405"),
    Child(_ENCOUNTER, "h:effectiveTime", 1, 1, "SM-1389/SM-1390", null=True),
    Attribute(f"{_ENCOUNTER}/h:effectiveTime/h:low", "value", forms.TIME, "SM-1410", required=False),
    Attribute(f"{_ENCOUNTER}/h:effectiveTime/h:high", "value", forms.TIME, "SM-1412", required=False),
    Child(_ENCOUNTER, "h:location", 1, 1, "SM-1393/SM-1394"),
    Child(f"{_ENCOUNTER}/h:location", "h:healthCareFacility", 1, 1, "SM-1674/SM-1675"),
    Child(_FACILITY, "h:code", 1, 1, "SM-1676/SM-1677"),
    *coded(f"{_FACILITY}/h:code", FACILITY_TYPE, "SM-1681…SM-1686"),
)


@cda_check("cda.documentation-of", source=f"{SOURCE}, documentationOf (SM-0004, SM-0005, SM-0042, SM-1187 to SM-1351)")
def the_principal_act_is_told(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document tells the act that it documents: when, by whom, in what setting.

    Pass: the first ``serviceEvent`` has one time with its beginning and one performer with a structure and a setting.
    Fail: one is missing, repeated or unknown, or the act ends before it begins. A national identifier of the performer or
    of its structure that cannot be one is a warning: published examples hold some.
    """
    yield from judged(document, _EVENT_RULES)
    yield from contacts(document, ("h:documentationOf",))
    yield from people(document, f"{_PERFORMER}/h:assignedPerson", "SM-1285/SM-1286")
    yield from person_ids(document, f"{_PERFORMER}/h:id", warning)
    yield from structure_ids(document, f"{_PERFORMER}/h:representedOrganization/h:id", warning)
    first = document.first(_EVENT)
    if first is not None:
        yield from _principal(document, first)
    for element in document.find(f"{_EVENT}/h:effectiveTime"):
        yield from reversed_interval(document, element)


@cda_check("cda.component-of", source=f"{SOURCE}, componentOf (SM-0044, SM-0045, SM-1382 to SM-1730)")
def the_encounter_is_told(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document tells the encounter it belongs to, and the kind of place where it happened.

    Pass: one encounter with its time and one facility whose kind is in the value set.
    Fail: one is missing, repeated or unknown, or the encounter ends before it begins.
    """
    yield from judged(document, _ENCOUNTER_RULES)
    yield from contacts(document, ("h:componentOf",))
    for element in document.find(f"{_ENCOUNTER}/h:effectiveTime"):
        yield from reversed_interval(document, element)


def _principal(document: CdaDocument, event: Element) -> Iterator[Finding]:
    for name, rule in (("performer", "SM-0004"), ("effectiveTime", "SM-0005")):
        found = document.find(f"h:{name}", event)
        if not found:
            yield error("cda.missing", where=document.where(event), expected=name, element=name, rule=rule)
        elif len(found) > 1 and name == "performer":
            place = document.where(found[1])
            yield error("cda.repeated", where=place, expected="≤ 1", got=str(len(found)), element=name, rule=rule)


def reversed_interval(document: CdaDocument, interval: Element) -> Iterator[Finding]:
    """The fault of an interval that begins after its end (DT:IVL_TS, dtr1-7)."""
    low, high = document.first("h:low", interval), document.first("h:high", interval)
    if low is None or high is None:
        return
    begins, ends = forms.moment(low.get("value")), forms.moment(high.get("value"))
    if begins is None or ends is None or begins.digits != ends.digits or begins.zoned != ends.zoned:
        return
    if begins.at > ends.at:
        place = document.where(high)
        yield error("cda.time.order", where=place, expected=f"≥ {low.get('value')}", got=high.get("value"), beyond=True)
