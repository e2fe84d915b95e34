"""The shipped profiles: sound, complete against their sources, and in our own words."""

import ast
import csv
import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

import conformance
import conformance.checks  # fills the register
from conformance import _bundled
from conformance.core.check import Registry
from conformance.core.profile import CHAPTERS, coverage, load_profile, problems
from conformance.core.words import Verification, WireClass
from conformance.hardening import PREFIX

NAMES = ("ms1-dui-va1", "socle-va2")
GUIDES = ("tddui-2.3",)
PATHS = {name: _bundled.folder("profiles") / f"{name}.yaml" for name in (*NAMES, *GUIDES)}
REFERENCE = Path(conformance.__file__).resolve().parents[2] / "shared" / "reference" / "requirements"
PROFILE_SCHEMA = Path(conformance.__file__).parent / "schemas" / "profile.json"

# Rules of the MSSanté referential #2 (ECO.2.2.1, 2.2.2, 2.2.3, 2.2.4, 2.2.7) that no row of the two sources carries:
# SC.MSS.17.MS1 stops at ECO.2.1.6, MSS/CONF.19 is obsolete, MSS/va1.08, .11, .12 and .16 belong to other corridors.
WITHOUT_REQUIREMENT = {"mail.message-id", "mail.charset", "mail.text-body", "mail.from-name", "mail.reply-thread"}
# How the directory's API is used: its guide asks for it, no row of the two sources does.
# How the DMP is fed: the rows that say so belong to other corridors, or are obsolete.
WITHOUT_REQUIREMENT |= {"dmp.tested-first"}
WITHOUT_REQUIREMENT |= {
    "annuaire.key",
    "annuaire.patience",
    "psc.logout",
    "insi.call",
    "insi.first-names",
    "vigilance.history-kept",
}
# The look at the front door: guides ask for it, no requirement does, and it counts in no verdict.
WITHOUT_REQUIREMENT |= {id for id in Registry.checks if id.startswith(PREFIX)}
SCENARIOS = {
    mark.args[0].value
    for path in _bundled.folder("scenarios").rglob("test_*.py")
    for mark in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.scenario"
}
ABSENCE = {
    "insi.no-needless-call": "ins.received",
    "mail.opposition-citizen": "mss.opposition-citizen",
    "mail.opposition-professional": "mss.opposition-professional",
    "mail.citizen-qualified-only": "mss.unqualified-citizen",
}

needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference facts are not beside the repository")


@pytest.fixture(params=NAMES)
def profile(request):
    return load_profile(PATHS[request.param])


