"""The published examples and mutants, where they are: no false alarm, and what the official chain does not see."""

import csv
import lzma
import tarfile

import pytest

from conformance.checks.documents import judge_bytes
from conformance.core.words import Level
from tests.checks.journals import codes

# Faults of the header or of the body that the official chain accepts (mutants/verdicts.csv: intent invalid, ACCEPT).
BLIND = {
    "INS_oid_INSC_deprecated",
    "INS_oid_typo",
    "INS_oid_unknown_4_99",
    "INS_two_different",
    "NIR_20_digits",
    "NIR_letters",
    "NIR_no_key_13",
    "NIR_spaces",
    "author_RPPS_letters",
    "birthname_digits",
    "birthplace_COG_bad",
    "confidentialityCode_wrong_codeSystem",
    "custodian_idNatStruct_text",
    "dtd_external_subset",
    "dtd_xxe_file",
    "first_given_not_in_list",
    "healthCareFacility_wrong_codeSystem",
    "n1_base64_garbage",
    "n1_empty_body",
    "n1_mediaType_exe",
    "n1_not_a_pdf",
    "relatedDocument_RPLC_parent_same_id",
    "serviceEvent_low_after_high",
    "versionNumber_negative",
}


@pytest.fixture(scope="module")
def cda(shared):
    folder = shared / "corpus" / "cda"
    if not folder.is_dir():
        pytest.skip("the published CDA examples are not beside this repository")
    return folder


def errors(content):
    judged = judge_bytes(content)
    codes(judged.findings)
    return [(f.check, f.code) for f in judged.findings if f.level is Level.ERROR]


def test_examples_without_official_error_have_none_here(cda):
    with (cda / "examples-verdicts.csv").open(encoding="utf-8", newline="") as rows:
        clean = [row["file"] for row in csv.DictReader(rows) if row["total_failed"] == "0"]
    assert len(clean) > 50
    alarms = {name: found for name in clean if (found := errors((cda / "examples" / name).read_bytes()))}
    assert alarms == {}


@pytest.fixture(scope="module")
def mutants(cda):
    """The single-fault mutants of the non-structured example, by mutation: ``(intent, bytes, official verdict)``."""
    base = "DOC_NON_STRUCTURE_CDA-R2-N1"
    with (cda / "mutants" / "verdicts.csv").open(encoding="utf-8", newline="") as rows:
        told = {r["file"]: r for r in csv.DictReader(rows) if r["base"].startswith(base)}
    with lzma.open(cda / "mutants" / f"{base}.tar.xz") as packed, tarfile.open(fileobj=packed) as archive:
        held = {m.name.rpartition("/")[2]: archive.extractfile(m).read() for m in archive if m.isfile()}
    return {
        told[n]["mutation"]: (told[n]["intent"], content, told[n]["verdict"])
        for n, content in held.items()
        if n in told
    }


def test_benign_mutants_raise_no_alarm(mutants):
    benign = {name: content for name, (intent, content, _) in mutants.items() if intent == "benign"}
    assert len(benign) >= 5
    assert {name: found for name, content in benign.items() if (found := errors(content))} == {}


def test_faults_that_the_official_chain_rejects_are_rejected(mutants):
    rejected = {name: content for name, (_, content, verdict) in mutants.items() if verdict == "REJECT"}
    assert len(rejected) >= 90
    assert {name for name, content in rejected.items() if not errors(content)} == set()


def test_faults_that_the_official_chain_accepts_are_seen(mutants):
    present = BLIND & set(mutants)
    assert len(present) >= 20
    assert {name for name in present if not errors(mutants[name][1])} == set()
