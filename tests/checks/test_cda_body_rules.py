"""The language of the rule tables, and the tables themselves."""

import pytest
from lxml import etree

from conformance.checks.cda.body.labels import alike
from conformance.checks.cda.body.paths import BadRule, follow, path_of, rule_of
from conformance.checks.cda.body.systems import SYSTEMS, verhoeff
from conformance.checks.cda.body.tables import FAMILIES, tables
from conformance.checks.cda.body.units import is_ucum
from conformance.checks.subjects.cda_tree import Tree

XML = """
<observation xmlns="urn:hl7-org:v3" xmlns:c="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  classCode="OBS" moodCode="EVN">
  <templateId root="1.2"/><templateId root="1.3"/>
  <code code="a"/><text><reference value="#x"/></text><statusCode code="completed"/>
  <quantity value="2026"/><value xsi:type="c:CD"/><value xsi:type="PQ"/>
  <title>Copie  du
  document</title>
</observation>
"""


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("text/reference", 1),
        ("text/reference[@value]", 1),
        ("text/reference[@nullFlavor]", 0),
        ("text/reference[@value|@nullFlavor]", 1),
        ("statusCode[@code=active|completed]", 1),
        ("statusCode[@code!=active]", 1),
        ("quantity[@value~4]", 1),
        ("statusCode[@code~9]", 0),
        ("value[@xsi:type=CD]", 1),
        ("value", 2),
        ("[@classCode=OBS][@moodCode=EVN]", 1),
        ("[@classCode=OBS][@moodCode=INT]", 0),
        ("[#1.2]", 1),
        ("[#1.9|1.3]", 1),
        ("[!#1.2]", 0),
        ("title[=Copie du document]", 1),
        ("**", 10),
        ("text/..", 1),
        (".[@classCode=OBS]/value", 2),
    ],
)
def test_a_path_finds_what_it_names(path, count):
    root = etree.fromstring(XML)
    assert len(follow(Tree(), root, path_of(path))) == count


def test_a_rule_has_a_count_a_condition_and_alternatives():
    rule = rule_of("[@moodCode=EVN] => effectiveTime or priorityCode 0..1")
    assert (len(rule.ways), rule.least, rule.most, rule.only_if is not None) == (2, 0, 1, True)
    assert rule_of("id 1").most == rule_of("id 1").least == 1
    assert (rule_of("templateId 3..*").least, rule_of("templateId 3..*").most) == (3, None)
    assert rule_of("each author => time").each == path_of("author")


@pytest.mark.parametrize("line", ["a/[", "code[code=x]", "a b", "a//b"])
def test_what_the_language_does_not_know_is_refused(line):
    with pytest.raises(BadRule):
        rule_of(line)


def test_every_table_reads_and_names_its_family():
    known = tables()
    made = [t for of_one in known.templates.values() for t in of_one]
    assert len(made) > 100
    assert {t.family for t in made} <= set(FAMILIES)
    assert {m.name for m in known.models} >= {"DLU-EHPAD-DLU", "LDL-EES", "LDL-SES", "VSM", "EP-MED-DM", "VAC-NOTE"}
    assert len({m.mark for m in known.models}) == len(known.models)


def test_a_template_that_another_asks_for_stands_by_itself_or_not_at_all():
    """No chain of ``beside`` names a template that nothing else could satisfy, such as itself."""
    for of_one in tables().templates.values():
        for template in of_one:
            assert template.id not in template.beside


@pytest.mark.parametrize(
    "unit",
    ["kg", "mm[Hg]", "/min", "Cel", "{tablet}", "10*9/L", "kg/m2", "mL/min/{1.73_m2}", "g/(24.h)", "[IU]/L", "%", "mo"],
)
def test_units_of_ucum(unit):
    assert is_ucum(unit)


@pytest.mark.parametrize("unit", ["kilos", "", "battements", "mm Hg", "KG", "m**2", "(((", "/" + "x" * 200])
def test_units_that_are_none(unit):
    assert not is_ucum(unit)


@pytest.mark.parametrize(
    ("system", "good", "bad"),
    [
        ("ATC", ["N02BE01", "N02"], ["Z99ZZ99", "N2", "n02be01"]),
        ("CIM-10", ["R52.9", "U07.1", "I10"], ["ZZ99.9", "R5"]),
        ("LOINC", ["8867-4", "10160-0", "LA18456-6", "XX-PANEL"], ["99999-9", "8867", "8867-5"]),
        ("SNOMED CT", ["414285001", "55607006"], ["414285002", "12", "0123456"]),
        ("CCAM", ["QEQK004", "JQGA003"], ["QEQ004", "QEQK04"]),
        ("CIS", ["63107752"], ["6310775", "X3107752"]),
    ],
)
def test_codes_have_the_form_of_their_system(system, good, bad):
    (accepts,) = [check for name, check in SYSTEMS.values() if name == system]
    assert [code for code in good if not accepts(code)] == []
    assert [code for code in bad if accepts(code)] == []


def test_the_verhoeff_key_sees_one_wrong_digit_and_two_swapped():
    assert verhoeff("414285001")
    assert not any(verhoeff(wrong) for wrong in ("414285011", "412485001", "414285010"))


def test_labels_are_compared_as_a_reader_does():
    assert alike("Évènements observés", "evenements  OBSERVES.")
    assert not alike("Signes vitaux", "Tout autre chose")
