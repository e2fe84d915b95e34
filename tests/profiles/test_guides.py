"""The profiles of implementation guides: sound, namespaced, told apart from those of a REM."""

import json
import re
from pathlib import Path

import pytest
import yaml
from conformance._bundled.reference_dui.sins import catalogue
from jsonschema import Draft202012Validator

import conformance
import conformance.checks  # fills the register
from conformance import _bundled
from conformance.core.check import Registry
from conformance.core.profile import CHAPTERS, load_profile, problems
from conformance.core.texts import known
from conformance.core.words import Basis
from conformance.services.sdo.machine import TRANSITIONS

PATHS = sorted(p for p in _bundled.folder("profiles").glob("*.yaml") if load_profile(p).of_guide)
SCHEMA = json.loads((Path(conformance.__file__).parent / "schemas" / "profile.json").read_text(encoding="utf-8"))


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_there_is_one_for_each_guide_that_is_played() -> None:
    assert [p.stem for p in PATHS] == ["sdo-4.0", "tddui-2.3"]


def test_it_is_sound_and_follows_the_schema(path) -> None:
    assert problems(load_profile(path)) == []
    content = yaml.safe_load(path.read_bytes())
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(content)] == []


def test_its_requirements_never_look_like_those_of_a_rem(path) -> None:
    profile = load_profile(path)
    prefix = re.escape(f"{profile.referential}#{profile.version}/")
    for requirement in profile.requirements:
        assert re.fullmatch(prefix + "[a-z0-9-]+", requirement.id)
        assert requirement.basis in (Basis.GUIDE, Basis.HYPOTHESIS)
        assert requirement.chapter in CHAPTERS or known(f"report.chapter.{requirement.chapter}")
        assert requirement.source


def test_its_checks_are_registered_and_speak_both_languages(path) -> None:
    profile = load_profile(path)
    named = {c for r in profile.requirements for a in r.aspects for c in a.checks}
    assert sorted(named - set(Registry.checks)) == []
    for requirement in profile.requirements:
        for text in (requirement.statement, *(a.statement for a in requirement.aspects)):
            assert text.fr != text.en


def test_every_check_has_its_defect(path) -> None:
    named = {c for r in load_profile(path).requirements for a in r.aspects for c in a.checks}
    killed = {c for defect in catalogue().values() for c in defect.expected}
    assert sorted(named - killed) == []


def test_the_order_of_statuses_is_the_one_that_the_service_keeps() -> None:
    told = load_profile(_bundled.folder("profiles") / "sdo-4.0.yaml")
    assert told.hypotheses == ("sdo.transitions",)
    assert told.parameters["sdo"]["transitions"] == {status: list(after) for status, after in TRANSITIONS.items()}


def test_each_defect_plays_what_one_of_its_aspects_needs() -> None:
    """So that the self-test of one defect alone is conclusive."""
    aspects = [a for r in load_profile(_bundled.folder("profiles") / "sdo-4.0.yaml").requirements for a in r.aspects]
    for defect in catalogue().values():
        for check in (c for c in defect.expected if c.startswith("sdo.")):
            assert [a.id for a in aspects if check in a.checks and set(a.scenarios) <= set(defect.scenarios)], (
                defect.name
            )
