"""Structured bodies: a generated document that conforms, and each fault told by its own check at its own place."""

from functools import cache

import pytest
from conformance._bundled.fixtures.documents.n3 import fludt
from lxml import etree

from conformance.checks.cda.body.engine import Engine
from conformance.checks.cda.body.tables import Voice, tables
from conformance.checks.documents import judge_bytes
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.core.check import Registry
from conformance.core.words import Level
from tests.checks.documents_made import NS, double, drop, n1, put
from tests.checks.journals import codes
from tests.checks.mails import spec

CHECKS = (
    "cda.body.codes",
    "cda.body.model",
    "cda.body.references",
    "cda.body.sections",
    "cda.body.templates",
    "cda.body.values",
)


@cache
def valid():
    return fludt(spec(type_code="74207-2"))


def altered(fault):
    root = etree.fromstring(valid())
    fault(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def findings(content, level=Level.ERROR):
    judged = judge_bytes(content)
    codes(judged.findings)
    return [f for f in judged.findings if f.level is level and f.check in CHECKS]


def test_the_generated_sheet_conforms():
    judged = judge_bytes(valid())
    assert [(f.check, f.code, f.where.xpath) for f in judged.findings] == []


def test_the_checks_are_registered_on_bodies_only():
    assert tuple(c.id for c in Registry.for_subject(ModelledBody)) == CHECKS
    assert list(ModelledBody.within(CdaDocument.from_bytes(n1()))) == []
    assert list(ModelledBody.within(CdaDocument.from_bytes(b"<html/>"))) == []


def write_interval(low, high):
    def change(root):
        time = root.xpath(f"{VITAL}/h:effectiveTime", namespaces=NS)[0]
        time.attrib.clear()
        for name, value in (("low", low), ("high", high)):
            etree.SubElement(time, f"{{{NS['h']}}}{name}", value=value)

    return change


SECTION = "//h:section[h:code/@code='{}']"
VITAL = "//h:organizer//h:observation"
FAULTS = [
    # model
    ("cda.body.model", "cda.n3.value", put("h:code", code="28653-4"), "/ClinicalDocument/code/@code"),
    ("cda.body.model", "cda.n3.value", put("h:code", codeSystem="1.2.3"), "/ClinicalDocument/code/@codeSystem"),
    ("cda.body.model", "cda.n3.version", put("h:templateId[3]", extension="1999.01"), "@extension"),
    ("cda.body.model", "cda.n3.missing", drop("//h:serviceEvent/h:code"), "/serviceEvent"),
    ("cda.body.model", "cda.n3.value", put("//h:serviceEvent/h:code", code="34117-2"), "/serviceEvent/code/@code"),
    # sections
    ("cda.body.sections", "cda.n3.missing", drop("//h:component[h:section/h:code/@code='8716-3']"), "/structuredBody"),
    ("cda.body.sections", "cda.n3.repeated", double("//h:component[h:section/h:code/@code='47420-5']"), "/section"),
    # templates: of sections, of entries, of the type
    ("cda.body.templates", "cda.n3.value", put(f"{SECTION.format('10160-0')}/h:code", code="11369-6"), "/code/@code"),
    ("cda.body.templates", "cda.n3.missing", drop(f"{SECTION.format('10160-0')}/h:code"), "/section"),
    ("cda.body.templates", "cda.n3.no-entry", drop(f"{SECTION.format('47420-5')}/h:entry"), "/section"),
    ("cda.body.templates", "cda.n3.no-template", drop("//h:organizer/h:templateId[1]"), "/organizer"),
    ("cda.body.templates", "cda.n3.value", put(f"{VITAL}/h:statusCode", code="foo"), "/statusCode/@code"),
    ("cda.body.templates", "cda.n3.missing", drop(f"{VITAL}/h:effectiveTime"), "/observation"),
    ("cda.body.templates", "cda.n3.missing", drop("//h:organizer/h:id"), "/organizer"),
    ("cda.body.templates", "cda.n3.value", put("//h:procedure/h:statusCode", code="new"), "/statusCode/@code"),
    ("cda.body.templates", "cda.n3.no-attribute", put("//h:procedure/h:text/h:reference", value=None), "/reference"),
    ("cda.body.templates", "cda.n3.repeated", double("//h:substanceAdministration/h:id"), "/id[2]"),
    ("cda.body.templates", "cda.n3.value", put("//h:code[@code='57277-6']", code="15515-0"), "/code/@code"),
    # codes
    ("cda.body.codes", "cda.n3.unit", put(f"{VITAL}/h:value", unit="kilos"), "/value/@unit"),
    ("cda.body.codes", "cda.n3.vital-unit", put(f"{VITAL}/h:value", unit="/h"), "/value/@unit"),
    ("cda.body.codes", "cda.n3.not-in-set", put("//h:code[@code='P0102']", code="P0109"), "/code/@code"),
    ("cda.body.codes", "cda.n3.not-in-set", put("//h:code[@code='P0102']", codeSystem="1.2.3"), "/code/@codeSystem"),
    ("cda.body.codes", "cda.n3.code-form", put(f"{VITAL}/h:code", code="99999-9"), "/code/@code"),
    # references
    ("cda.body.references", "cda.n3.same-id", put("//h:item[@ID='meal']", ID="pulse"), "/@ID"),
    # values
    ("cda.body.values", "cda.n3.null", put(f"{VITAL}/h:effectiveTime", nullFlavor="UNK"), "/effectiveTime"),
    ("cda.body.values", "cda.n3.null", put("//h:organizer/h:id", nullFlavor="UNK", extension="1"), "/id"),
    ("cda.body.values", "cda.time.order", write_interval("20260303", "20260302"), "/effectiveTime/high"),
]


@pytest.mark.parametrize(
    ("check", "code", "fault", "place"), FAULTS, ids=[f"{c} {n}" for n, (c, *_) in enumerate(FAULTS)]
)
def test_each_fault_is_told_by_its_check_at_its_place(check, code, fault, place):
    found = findings(altered(fault))
    assert (check, code) in {(f.check, f.code) for f in found}
    assert any((f.where.xpath or "").endswith(place) and f.where.line for f in found if f.code == code)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("cda.n3.dangling", put("//h:observation//h:reference", value="#nowhere")),
        ("cda.n3.other-label", put(f"{VITAL}/h:code", displayName="Tout autre chose")),
        ("cda.n3.version", put("h:templateId[3]", extension="2099.01")),
        ("cda.n3.root", put("//h:organizer/h:id", root="abc")),
        ("cda.not-a-time", put(f"{VITAL}/h:effectiveTime", value="20231399")),
        ("cda.n3.unversioned", put("//h:templateId[@root='1.3.6.1.4.1.19376.1.5.3.1.4.13.2']", extension="2")),
        ("cda.n3.no-narrative", drop(f"{SECTION.format('47420-5')}/h:text")),
    ],
)
def test_what_a_person_should_look_at_is_a_warning(code, fault):
    content = altered(fault)
    assert code in {f.code for f in findings(content, Level.WARNING)}


