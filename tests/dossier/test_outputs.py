"""What a run writes, and the exit code it deserves."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree

from conformance.core.errors import SetupError, UsageError
from conformance.core.words import Verdict
from conformance.dossier.judged import judge
from conformance.dossier.junit import OUTCOMES, requirements_junit
from conformance.dossier.outputs import Summary, write_outputs
from conformance.dossier.sarif import results_sarif
from conformance.dossier.schema import validator
from conformance.dossier.workbook import CONVERGENCE, convergence_workbook
from conformance.evidence.evidence import Evidence

Make = Callable[..., Any]


def test_every_output_is_there_and_named(sealed: Summary) -> None:
    assert set(sealed.paths) == {"verdicts", "requirements", "sarif", "workbook", "report", "dossier"}
    assert all(path.is_file() for path in sealed.paths.values())
    assert not list(sealed.paths["dossier"].parent.glob(".*"))


def test_counts_name_every_verdict_once(sealed: Summary) -> None:
    assert list(sealed.counts) == list(Verdict)
    found = {str(verdict): count for verdict, count in sealed.counts.items() if count}
    assert found == {"pass": 1, "fail": 1, "deviation": 1, "needs_review": 1, "not_run": 1, "not_applicable": 1}
    assert sealed.proofs_due == 1
    assert sealed.broken == {Verdict.FAIL: ("T.02",), Verdict.HARNESS_ERROR: (), Verdict.SETUP: ()}


def test_verdicts_follow_their_schema(sealed: Summary) -> None:
    document = json.loads(sealed.paths["verdicts"].read_bytes())
    assert list(validator("verdicts").iter_errors(document)) == []
    assert [v["id"] for v in document["verdicts"]] == ["T.01", "T.02", "T.03", "T.04", "T.05", "T.06"]
    assert {v["profile"] for v in document["verdicts"]} == {"test-profile"}
    assert document["run"]["seed"] == 7
    assert document["verdicts"][1]["findings"][0]["fix"] == "Activez la signature."


@pytest.mark.parametrize(
    ("asked", "text", "code"),
    [
        pytest.param({"check": "test.signed"}, "not a word", 1, id="a failure"),
        pytest.param({"check": "test.signed", "level": "PEUT"}, "not a word", 0, id="a deviation alone"),
        pytest.param({"check": "test.signed"}, "signed", 0, id="a pass"),
        pytest.param({"way": "guided"}, "signed", 5, id="something to review"),
        pytest.param({"way": "planned"}, "signed", 5, id="something not run"),
        pytest.param({"condition": "other"}, "signed", 3, id="an unanswered condition"),
        pytest.param({"proofs": [{"id": "1.1", "statement": "a"}]}, "signed", 5, id="a proof due"),
        pytest.param({}, b"\xff", 4, id="a check that crashes"),
    ],
)
def test_the_exit_code_tells_the_verdicts(
    run: Make, row: Make, asked: dict[str, Any], text: str | bytes, code: int, tmp_path: Path
) -> None:
    made = run(row("T.01", **asked))
    made.note(text)
    assert made.sealed(tmp_path / "out").exit_code == code


def test_a_failure_outranks_everything_else(run: Make, row: Make, tmp_path: Path) -> None:
    made = run(row("T.01", check="test.signed"), row("T.02", way="planned"))
    made.note()
    summary = made.sealed(tmp_path / "out")
    assert summary.exit_code == 1
    assert not summary.demo_good


def test_a_run_with_things_left_to_do_is_good_enough_for_the_demo(run: Make, row: Make, tmp_path: Path) -> None:
    made = run(row("T.01"), row("T.02", way="planned"))
    made.note()
    assert made.sealed(tmp_path / "out").demo_good


def test_evidence_without_a_run_is_the_harness_fault(run: Make, row: Make, tmp_path: Path) -> None:
    made = run(row("T.01"))
    (empty := tmp_path / "empty" / "journal").mkdir(parents=True)
    (empty.parent / "salt").write_bytes(b"s" * 32)
    summary = write_outputs(tmp_path / "out", empty.parent, [made.profile])
    assert summary.exit_code == 4


def test_a_profile_that_names_an_unknown_check_is_refused(run: Make, row: Make) -> None:
    made = run(row("T.01", check="test.nowhere"))
    with pytest.raises(UsageError, match=r"test\.nowhere"):
        made.judged()


def test_the_same_profile_twice_is_refused(run: Make) -> None:
    made = run()
    with pytest.raises(UsageError, match=r"dossier\.profile-twice"):
        judge(Evidence.load(made.folder), [made.profile, made.profile])


def test_a_refused_seal_leaves_the_other_outputs_and_no_stale_dossier(run: Make, tmp_path: Path) -> None:
    made = run()
    made.note("1.2.250.1.213.1.4.8 : 279035121518989")
    out = tmp_path / "out"
    out.mkdir()
    (out / "dossier.zip").write_bytes(b"of an earlier run")
    with pytest.raises(SetupError, match=r"seal\.production"):
        made.sealed(out)
    assert not (out / "dossier.zip").exists()
    assert (out / "verdicts.json").is_file()
    assert "non scellée" in (out / "report.html").read_text(encoding="utf-8")


# JUnit


def test_junit_holds_one_case_per_requirement(sealed: Summary) -> None:
    root = etree.parse(sealed.paths["requirements"]).getroot()
    cases = root.findall("testsuite/testcase")
    assert [case.get("name", "").split()[0] for case in cases] == ["T.01", "T.02", "T.03", "T.04", "T.05", "T.06"]
    assert {case.get("classname") for case in cases} == {f"test-profile.{c}" for c in ("MSS", "TBB", "DOC", "INS")}
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "1", "0")


def test_junit_tells_a_failure_as_a_card_and_the_rest_as_skipped(sealed: Summary) -> None:
    root = etree.parse(sealed.paths["requirements"]).getroot()
    by_name = {case.get("name", "").split()[0]: case for case in root.iter("testcase")}
    failure = by_name["T.02"].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "[test.signed.missing]" in failure.text
    assert "Activez la signature." in failure.text
    assert by_name["T.01"].find("skipped") is None
    for id in ("T.03", "T.04", "T.05", "T.06"):
        skipped = by_name[id].find("skipped")
        assert skipped is not None, id
        assert skipped.get("message"), id


def test_junit_is_valid_for_the_strictest_readers(sealed: Summary) -> None:
    schema = etree.XMLSchema(etree.XML(JUNIT_RULES))
    schema.assertValid(etree.parse(sealed.paths["requirements"]))


def test_junit_knows_every_verdict() -> None:
    assert set(OUTCOMES) == set(Verdict)


# The rules that the published variants of the format share (Jenkins xUnit, Surefire), in our own words.
JUNIT_RULES = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="told" mixed="true">
    <xs:attribute name="type" type="xs:string" use="required"/><xs:attribute name="message" type="xs:string"/>
  </xs:complexType>
  <xs:element name="testsuites"><xs:complexType>
    <xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
    <xs:attribute name="name"/><xs:attribute name="tests" type="xs:nonNegativeInteger"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/>
  </xs:complexType></xs:element>
  <xs:element name="testsuite"><xs:complexType><xs:sequence>
      <xs:element name="properties" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="property" maxOccurs="unbounded"><xs:complexType>
          <xs:attribute name="name" use="required"/><xs:attribute name="value" use="required"/>
        </xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
          <xs:choice minOccurs="0">
            <xs:element name="skipped" type="told"/><xs:element name="error" type="told"/>
            <xs:element name="failure" type="told"/>
          </xs:choice>
          <xs:element name="system-out" type="xs:string" minOccurs="0"/>
        </xs:sequence>
        <xs:attribute name="name" use="required"/><xs:attribute name="classname" use="required"/>
        <xs:attribute name="time" type="xs:decimal"/>
      </xs:complexType></xs:element>
    </xs:sequence>
    <xs:attribute name="name" use="required"/><xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/><xs:attribute name="time" type="xs:decimal"/>
    <xs:attribute name="timestamp" type="xs:dateTime"/>
  </xs:complexType></xs:element>
</xs:schema>"""


