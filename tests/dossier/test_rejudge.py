"""Judging a sealed dossier again, years later, elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.dossier import dossier
from conformance.core.check import Registry
from conformance.core.errors import UsageError
from conformance.core.finding import Finding, error, warning
from conformance.dossier.outputs import Summary
from conformance.dossier.rejudge import rejudge
from conformance.dossier.schema import validator
from conformance.dossier.structure import AlteredDossier

Make = Callable[..., Any]


def stricter(note: Any) -> Iterator[Finding]:
    """Every note is empty."""
    if note.text:
        yield error("test.short.long")


def wordier(note: Any) -> Iterator[Finding]:
    """Every note is short, and told so."""
    del note
    yield warning("test.short.long")


@pytest.fixture
def swap(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Replace what a check does, as a later version of the harness would."""

    def apply(id: str, function: Any) -> None:
        monkeypatch.setitem(Registry.checks, id, replace(Registry.get(id), function=function))

    return apply


def test_the_installed_checks_give_the_sealed_verdicts_again(sealed: Summary) -> None:
    found = rejudge(sealed.paths["dossier"])
    assert found.exit_code == 0
    assert found.differences == ()
    assert found.requirements == 6
    assert found.root == sealed.root
    assert "identique" in found.told("fr")
    assert list(validator("rejudge").iter_errors(found.as_json())) == []


def test_a_check_that_became_stricter_is_told_aspect_by_aspect(sealed: Summary, swap: Make) -> None:
    swap("test.short", stricter)
    found = rejudge(sealed.paths["dossier"])
    assert found.exit_code == 1
    (difference,) = found.differences
    assert (difference.key[3], difference.aspect) == ("T.01", "only")
    assert difference.sealed == {"verdict": "pass", "reason_code": None, "findings": []}
    assert difference.now == {"verdict": "fail", "reason_code": "reason.findings", "findings": ["test.short.long"]}
    assert "pass → fail" in found.told("en")
    assert "new findings: test.short.long" in found.told("en")
    assert list(validator("rejudge").iter_errors(found.as_json())) == []


def test_a_finding_that_changes_no_verdict_is_a_difference_too(sealed: Summary, swap: Make) -> None:
    swap("test.short", wordier)
    (difference,) = rejudge(sealed.paths["dossier"]).differences
    assert difference.now == {"verdict": "pass", "reason_code": None, "findings": ["test.short.long"]}


def test_the_sealed_language_does_not_matter(sealed: Summary) -> None:
    result = CliRunner().invoke(dossier, ["rejudge", str(sealed.paths["dossier"])], standalone_mode=False)
    assert result.return_value == 0


def test_the_product_and_the_folders_are_not_needed(run: Make, tmp_path: Path) -> None:
    made = run()
    made.note()
    path = made.sealed(tmp_path / "out").paths["dossier"]
    alone = path.rename(tmp_path / "alone.zip")
    for folder in (made.folder, tmp_path / "out"):
        folder.rename(folder.with_name(f"{folder.name}-gone"))
    made.profile.unlink()
    assert rejudge(alone).exit_code == 0


def test_an_altered_dossier_is_not_judged(sealed: Summary, tmp_path: Path) -> None:
    raw = bytearray(sealed.paths["dossier"].read_bytes())
    raw[-1] ^= 1
    altered = tmp_path / "altered.zip"
    altered.write_bytes(raw)
    with pytest.raises(AlteredDossier):
        rejudge(altered)


def test_a_check_that_is_no_longer_installed_is_a_usage_error(sealed: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(Registry.checks, "test.short")
    with pytest.raises(UsageError, match=r"test\.short"):
        rejudge(sealed.paths["dossier"])


# The commands


def test_verify_answers_in_json(sealed: Summary) -> None:
    path = str(sealed.paths["dossier"])
    result = CliRunner().invoke(
        dossier, ["verify", path, "--allow-unsigned", "--format", "json"], standalone_mode=False
    )
    assert result.return_value == 0
    document = json.loads(result.output)
    assert document["root"] == sealed.root
    assert document["signature"] == {"state": "absent", "signer": None}


def test_verify_tells_what_the_expected_hash_binds(sealed: Summary) -> None:
    path = str(sealed.paths["dossier"])
    result = CliRunner().invoke(dossier, ["verify", path, "--expect", str(sealed.root)], standalone_mode=False)
    assert result.return_value == 3
    assert "empreinte racine" in result.output
    assert "Non signé" in result.output


def test_rejudge_answers_in_json(sealed: Summary) -> None:
    path = str(sealed.paths["dossier"])
    result = CliRunner().invoke(dossier, ["rejudge", path, "--format", "json"], standalone_mode=False)
    assert json.loads(result.output)["identical"] is True
