"""The report that a person reads, and the command that writes it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from conformance.core.errors import UsageError
from conformance.core.texts import catalogue
from conformance.dossier.schema import validator
from conformance.portability import comparison, differences, reasons, telling
from conformance.portability.comparison import compare
from conformance.portability.page import as_page
from tests.portability.records import made


def shorter(items):
    return [{k: v for k, v in i.items() if k != "strategy"} for i in items if i["kind"] != "review"]


A, B = made(), made(number="u2", change=shorter)
FOUND = compare(A, B)


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, bundle in zip(paths, (A, B), strict=True):
        path.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    return [str(path) for path in paths]


def run(*arguments):
    return CliRunner().invoke(cli, ["portability", *arguments], standalone_mode=False)


def test_the_terminal_report_says_what_where_and_why() -> None:
    told = telling.as_text(FOUND, ("a", "b"), "fr")
    assert "Objectif « Marcher jusqu'au jardin (fictif) »" in told
    assert "perdu       stratégie  Goal.note[strategieMiseEnOeuvreObjectif]" in told
    assert "Deux sorties accompagnées par semaine" in told
    assert re.search(r"1\d . Identifiant local", told)
    assert "identifiant-medicosocial" not in told
    assert "identifiant-medicosocial" in telling.as_text(FOUND, ("a", "b"), "fr", whole=True)


def test_it_speaks_english_too() -> None:
    told = telling.as_text(FOUND, ("a", "b"), "en")
    assert "The record does not arrive whole" in told
    assert "lost: 2   changed: 0   added: 0" in told


def test_what_is_almost_whole_is_not_told_as_whole() -> None:
    assert "100" not in telling.headline(FOUND, "en").rpartition("(")[2]


def test_every_reason_has_its_sentence_in_a_report_and_in_a_finding() -> None:
    source = "".join(Path(m.__file__).read_text(encoding="utf-8") for m in (reasons, differences, comparison))
    codes = {key.rpartition(".")[2] for key in catalogue() if key.startswith("portability.why.")}
    assert all(f'"{code}"' in source for code in codes)
    assert {d.why for r in FOUND.reports for d in r.differences} | reasons.EQUIVALENT <= codes
    assert all(f"tddui.not-kept.{code}" in catalogue() for code in codes - reasons.EQUIVALENT)


def test_the_page_escapes_what_it_quotes() -> None:
    hostile = made(
        change=lambda items: [{**i, "text": "<script>x</script>"} if i["kind"] == "need" else i for i in items]
    )
    page = as_page(compare(hostile, A), ("<b>a", "b"), "fr")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;a" in page


def test_the_command_answers_by_its_exit_code(files) -> None:
    assert run(*files).return_value == 1
    same = run(files[0], files[0], "--lang", "en")
    assert (same.return_value, "Nothing is lost" in same.output) == (0, True)


def test_json_follows_its_schema(files, tmp_path) -> None:
    page = tmp_path / "page.html"
    told = json.loads(run(*files, "--json", "--html", str(page)).stdout)
    assert list(validator("portability").iter_errors(told)) == []
    assert (told["lost"], told["lossless"]) == (2, False)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "portability.unreadable"),
        ('{"resourceType": "Patient"}', "portability.unreadable"),
        ('{"resourceType": "Bundle", "type": "collection"}', "portability.empty"),
        (
            '{"resourceType": "Bundle", "entry": [{"resource": ' + '{"a":' * 200 + "1" + "}" * 200 + "}]}",
            "portability.unreadable",
        ),
    ],
)
def test_what_is_no_bundle_gets_a_card(files, tmp_path, content, code) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(content, encoding="utf-8")
    done = run(files[0], str(path))
    assert isinstance(done.exception, UsageError)
    assert done.exception.code == code
