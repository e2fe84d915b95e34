"""A dossier rewritten by somebody who knows its format: what verifying finds, and what only judging again does."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.core.errors import UsageError
from conformance.dossier import layout
from conformance.dossier.outputs import Summary
from conformance.dossier.rejudge import rejudge
from conformance.dossier.structure import AlteredDossier
from conformance.dossier.verify import verify

Forge = Callable[[Path, dict[str, bytes | None]], Path]
PROFILE = "profiles/test-profile.yaml"


@pytest.fixture
def dossier(sealed: Summary) -> Path:
    return sealed.paths["dossier"]


def names(dossier: Path, prefix: str) -> list[str]:
    with zipfile.ZipFile(dossier) as archive:
        return [name for name in archive.namelist() if name.startswith(prefix)]


def content(dossier: Path, name: str) -> bytes:
    return zipfile.ZipFile(dossier).read(name)


def test_the_forger_of_these_tests_makes_sound_dossiers(dossier: Path, forge: Forge) -> None:
    assert forge(dossier, {}).read_bytes() == dossier.read_bytes()


@pytest.mark.parametrize("name", [layout.TITLE, layout.TITLE_FR, layout.REPORT])
def test_a_page_that_prints_another_root_is_found(dossier: Path, forge: Forge, sealed: Summary, name: str) -> None:
    page = content(dossier, name).replace(str(sealed.root).encode(), b"0" * 64)
    assert verify(forge(dossier, {name: page})).altered == ((name, "root-printed"),)


def test_a_content_under_another_name_is_found(dossier: Path, forge: Forge) -> None:
    (name,) = names(dossier, layout.CONTENT)
    found = verify(forge(dossier, {name: b"another message"})).altered
    assert (name, "name") in found


def test_a_profile_that_the_manifest_does_not_name_is_found(dossier: Path, forge: Forge) -> None:
    other = content(dossier, PROFILE).replace(b"level: DOIT", b"level: PEUT")
    assert (PROFILE, "profile") in verify(forge(dossier, {PROFILE: other})).altered


def test_a_verdict_changed_by_hand_is_told_by_judging_again(dossier: Path, forge: Forge) -> None:
    verdicts = json.loads(content(dossier, layout.VERDICTS))
    verdicts["verdicts"][1]["aspects"][0]["verdict"] = "pass"
    forged = forge(dossier, {layout.VERDICTS: json.dumps(verdicts).encode()})
    (difference,) = rejudge(forged).differences
    assert (difference.key[3], (difference.sealed or {})["verdict"], (difference.now or {})["verdict"]) == (
        "T.02",
        "pass",
        "fail",
    )


def test_a_requirement_verdict_that_its_aspects_do_not_carry_is_told(dossier: Path, forge: Forge) -> None:
    verdicts = json.loads(content(dossier, layout.VERDICTS))
    verdicts["verdicts"][1]["verdict"] = "pass"
    (difference,) = rejudge(forge(dossier, {layout.VERDICTS: json.dumps(verdicts).encode()})).differences
    assert difference.aspect is None
    assert "T.02: pass → fail" in difference.told("en")


def test_a_requirement_left_out_of_the_verdicts_is_told(dossier: Path, forge: Forge) -> None:
    verdicts = json.loads(content(dossier, layout.VERDICTS))
    del verdicts["verdicts"][1]
    (difference,) = rejudge(forge(dossier, {layout.VERDICTS: json.dumps(verdicts).encode()})).differences
    assert (difference.key[3], difference.sealed) == ("T.02", None)
    assert "absent → fail" in difference.told("en")


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"[" * 50_000])
def test_verdicts_that_do_not_read_are_an_alteration(dossier: Path, forge: Forge, spoilt: bytes) -> None:
    with pytest.raises(AlteredDossier, match="verdicts"):
        rejudge(forge(dossier, {layout.VERDICTS: spoilt}))


def test_a_journal_that_does_not_read_is_an_alteration(dossier: Path, forge: Forge) -> None:
    (segment,) = names(dossier, layout.JOURNAL)
    with pytest.raises(AlteredDossier, match=r"\.jsonl"):
        rejudge(forge(dossier, {segment: b"{torn\n{}\n"}))


def test_a_missing_profile_cannot_be_judged(dossier: Path, forge: Forge) -> None:
    forged = forge(dossier, {PROFILE: None})
    assert (PROFILE, "profile") in verify(forged).altered
    with pytest.raises(AlteredDossier, match=r"\.yaml"):
        rejudge(forged)


def test_a_profile_that_does_not_read_is_a_usage_error(dossier: Path, forge: Forge) -> None:
    with pytest.raises(UsageError, match=PROFILE):
        rejudge(forge(dossier, {PROFILE: b"schema: 2"}))


def test_evidence_taken_away_changes_the_judgement(dossier: Path, forge: Forge) -> None:
    (message,) = names(dossier, layout.CONTENT)
    found = rejudge(forge(dossier, {message: None}))
    assert {(d.now or {})["verdict"] for d in found.differences} == {"harness_error"}
