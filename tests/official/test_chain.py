"""The small pack on documents: each verdict, each way not to have one."""

import os
import signal

import pytest

from conformance.core.words import Level
from conformance.official.chain import OfficialChain
from conformance.official.outcome import Status
from conformance.official.pack import add_pack
from conformance.official.process import Limits, Worker, WorkerLost
from tests.checks.documents_made import drop, n1, put, valid_xdm, write
from tests.official.conftest import VOCABULARY, written


def families(verdict):
    return {outcome.family: str(outcome.status) for outcome in verdict.outcomes}


def only(verdict):
    (finding,) = [each for each in verdict.findings if each.level is Level.ERROR]
    return finding


def test_a_conforming_document_is_accepted_and_rules_fired(chain, document):
    verdict = chain.judge(document)
    assert families(verdict) == {"XSD": "accepted", "HEADER": "accepted"}
    assert {o.family: o.fired for o in verdict.outcomes}["HEADER"] > 3
    assert [f.level for f in verdict.findings] == [Level.INFO]


def test_a_rule_that_reads_a_value_set_tells_code_line_and_place(chain):
    verdict = chain.judge(n1(put("h:code", code="00000-0")))
    finding = only(verdict)
    assert verdict.status is Status.REJECTED
    assert finding.check == "official.HEADER"
    assert "code 00000-0 is not in the list" in finding.message("en")
    assert finding.where.xpath == "/ClinicalDocument/code"
    assert finding.where.line is not None


def test_an_abstract_pattern_an_extended_rule_and_a_pattern_variable_all_judge(chain):
    assert only(chain.judge(n1(write("h:title", " ")))).message("en").endswith("something is empty")
    assert only(chain.judge(n1(put("h:languageCode", code="de")))).message("en").endswith("language")
    labelled = chain.judge(n1(put("h:code", displayName=None)))
    assert labelled.status is Status.ACCEPTED
    assert [f.message("en") for f in labelled.findings if f.level is Level.WARNING] == ["HEADER: no label for code"]


def test_the_schema_has_its_say(chain):
    verdict = chain.judge(n1(drop("h:realmCode")))
    assert families(verdict)["XSD"] == "rejected"


def test_a_document_of_a_known_type_goes_through_its_rules_in_the_default_phase(chain):
    structured = b"""<?xml version="1.0"?><?oxygen SCHSchema="../schematrons/LETTER.sch"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><realmCode code="FR"/><code code="80788-3" displayName="P"/><title>T</title>
<component><structuredBody><component><section/></component></structuredBody></component></ClinicalDocument>"""
    verdict = chain.judge(structured)
    assert only(verdict).message("en") == "VOLET LETTER: a section has a title"
    unknown = chain.judge(structured.replace(b"LETTER.sch", b"OTHER.sch"))
    assert unknown.status is Status.UNCHECKED
    assert "80788-3" in unknown.outcomes[-1].why()


def test_every_document_of_an_archive_is_judged(chain):
    (verdict,) = chain.judge_all(valid_xdm())
    assert verdict.part == "IHE_XDM/SUBSET01/DOC00001.XML"
    assert verdict.status is Status.ACCEPTED


def test_an_external_entity_is_refused_before_and_inside_the_worker(chain, tmp_path, document):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    hostile = document.replace(
        b"<ClinicalDocument",
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode() + b"<ClinicalDocument",
        1,
    ).replace(b"<title>", b"<title>&e;", 1)
    verdict = chain.judge(hostile)
    assert (verdict.status, verdict.findings) == (Status.UNCHECKED, ())
    assert "document.doctype" in verdict.outcomes[0].why()
    assert chain.worker.pid is None
    path = tmp_path / "hostile.xml"
    path.write_bytes(hostile)
    sheet = chain.compiler.sheet(next(r for r in chain.pack.layout.rules if r.every))
    answer = chain.worker.ask(do="run", sheet=str(sheet), document=str(path))
    assert not answer["ok"]
    assert "DOCTYPE" in answer["error"].upper()
    assert "SECRET" not in str(answer)