def test_a_type_that_we_do_not_know_says_so_and_its_entries_are_still_judged():
    content = altered(put("h:templateId[3]", root="1.2.250.1.213.1.1.1.999"))
    assert {f.code for f in findings(content, Level.INFO)} == {"cda.n3.unknown-model"}
    root = etree.fromstring(content)
    put(f"{VITAL}/h:statusCode", code="foo")(root)
    assert {f.check for f in findings(etree.tostring(root))} == {"cda.body.templates"}


def test_the_prefix_of_the_name_space_is_the_documents_own_business():
    text = valid().decode()
    prefixed = etree.tostring(etree.XSLT(etree.XML(_PREFIXING))(etree.fromstring(text.encode())))
    assert b"<c:ClinicalDocument" in prefixed
    assert findings(prefixed) == []


_PREFIXING = """
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:c="urn:hl7-org:v3">
  <xsl:template match="*"><xsl:element name="c:{local-name()}"><xsl:apply-templates select="@*|node()"/></xsl:element>
  </xsl:template>
  <xsl:template match="@*"><xsl:copy/></xsl:template>
  <xsl:template match="@*[name()='xsi:type']"><xsl:attribute name="xsi:type"
    namespace="http://www.w3.org/2001/XMLSchema-instance"><xsl:value-of select="concat('c:', .)"/></xsl:attribute>
  </xsl:template>
</xsl:stylesheet>
"""


