"""Every SARIF output follows the published schema, in both languages, whatever the paths and the findings."""

import json

import pytest
from click.testing import CliRunner

from conformance.checks.documents import judge_bytes
from conformance.cli.main import cli
from conformance.dossier.sarif import results_sarif
from conformance.dossier.sarif_documents import documents_sarif
from tests.checks.documents_made import drop, n1, valid_n1, valid_xdm, xdm_with
from tests.checks.mails import carrier
from tests.checks.test_xds_request import LINE, PARTS
from tests.dossier.sarif_schema import sarif_faults

DOCUMENTS = {
    "good.xml": valid_n1(),
    "bad.xml": n1(drop("/h:ClinicalDocument/h:realmCode")),
    "IHE_XDM.ZIP": valid_xdm(),
    "wrong set.zip": xdm_with(drop("//rim:Association")),
    "/absolu/é à%20.eml": carrier(),
    "requête.xml": LINE,
    "parts.bin": PARTS[:5000],
    "empty": b"",
    "surrogate-\udcff.xml": b"<a/>",
    "patient.json": b'{"resourceType": "Patient", "gender": "x"}',
}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_findings_of_documents(lang):
    judged = [judge_bytes(content, path) for path, content in DOCUMENTS.items()]
    assert sum(len(each.findings) for each in judged) > len(DOCUMENTS) / 2
    assert sarif_faults(documents_sarif(judged, lang)) == []


def test_findings_of_a_run(run):
    made = run()
    made.note()
    judged = made.judged()
    assert json.loads(results_sarif(judged))["runs"][0]["results"]
    assert sarif_faults(results_sarif(judged)) == []


def test_the_command(tmp_path):
    (tmp_path / "bad.xml").write_bytes(DOCUMENTS["bad.xml"])
    answer = CliRunner().invoke(cli, ["check", "--format", "sarif", str(tmp_path), str(tmp_path / "absent")])
    assert sarif_faults(answer.stdout_bytes) == []


def test_the_schema_refuses_what_is_not_sarif():
    assert sarif_faults('{"version": "2.1.0"}')
    told = json.loads(documents_sarif([judge_bytes(b"", "x")]))
    told["runs"][0]["results"][0]["level"] = "fatal"
    assert sarif_faults(json.dumps(told))
