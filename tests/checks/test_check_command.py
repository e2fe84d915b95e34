"""``conformance check``: exit codes, JSON by its schema, SARIF by its lines, and text that a person reads."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from conformance.cli.check import check
from conformance.core.texts import use_language
from conformance.dossier.sarif_documents import uri_of
from conformance.dossier.schema import schema
from tests.checks.documents_made import DOCUMENT, drop, n1, put, valid_xdm, xdm_with


@pytest.fixture(autouse=True)
def _english():
    use_language("en")
    yield
    use_language(None)


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.xml"
    path.write_bytes(n1())
    return str(path)


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.xml"
    path.write_bytes(n1(put("h:effectiveTime", value="hier")))
    return str(path)


def run(*arguments):
    return CliRunner().invoke(check, list(arguments))


def as_json(*arguments):
    result = run(*arguments, "--format", "json")
    told = json.loads(result.stdout_bytes)
    known = Registry().with_resources([("finding.json", Resource.from_contents(schema("finding")))])
    Draft202012Validator(schema("check"), registry=known).validate(told)
    return result, told


def test_the_exit_codes(good, bad, tmp_path):
    assert run(good).exit_code == 0
    assert run(good, bad).exit_code == 1
    assert run(good, str(tmp_path / "absent")).exit_code == 2
    assert run(str(tmp_path / "absent"), bad).exit_code == 2
    assert run().exit_code == 2
    assert run(good, "--format", "yaml").exit_code == 2


def test_a_warning_keeps_a_document_valid(tmp_path):
    path = tmp_path / "remark.xml"
    path.write_bytes(n1(put("h:languageCode", code="en-US")))
    result, (told,) = as_json(str(path))
    assert (result.exit_code, told["valid"]) == (0, True)
    assert [f["level"] for f in told["findings"]] == ["warning"]


def test_json_tells_every_path_in_order(good, bad, tmp_path):
    absent = str(tmp_path / "absent")
    result, told = as_json(absent, bad, good)
    assert result.exit_code == 2
    assert [(t["path"], t["kind"], t["valid"]) for t in told] == [
        (absent, "unknown", False),
        (bad, "cda", False),
        (good, "cda", True),
    ]
    (finding,) = told[1]["findings"]
    assert (finding["check"], finding["code"], finding["level"]) == ("cda.effective-time", "cda.not-a-time", "error")
    assert (finding["expected"], finding["got"]) == ("YYYYMMDDhhmmss+hhmm", "hier")
    assert finding["where"] == {"line": 2, "xpath": "/ClinicalDocument/effectiveTime/@value"}
    assert finding["message"].startswith("effectiveTime/@value")


def test_json_names_the_piece_of_an_archive(tmp_path):
    path = tmp_path / "anything.bin"
    path.write_bytes(xdm_with(files={DOCUMENT: n1(drop("h:title"))}))
    _, (told,) = as_json(str(path))
    assert told["kind"] == "xdm"
    assert DOCUMENT in {f["where"].get("part") for f in told["findings"]}


@pytest.mark.usefixtures("good", "bad")
def test_a_folder_is_judged_whole(tmp_path):
    (tmp_path / "x.zip").write_bytes(valid_xdm())
    _, told = as_json(str(tmp_path))
    assert [t["kind"] for t in told] == ["cda", "cda", "xdm"]


def test_sarif_points_at_the_line(good, bad):
    result = run(bad, good, "--format", "sarif")
    assert result.exit_code == 1
    (told,) = json.loads(result.stdout_bytes)["runs"]
    (found,) = told["results"]
    (location,) = found["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": uri_of(bad), "index": 0}
    assert location["physicalLocation"]["region"] == {"startLine": 2}
    assert (found["ruleId"], found["level"]) == ("cda.effective-time", "error")
    assert told["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == "cda.effective-time"
    assert [a["location"]["uri"] for a in told["artifacts"]] == [uri_of(bad), uri_of(good)]


def test_sarif_gives_no_line_of_the_container_for_a_piece(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(xdm_with(files={DOCUMENT: n1(drop("h:title"))}))
    (told,) = json.loads(run(str(path), "--format", "sarif").stdout_bytes)["runs"]
    for found in told["results"]:
        (location,) = found["locations"]
        assert "region" not in location["physicalLocation"]
        assert location["logicalLocations"][0]["fullyQualifiedName"].startswith("IHE_XDM/SUBSET01/")


def test_a_relative_path_stays_relative():
    assert uri_of("dossier/compte rendu é.xml") == "dossier/compte%20rendu%20%C3%A9.xml"


def test_text_is_a_card_and_a_summary(bad, good):
    result = run(bad, good)
    assert "\x1b[" not in result.output
    lines = result.output.splitlines()
    assert lines[0] == f"✘ {bad} (CDA) : not valid"
    assert "ERROR [cda.not-a-time]" in lines[1]
    assert any("YYYYMMDDhhmmss+hhmm" in line for line in lines)
    assert any("line 2" in line and "/ClinicalDocument/effectiveTime/@value" in line for line in lines)
    assert f"✔ {good} (CDA) : valid" in lines
    assert "2 file(s) judged: 1 valid, 1 not; 1 error(s), 0 to look at." in lines


def test_text_speaks_french(bad):
    use_language("fr")
    assert "non conforme" in run(bad).output


def test_hostile_text_is_spelt_out(tmp_path):
    path = tmp_path / "escape\x1b[31m.xml"
    path.write_bytes(n1(put("h:effectiveTime", value="\u202e")))
    result = run(str(path))
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output


def test_a_document_without_pdf_nor_fhir_is_judged_without_their_libraries():
    program = (
        "import sys, conformance.checks.documents; print(*(n for n in ('pikepdf', 'fhirpathpy') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