@pytest.mark.parametrize("content", [b"", b"<ClinicalDocument", b"<a>\xff</a>"])
def test_what_is_not_xml_is_rejected_without_a_worker(chain, content):
    verdict = chain.judge(content)
    assert verdict.status is Status.REJECTED
    assert [finding.check for finding in verdict.findings] == ["official.PARSE"]
    assert "{" not in verdict.findings[0].message("en")
    assert chain.worker.pid is None


def test_a_worker_killed_between_documents_is_started_again(chain, document):
    first = chain.judge(document)
    killed = chain.worker.pid
    os.kill(killed, signal.SIGKILL)
    assert chain.judge(document) == first
    assert chain.worker.pid != killed


def test_a_worker_killed_in_the_middle_of_a_document_loses_nothing(chain, document, monkeypatch):
    expected = chain.judge(document)
    whole = Worker._read
    killed = []

    def killing(worker, deadline):
        if not killed and worker.pid is not None:
            # The request is written, its answer not read yet.
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)
        return whole(worker, deadline)

    monkeypatch.setattr(Worker, "_read", killing)
    assert chain.judge(document) == expected
    assert killed
    assert chain.worker.pid not in {None, *killed}


def test_a_document_on_which_the_worker_dies_each_time_has_no_verdict(chain, document, monkeypatch):
    asked = []

    def dying(**request):
        chain.worker.stop()
        asked.append(request["do"])
        raise WorkerLost("died")

    monkeypatch.setattr(type(chain.worker), "ask", lambda _, **request: dying(**request))
    verdict = chain.judge(document)
    assert verdict.status is Status.UNCHECKED
    assert {outcome.reason for outcome in verdict.outcomes} == {"official.lost.died"}
    assert asked == ["validate", "validate", "run", "run"]


def test_a_worker_that_does_not_answer_in_time_is_ended(chain, document):
    chain.judge(document)
    chain.worker.limits = Limits(answer=0.0)
    verdict = chain.judge(document)
    assert verdict.status is Status.UNCHECKED
    assert {outcome.reason for outcome in verdict.outcomes} == {"official.lost.silent"}
    assert chain.worker.pid is None


def test_a_worker_is_recycled_after_its_number_of_documents(chain, document):
    chain.worker.limits = Limits(documents=2)
    chain.judge(document)
    first = chain.worker.pid
    chain.judge(document)
    assert chain.worker.pid is None
    chain.judge(document)
    assert chain.worker.pid not in {None, first}


def test_rules_that_stop_give_no_verdict(chain, document):
    chain.pack.path_of("schematrons/profils/header/include/voc-1.2.3.4-DYNAMIC.xml").unlink()
    verdict = chain.judge(document)
    assert families(verdict)["HEADER"] == "unchecked"
    assert "voc-1.2.3.4" in verdict.outcomes[-1].why()


def test_repaired_rules_judge_as_those_of_a_whole_pack(chain, tmp_path, document):
    language = "schematrons/profils/header/include/language.sch"
    broken = written(
        tmp_path / "broken", without={VOCABULARY}, renamed={language: language.replace("language", "Language")}
    )
    with OfficialChain(add_pack(broken, repair=True)) as repaired:
        for content in (document, n1(put("h:code", code="00000-0")), n1(put("h:languageCode", code="de"))):
            assert repaired.judge(content).outcomes == chain.judge(content).outcomes


@pytest.mark.parametrize("asked", ["run", "validate"])
def test_a_result_document_or_a_foreign_request_writes_nothing(chain, tmp_path, document, asked):
    target = tmp_path / "written.xml"
    sheet = tmp_path / "writes.xsl"
    sheet.write_text(
        '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="2.0"><xsl:template match="/">'
        f'<xsl:result-document href="{target.as_uri()}"><x/></xsl:result-document><y/></xsl:template></xsl:stylesheet>',
        encoding="utf-8",
    )
    path = tmp_path / "document.xml"
    path.write_bytes(document)
    answer = chain.worker.ask(do=asked, sheet=str(sheet), schema=str(sheet), document=str(path))
    assert not answer["ok"]
    assert not target.exists()