# SARIF


def test_sarif_points_at_the_sheet_with_the_requirement_as_logical_location(sealed: Summary) -> None:
    document = json.loads(sealed.paths["sarif"].read_bytes())
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    results = only["results"]
    assert [r["level"] for r in results] == ["error", "warning"], "a deviation never breaks a build"
    location = results[0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "dui.toml"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "REM-TEST/Va1/T.02"
    rules = only["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in results] == [r["ruleId"] for r in results]
    assert "Pass: the word is there." in rules[0]["help"]["text"]


def test_sarif_fingerprints_do_not_change_with_the_run(run: Make) -> None:
    prints = []
    for padding in (0, 3):
        made = run()
        for _ in range(padding):
            made.note("signed")
        made.note()
        results = json.loads(results_sarif(made.judged()))["runs"][0]["results"]
        prints.append({r["partialFingerprints"]["requirementFinding/v1"] for r in results})
    assert prints[0] == prints[1]
    assert len(prints[0]) == 2


# Workbook


def test_the_workbook_has_the_columns_of_convergence_and_says_it_is_no_upload(sealed: Summary) -> None:
    book = openpyxl.load_workbook(sealed.paths["workbook"])
    about, requirements = book.worksheets
    assert "n'est pas un format de dépôt" in str(about["A3"].value)
    heading = [cell.value for cell in requirements[1]]
    assert heading[:14] == [title for title, _ in CONVERGENCE]
    assert requirements.title == "Exigences"
    assert requirements.max_row == 1 + 6


def test_no_cell_of_the_workbook_is_a_formula(sealed: Summary) -> None:
    book = openpyxl.load_workbook(sealed.paths["workbook"])
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert any(str(cell.value).startswith("=cmd") for cell in cells)
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_workbook_orders_chapters_as_convergence_does(run: Make) -> None:
    made = run()
    made.note()
    book = openpyxl.load_workbook(io.BytesIO(convergence_workbook(made.judged())))
    assert [cell.value for cell in book["Exigences"]["C"]][1:] == ["INS", "INS", "MSS", "MSS", "TBB", "DOC"]


def test_the_exports_are_reproducible(run: Make) -> None:
    made = run()
    made.note()
    first, second = made.judged(), made.judged()
    for export in (convergence_workbook, results_sarif, requirements_junit):
        assert export(first) == export(second)
