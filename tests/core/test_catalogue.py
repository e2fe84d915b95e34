"""The catalogue: both languages, the same places, nothing missing."""

import ast
import string
from pathlib import Path

import conformance
import conformance.checks
from conformance.core.check import Registry
from conformance.core.texts import catalogue, known, language, say, use_language

PACKAGE = Path(conformance.__file__).parent


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_fill_the_same_places() -> None:
    uneven = [key for key, text in catalogue().items() if places(text.fr) != places(text.en)]
    assert uneven == []


def test_no_sentence_is_empty() -> None:
    assert [key for key, text in catalogue().items() if not text.fr.strip() or not text.en.strip()] == []


def test_every_check_has_its_title() -> None:
    assert Registry.checks
    assert [id for id in Registry.checks if not known(f"check.{id}")] == []


def test_every_check_has_a_contract_and_a_source() -> None:
    poor = [id for id, check in Registry.checks.items() if len(check.contract.splitlines()) < 3 or not check.source]
    assert poor == []


def test_every_finding_code_in_the_checks_is_a_sentence() -> None:
    missing = set()
    for path in (PACKAGE / "checks").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("error", "warning", "info")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                code = node.args[0].value
                if not known(code):
                    missing.add(f"{path.name}: {code}")
    assert missing == set()


def test_a_place_without_value_stays_visible() -> None:
    assert "{reason}" in say("profile.unreadable", "en", path="x")


def test_the_language_follows_the_environment(monkeypatch) -> None:
    use_language(None)
    for variable in ("CONFORMANCE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert language() == "fr"
    monkeypatch.setenv("CONFORMANCE_LANG", "en")
    assert language() == "en"