def test_a_report_of_telemedicine_is_judged_without_a_structured_body():
    def report(root):
        put("h:code", code="85208-7")(root)
        event = root.find("h:documentationOf/h:serviceEvent", NS)
        kind = etree.SubElement(event, "{urn:hl7-org:v3}code", code="XXX")
        event.insert(0, kind)

    found = findings(n1(report))
    assert [(f.check, f.got) for f in found] == [("cda.body.model", "XXX")]


def test_the_same_promise_is_said_once():
    """The templates of a vital sign specialise one another, and all ask for its status."""
    found = [f for f in findings(altered(put(f"{VITAL}/h:statusCode", code="foo"))) if f.code == "cda.n3.value"]
    assert len(found) == 1


def test_a_body_without_content_breaks_nothing():
    found = judge_bytes(altered(drop("//h:structuredBody/*"))).findings
    assert {f.code for f in found} & {"document.crashed"} == set()
    assert "cda.n3.missing" in {f.code for f in found}


def test_every_published_type_has_a_code_and_the_rules_of_its_sections():
    for model in tables().models:
        assert model.code
        assert model.title
        assert model.sections or not model.structured


def test_a_document_wrong_everywhere_is_told_in_bounded_time():
    def wrong(root):
        section = root.xpath(SECTION.format("47420-5"), namespaces=NS)[0]
        (entry,) = section.findall("h:entry", NS)
        entry.find("h:observation/h:statusCode", NS).set("code", "foo")
        for _ in range(300):
            section.append(etree.fromstring(etree.tostring(entry)))

    judged = judge_bytes(altered(wrong)).findings
    assert "cda.n3.more" in {f.code for f in judged}
    assert 100 < len([f for f in judged if f.check == "cda.body.templates"]) <= 201


def test_deep_nesting_does_not_multiply_the_work():
    """Sections in sections, all declaring the same template: what is below is walked once, not once for each."""
    parts = ["<section xmlns='urn:hl7-org:v3'><templateId root='1.3.6.1.4.1.19376.1.5.3.1.3.19'/><component>"] * 80

    def nest(root):
        body = root.find("h:component/h:structuredBody", NS)
        text = (
            "".join(parts)
            + "<section>"
            + "<templateId root='1.2'/>" * 3000
            + "</section>"
            + "</component></section>" * 80
        )
        etree.SubElement(body, "{urn:hl7-org:v3}component").append(etree.fromstring(text))

    found = judge_bytes(altered(nest)).findings
    assert "document.crashed" not in {f.code for f in found}
    assert "cda.n3.no-entry" in {f.code for f in found}


def test_a_numbered_prescription_is_advised_to_hold_its_code():
    (model,) = (m for m in tables().models if m.name == "EP-MED-DM")
    root = etree.fromstring(
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><documentationOf><serviceEvent>'
        '<id root="1.2.250.1.215.500.1.1" extension="01S2TBPZ2JCNZZYGHZ"/></serviceEvent></documentationOf>'
        "<component><structuredBody><component><section/></component></structuredBody></component></ClinicalDocument>"
    )
    document = CdaDocument(root)
    body, voice = root[-1][0], Voice("EP-MED-DM", "d:39", "OURS")
    assert [f.code for f in Engine(document, ()).rules(body, model.advised, voice)] == ["cda.n3.missing"]
    root[0][0].remove(root[0][0][0])
    assert list(Engine(CdaDocument(root), ()).rules(body, model.advised, voice)) == []