def rows(name):
    with (REFERENCE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def texts(profile):
    """Every sentence of a profile, with the requirement that holds it."""
    for condition in profile.conditions.values():
        yield "", condition.question
    for requirement in profile.requirements:
        yield requirement.id, requirement.statement
        for aspect in requirement.aspects:
            yield requirement.id, aspect.statement
        for proof in requirement.proofs:
            yield requirement.id, proof.statement
    for left in profile.out_of_scope:
        yield left.id, left.reason


def test_it_is_sound_and_nothing_is_uncovered(profile) -> None:
    assert problems(profile) == []
    assert coverage(profile)["uncovered"] == 0


def test_its_file_follows_the_schema(profile) -> None:
    schema = json.loads(PROFILE_SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    content = yaml.load(PATHS[profile.name].read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(content)] == []


def test_chapters_are_those_of_the_dossier_in_their_order(profile) -> None:
    chapters = [r.chapter for r in profile.requirements]
    assert chapters == sorted(chapters, key=CHAPTERS.index)


def test_aspects_name_scenarios_that_are_written(profile) -> None:
    named = {s for r in profile.requirements for a in r.aspects for s in a.scenarios}
    assert sorted(named - SCENARIOS) == []


def test_every_named_check_is_registered(profile) -> None:
    named = {c for r in profile.requirements for a in r.aspects for c in a.checks}
    assert sorted(named - set(Registry.checks)) == []


def test_absence_is_judged_where_it_has_its_control(profile) -> None:
    for requirement in profile.requirements:
        for aspect in requirement.aspects:
            for check in set(aspect.checks) & set(ABSENCE):
                assert aspect.scenarios == (ABSENCE[check],), requirement.id


def test_attested_is_for_what_only_a_proof_shows(profile) -> None:
    for requirement in profile.requirements:
        attested = requirement.verification is Verification.ATTESTED
        assert attested == (requirement.wire_class is WireClass.PROOF), requirement.id
        if attested:
            assert requirement.proofs, requirement.id


def test_aspects_and_proofs_are_named_once(profile) -> None:
    for requirement in profile.requirements:
        for ids in ([a.id for a in requirement.aspects], [p.id for p in requirement.proofs]):
            assert len(ids) == len(set(ids)), requirement.id
        assert all(p.id.startswith(requirement.id + ".") for p in requirement.proofs), requirement.id


def test_both_languages_speak_and_differ(profile) -> None:
    same = [(id, text.fr) for id, text in texts(profile) if not text.fr or not text.en or text.fr == text.en]
    assert same == []
    assert profile.title.fr != profile.title.en
    assert profile.notice.fr != profile.notice.en


def test_the_parameters_are_those_of_their_wave(profile) -> None:
    wave1 = profile.name == "ms1-dui-va1"
    tls = profile.parameters["tls"]
    assert tls["versions"] == (["TLSv1.2"] if wave1 else ["TLSv1.2", "TLSv1.3"])
    first = ["0xC030", "0xC02F", "0xC028", "0xC027"]
    assert tls["suites"] == (first if wave1 else [*first, "0x009F", "0x009E"])
    assert profile.parameters["subject"] == {"label_length": 40}
    assert profile.parameters["patient_address"] == {"matricule_length": 15}
    assert profile.parameters["mail"] == {"size_limit": 25 * 1024 * 1024}


def test_registered_checks_serve_a_requirement_or_are_known_not_to() -> None:
    shipped = _bundled.folder("profiles").glob("*.yaml")
    used = {c for path in shipped for r in load_profile(path).requirements for a in r.aspects for c in a.checks}
    assert sorted(set(Registry.checks) - used - WITHOUT_REQUIREMENT) == []


def test_conditions_are_all_used(profile) -> None:
    assert {r.condition for r in profile.requirements} - {None} == set(profile.conditions)


@needs_reference
def test_wave_1_holds_the_rows_of_its_source() -> None:
    profile = load_profile(PATHS["ms1-dui-va1"])
    source = {r["id"]: r for r in rows("ms1-dui.csv")}
    kept = {id for id, r in source.items() if r["include"] in ("yes", "assumed")}
    assert {r.id for r in profile.requirements} == kept
    assert {r.id for r in profile.requirements if r.assumed} == {i for i in kept if source[i]["include"] == "assumed"}
    assert {left.id for left in profile.out_of_scope} == set(source) - kept
    for requirement in profile.requirements:
        row = source[requirement.id]
        assert str(requirement.level) == row["level"]
        assert str(requirement.wire_class) == (row["class"] or str(requirement.wire_class))
        if not row["class"]:
            assert "classe déduite de" in requirement.source


@needs_reference
def test_wave_2_holds_the_rows_of_its_source() -> None:
    profile = load_profile(PATHS["socle-va2"])
    source = {r["id"]: r for r in rows("socle-va2-scope.csv")}
    kept = {id for id, r in source.items() if r["in_scope"] == "yes"}
    assert {r.id for r in profile.requirements} == kept
    assert {left.id for left in profile.out_of_scope} == set(source) - kept
    approved = {r["id"] for r in rows("status.csv") if "Approuvée" in r["status_in_working_csv"]}
    assert kept <= approved
    for requirement in profile.requirements:
        row = source[requirement.id]
        assert (str(requirement.level), str(requirement.wire_class)) == (row["keyword"], row["class"])
        assert bool(row["also"].strip()) == ("dans un autre couloir" in requirement.source)


def runs(text, length=8):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def official():
    """The official text of each row, by id."""
    found = {r["reference"]: r["description"] for r in rows("socle-va1.csv")}
    id = ""
    for line in (REFERENCE / "socle-va2.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("* "):
            id = line[2:].split(" | ")[0].strip()
        elif id:
            found[id] = found.get(id, "") + " . " + line
    return found


@needs_reference
def test_no_sentence_is_the_official_one(profile) -> None:
    source = official()
    assert {r.id for r in profile.requirements} <= set(source)
    copied = [
        (id, " ".join(run)) for id, text in texts(profile) for run in runs(text.fr) & runs(source.get(id, "")) if id
    ]
    assert copied == []
