"""The rules of the header that no other check cites, and those of the data types: each fails by its own rule."""

import gc

import pytest
from lxml import etree

from benchmarks.documents_place import changed, near
from conformance.checks.cda.datatypes.types import rules_of
from conformance.checks.cda.header import tree
from conformance.checks.cda.header.steps import step
from conformance.checks.documents import judge_bytes
from conformance.checks.subjects.cda import CdaDocument
from conformance.core.check import Registry
from conformance.core.collector import collector_at_rest
from conformance.core.words import Level
from tests.checks.documents_made import ALONE, double, n1, null, one, put, write

XSI = "http://www.w3.org/2001/XMLSchema-instance"
PATIENT = "h:recordTarget/h:patientRole/h:patient"
AUTHOR = "h:author/h:assignedAuthor"
NAME = f"{AUTHOR}/h:assignedPerson/h:name"
PLACE = f"{AUTHOR}/h:representedOrganization/h:addr"
EVENT = "h:documentationOf/h:serviceEvent"
IDNPS = "1.2.250.1.71.4.2.1"


def made(xml):
    return etree.fromstring(f'<x xmlns="urn:hl7-org:v3">{xml}</x>')[0]


def before(path, xml):
    return lambda root: one(root, path).addprevious(made(xml))


def add(path, xml):
    return lambda root: one(root, path).append(made(xml))


def participant(extra="", kind="REF", role="PROV", time="<time><low value='2026'/></time>"):
    entity = f'<associatedEntity classCode="{role}">{extra}</associatedEntity>'
    return before("h:documentationOf", f'<participant typeCode="{kind}">{time}{entity}</participant>')


def informant(inner):
    return before("h:custodian", f"<informant>{inner}</informant>")


def typed(path, name):
    return put(path, **{f"{{{XSI}}}type": name})


def said(check_id, content):
    """The rules that a check cites, and their levels."""
    found = Registry.get(check_id)(CdaDocument.from_bytes(content), ALONE)
    return {(str(f.values.get("rule")), f.level) for f in found}


RELATED = (
    '<relatedEntity classCode="{}">{}<relatedPerson><name><family>X</family></name></relatedPerson></relatedEntity>'
)
HEADER = [
    (double(f"{NAME}/h:given"), "SM-0364"),
    (double(f"{NAME}/h:suffix"), "SM-0366"),
    (double("h:legalAuthenticator/h:assignedEntity/h:assignedPerson/h:name/h:given"), "SM-0845"),
    (double(f"{PLACE}/h:city"), "SM-0112"),
    (double(f"{AUTHOR}/h:representedOrganization/h:name"), "SM-0374"),
    (participant(time=""), "SM-1035/SM-1036"),
    (participant(kind="CST"), "SM-1030"),
    (participant(role="CIT"), "SM-1060"),
    (participant(role="CIT"), "SM-1061"),
    (participant(f'<id root="{IDNPS}"/>'), "SM-1067/SM-1068"),
    (participant('<code code="G15_99" codeSystem="1.2.250.1.213.1.1.4.5" displayName="x"/>'), "SM-1073"),
    (participant('<code code="G15_10/SM54" displayName="x"/>'), "SM-1076/SM-1077"),
    (
        participant("<associatedPerson><name><prefix>BOSS</prefix><family>X</family></name></associatedPerson>"),
        "SM-1031",
    ),
    (participant('<telecom value="https://x.test"/>'), "SM-0144/SM-0146"),
    (informant(""), "SM-0431/SM-0432"),
    (informant("<assignedEntity><id/></assignedEntity>"), "SM-0445"),
    (informant(RELATED.format("QUAL", "")), "SM-0555"),
    (
        informant(RELATED.format("NOK", '<code code="PET" codeSystem="2.16.840.1.113883.5.111" displayName="x"/>')),
        "SM-0567",
    ),
    (informant("<relatedEntity classCode='NOK'><relatedPerson/></relatedEntity>"), "SM-0610/SM-0611"),
    (before(f"{EVENT}/h:effectiveTime", '<code code="1"/>'), "SM-1202"),
    (
        before(
            "h:documentationOf",
            "<inFulfillmentOf><order><id root='1.2.3'/><id root='1.2.4'/></order></inFulfillmentOf>",
        ),
        "SM-1174/SM-1175",
    ),
    (
        before("h:componentOf", "<authorization><consent><statusCode code='active'/></consent></authorization>"),
        "SM-1370/SM-1371",
    ),
]
WHOLE = [
    participant('<id root="1.2.250.1.71.4.2.1" extension="801234567897"/>'),
    informant(RELATED.format("NOK", '<code code="MTH" codeSystem="2.16.840.1.113883.5.111" displayName="Mère"/>')),
    before(f"{EVENT}/h:effectiveTime", '<code nullFlavor="NA"/>'),
    before("h:documentationOf", "<inFulfillmentOf><order><id root='1.2.3'/></order></inFulfillmentOf>"),
]


