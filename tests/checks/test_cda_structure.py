"""The structure of a whole document: our tables decide like the published schema, and tell where and why."""

import pytest
from lxml import etree

from conformance.checks.cda.structure import notation
from conformance.checks.cda.structure.schema import document, validator
from conformance.checks.subjects.cda import CdaDocument
from conformance.core.check import Registry
from tests.checks.documents_made import ALONE, NS, double, drop, n1, one, put, said, write

XSI = "http://www.w3.org/2001/XMLSchema-instance"
BODY = (
    '<structuredBody><component><section><text>x<footnote ID="n1">y</footnote><footnoteRef IDREF="{0}"/></text>'
    '<entry><observation classCode="OBS" moodCode="EVN"><code nullFlavor="UNK"/>{1}</observation></entry>'
    "</section></component></structuredBody>"
)


def body(reference="n1", value=""):
    def change(root):
        component = one(root, "h:component")
        component.clear()
        xml = BODY.format(reference, value).replace(">", f' xmlns="urn:hl7-org:v3" xmlns:xsi="{XSI}">', 1)
        component.append(etree.fromstring(xml))

    return change


def medicine(xml):
    return body(value=f"<entryRelationship typeCode='COMP'>{xml}</entryRelationship>")


def swap(root):
    one(root, "h:effectiveTime").addnext(one(root, "h:title"))


FAULTS = [
    (swap, "cda.structure.unexpected"),
    (double("h:setId"), "cda.structure.unexpected"),
    (drop("h:custodian"), "cda.structure.unexpected"),
    (drop("h:component"), "cda.structure.incomplete"),
    (put("h:title", style="bold"), "cda.structure.unknown-attribute"),
    (put("h:typeId", extension=None), "cda.structure.no-attribute"),
    (put("h:versionNumber", value="one"), "cda.structure.value"),
    (put("h:recordTarget/h:patientRole/h:addr", use="ZZ"), "cda.structure.value"),
    (put("h:id", root="1.02.3"), "cda.structure.value"),
    (put(".", moodCode="INT"), "cda.structure.value"),
    (write("h:recordTarget", "text"), "cda.structure.text"),
    (write("h:realmCode", "text"), "cda.structure.not-empty"),
    (body(value='<value xsi:type="FOO"/>'), "cda.structure.type"),
    (body(value="<value>7</value>"), "cda.structure.type"),
    (body(value='<value xsi:type="PQ" value="a lot"/>'), "cda.structure.value"),
    (body(reference="n2"), "cda.structure.reference"),
    (medicine("<supply classCode='SPLY'/>"), "cda.structure.no-attribute"),
    (medicine("<act classCode='ACT' moodCode='EVN'/>"), "cda.structure.incomplete"),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[f"{c[1]}-{i}" for i, c in enumerate(FAULTS)])
def test_one_fault_fails_by_its_own_code(fault, code):
    assert code in said("cda.structure", n1(fault))


def extended(root):
    patient = one(root, "h:recordTarget/h:patientRole/h:patient")
    dead = etree.Element("{urn:hl7-org:sdtc}deceasedInd", value="false")
    one(patient, "h:birthTime").addnext(dead)


@pytest.mark.parametrize(
    "change",
    [
        body(),
        body(value='<value xsi:type="CD" code="1" codeSystem="1.2.3"/>'),
        body(value='<value xsi:type="IVL_PQ"><low value="1" unit="g"/></value>'),
        extended,
    ],
)
def test_what_the_schema_allows_passes(change):
    assert said("cda.structure", n1(change)) == []


def test_a_prefix_changes_nothing():
    renamed = n1().replace(b"<", b"<c:").replace(b"<c:/", b"</c:").replace(b"<c:?", b"<?")
    assert said("cda.structure", renamed.replace(b"xmlns=", b"xmlns:c=")) == []


def test_a_finding_names_the_place_the_value_and_what_is_allowed():
    (found,) = Registry.get("cda.structure")(
        CdaDocument.from_bytes(n1(put("h:recordTarget/h:patientRole/h:addr", use="ZZ"))), ALONE
    )
    assert found.where.xpath == "/ClinicalDocument/recordTarget/patientRole/addr/@use"
    assert found.got == "ZZ"
    assert "'HP'" in (found.expected or "")


def test_a_facet_and_its_type_make_one_finding():
    assert said("cda.structure", n1(put("h:effectiveTime", value="today"))) == ["cda.structure.value"]


def test_the_number_of_findings_is_bounded():
    def many(root):
        for _ in range(200):
            root.find("h:recordTarget/h:patientRole", NS).append(etree.Element("{urn:hl7-org:v3}id", odd="1"))

    assert len(said("cda.structure", n1(many))) <= 50


@pytest.mark.parametrize("name", notation.DOCUMENTS)
def test_every_table_makes_a_schema_document(name):
    made = etree.fromstring(document(name))
    assert made.tag == f"{{{notation.NAMESPACES['xs']}}}schema"
    assert len(made) > 5


def test_the_tables_are_compiled_once():
    assert validator() is validator()


@pytest.mark.parametrize(
    "line", ["kind x", "type A\n  name:T ^", "type A\n  @a", "type A\n  (a:T | b:T"], ids=["kind", "char", "at", "open"]
)
def test_what_the_notation_does_not_know_is_refused(line):
    with pytest.raises(ValueError, match="not a"):
        list(notation.read(line))


def variants(content):
    """Documents a little wrong everywhere: each element of the header dropped, doubled, or bearing a strange attribute."""
    count = sum(1 for _ in etree.fromstring(content).iter("*"))
    for position in range(1, count):
        for how in ("drop", "double", "bear", "void"):
            root = etree.fromstring(content)
            element = list(root.iter("*"))[position]
            parent = element.getparent()
            if how == "drop":
                parent.remove(element)
            elif how == "double":
                element.addnext(etree.fromstring(etree.tostring(element)))
            elif how == "bear":
                element.set("code", "a b")
            else:
                element.set("nullFlavor", "ODD")
            yield root


def test_the_tables_decide_like_the_published_schema(shared):
    published = shared / "corpus" / "cda" / "schema" / "CDA_extended.xsd"
    if not published.is_file():
        pytest.skip("the published CDA schema is not beside this repository")
    official, ours = etree.XMLSchema(etree.parse(published)), validator()
    verdicts = set()
    for root in variants(n1(write("h:component/h:nonXMLBody/h:text", "JVBERi0="))):
        expected = official.validate(root)
        verdicts.add(expected)
        assert ours.validate(root) == expected
        assert [e.message for e in ours.error_log] == [e.message for e in official.error_log]
    assert verdicts == {True, False}