@pytest.mark.parametrize(("fault", "rule"), HEADER, ids=[c[1] for c in HEADER])
def test_one_fault_of_the_header_is_told_by_its_rule(fault, rule):
    assert (rule, Level.ERROR) in said("cda.header", n1(fault))


@pytest.mark.parametrize("change", WHOLE)
def test_a_role_that_is_complete_passes(change):
    assert said("cda.header", n1(change)) == set()
    assert said("cda.datatypes", n1(change)) == set()


def interval(low, high):
    def change(root):
        time = one(root, "h:componentOf/h:encompassingEncounter/h:effectiveTime")
        for child in list(time):
            time.remove(child)
        for name, value in (("low", low), ("high", high)):
            etree.SubElement(time, f"{{urn:hl7-org:v3}}{name}", value=value)

    return change


TYPES = [
    (typed("h:title", "ED"), "SM-0073"),
    (typed("h:title", "x:ST"), "SM-0073"),
    (put(f"{PATIENT}/h:birthTime", nullFlavor="UNK"), "dtr1-1-ANY"),
    (put("h:recordTarget/h:patientRole/h:telecom", use="H"), "dtr1-1-ANY"),
    (write(f"{PLACE}/h:city", " "), "dtr1-1-BIN"),
    (write(PLACE, "text"), "dtr1-1-AD"),
    (double(PLACE), "dtr1-10-AD"),
    (write(NAME, "text"), "dtr1-1.2-EN"),
    (put(f"{NAME}/h:given", qualifier="CL CL"), "dtr1-7-EN"),
    (put(f"{NAME}/h:given", qualifier="LS"), "dtr1-1-PN"),
    (put(f"{AUTHOR}/h:code", codeSystem=None), "dtr1-2-CD"),
    (put(f"{AUTHOR}/h:code", code=None), "dtr1-1-CD"),
    (put(f"{AUTHOR}/h:code", code=None), "dtr1-5-CD"),
    (put(f"{PATIENT}/h:administrativeGenderCode", nullFlavor="UNK"), "dtr1-6-CD/dtr1-7-CD"),
    (add(f"{AUTHOR}/h:code", '<translation code="1" codeSystemName="x"/>'), "dtr1-12-CD"),
    (add(f"{AUTHOR}/h:code", '<translation nullFlavor="UNK"/>'), "dtr1-10-CD"),
    (add(f"{AUTHOR}/h:code", "<qualifier><name code='1' codeSystem='1.2'/></qualifier>"), "dtr1-1-CE"),
    (put("h:languageCode", displayName="français"), "dtr1-4-CS/dtr1-5-CS"),
    (put("h:languageCode", code=None), "dtr1-1-CS"),
    (put(f"{AUTHOR}/h:id", root=None), "dtr1-1-II"),
    (put(f"{AUTHOR}/h:id", root="2.25.x"), "dtr1-10-II"),
    (double(f"{AUTHOR}/h:id"), "dtr1-12-II"),
    (put("h:effectiveTime", value="20260230"), "dtr1-2-TS"),
    (put("h:versionNumber", value=None), "dtr1-1-INT"),
    (interval("20260301", "20260201"), "dtr1-7-IVL_TS"),
    (interval("20260301", "20260301"), "dtr1-6-IVL_TS"),
    (interval("20260301", "20260332"), "dtr1-9-IVL_TS"),
    (participant('<telecom value="tel:01 02"/>'), "dtr1-2-URL"),
    (participant('<telecom value="tel:01"/><telecom nullFlavor="UNK"/>'), "dtr1-4-URL"),
    (participant('<telecom value="tel:01"/><telecom value="tel:01"/>'), "dtr1-5-URL"),
]
ADVICE = [
    (put(f"{AUTHOR}/h:id", extension="8" * 65), "dtr1-9-II", Level.WARNING),
    (put("h:id", root="a0b1c2d3-0000-4000-8000-000000000000"), "dtr1-13-II", Level.INFO),
    (write(f"{NAME}/h:family", ""), "dtr1-3-EN", Level.WARNING),
]


@pytest.mark.parametrize(("fault", "rule"), TYPES, ids=[t[1] for t in TYPES])
def test_one_fault_of_a_type_is_told_by_its_rule(fault, rule):
    assert (rule, Level.ERROR) in said("cda.datatypes", n1(fault))


@pytest.mark.parametrize(("change", "rule", "level"), ADVICE, ids=[a[1] for a in ADVICE])
def test_what_is_only_advised_is_no_error(change, rule, level):
    assert said("cda.datatypes", n1(change)) == {(rule, level)}


@pytest.mark.parametrize("change", [typed("h:title", "ST"), null(f"{PATIENT}/h:name"), null(f"{AUTHOR}/h:code")])
def test_what_the_types_allow_passes(change):
    assert said("cda.datatypes", n1(change)) == set()


def test_every_type_of_the_table_has_its_rules():
    def types(node):
        return {node.type} | {t for inner in node.children.values() for n in inner for t in types(n)}

    named = types(tree.header()) - {""}
    assert len(named) > 15
    for name in named:
        assert rules_of(name)[0].id == "dtr1-1-ANY"


def test_every_set_and_form_that_the_table_names_is_known():
    with pytest.raises(ValueError, match="not a rule"):
        tree.read("document\n  id\n    - @root shape SM-1")
    with pytest.raises(KeyError):
        step("code[in NOWHERE]")


def test_a_fault_that_its_own_check_tells_is_told_once_by_the_command():
    found = judge_bytes(n1(put("h:effectiveTime", value="today"))).findings
    assert [f.check for f in found if f.level is Level.ERROR] == ["cda.effective-time"]


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Cuisinier", ["cda.other-label"]),
        ("MEDECIN -  medecine generale (SM)", []),
        ("Médecin - Médecine Générale (SM)", []),
    ],
)
def test_a_label_is_compared_without_case_accents_and_spaces(label, told):
    document = CdaDocument.from_bytes(n1(put(f"{AUTHOR}/h:code", code="G15_10/SM54", displayName=label)))
    found = Registry.get("cda.author")(document, ALONE)
    assert [f.code for f in found if f.code == "cda.other-label"] == told


def test_a_byte_order_mark_does_not_hide_an_encoding_that_does_not_exist():
    body = n1().partition(b"?>")[2]
    odd = b"\xef\xbb\xbf<?xml version='1.0' encoding='X-NONE'?>" + body
    plain = b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>" + body
    assert [f.code for f in judge_bytes(odd).findings] == ["document.encoding"]
    assert judge_bytes(plain).valid


def test_the_place_of_a_fault_is_found_and_compared():
    fault = n1(put(f"{AUTHOR}/h:id", extension="1"))
    (place,) = changed(n1(), fault)
    assert place == "/ClinicalDocument/author/assignedAuthor/id"
    assert changed(n1(), n1()) is None
    assert near(f"{place}/@extension", place)
    assert not near("/ClinicalDocument/title", place)
    assert near("/ClinicalDocument/author/time", place)


def test_a_document_that_was_judged_leaves_no_cycle_to_collect():
    content = n1()
    judge_bytes(content)
    gc.collect()
    with collector_at_rest():
        judge_bytes(content)
        assert gc.collect() == 0
