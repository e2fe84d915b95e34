"""Packages: read, compiled, kept on the machine, and judged by; every way of slicing on a guide of ours."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.checks.fhir.definitions import (
    FR_CORE_STRICT,
    Tables,
    Tampered,
    bundled,
    bundled_tables,
    read_table,
)
from conformance.checks.fhir.tables import __file__ as tables_file
from conformance.checks.fhir.validator import Validator
from conformance.cli.pack import pack
from conformance.core.errors import UsageError
from conformance.core.words import Level
from conformance.fhir_packs import additions, store
from conformance.fhir_packs import compile as compiler
from conformance.fhir_packs.package import read_package
from tests.fhir import documents as made
from tests.fhir import packages


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    package = read_package(packages.package(tmp_path_factory.mktemp("guide"), packages.definitions()))
    return Validator(Tables([*bundled_tables(), compiler.compiled(package, [package])]))


def basic(*identifiers: Any, **members: Any) -> dict[str, Any]:
    return {
        "resourceType": "Basic",
        "code": {"text": "a"},
        **({"identifier": list(identifiers)} if identifiers else {}),
        **members,
    }


A, B, C = ({"system": f"urn:{x}", "value": "1"} for x in "abc")
DATED, UNDATED = {"period": {"start": "2026"}}, {"value": "1"}
ORG = {"resourceType": "Organization", "id": "o", "name": "ESAT"}
BARE = {"resourceType": "Organization", "id": "o", "active": True}
PERSON = {"resourceType": "Patient", "id": "o", "active": True}
LINK = {"assigner": {"reference": "#o"}}

SLICES: list[tuple[str, str, dict[str, Any], str]] = [
    ("open", "ok", basic(A, B, C), ""),
    ("open", "min", basic(B), "fhir.slice.min"),
    ("open", "absent", basic(), "fhir.slice.min"),
    ("open", "max", basic(A, A), "fhir.slice.max"),
    ("closed", "ok", basic(A, B, B), ""),
    ("closed", "other", basic(A, C), "fhir.slice.closed"),
    ("at-end", "ok", basic(A, B, C), ""),
    ("at-end", "between", basic(A, C, B), "fhir.slice.at-end"),
    ("ordered", "ok", basic(A, B), ""),
    ("ordered", "inverse", basic(B, A), "fhir.slice.order"),
    ("exists", "ok", basic(DATED, UNDATED), ""),
    ("exists", "two dated", basic(DATED, {"period": {"end": "2026"}}), "fhir.slice.max"),
    ("exists", "two undated", basic(UNDATED, {"value": "2"}), "fhir.slice.max"),
    ("type", "ok", basic(LINK, contained=[ORG]), ""),
    ("type", "other type", basic(LINK, contained=[PERSON]), "fhir.slice.min"),
    ("profile", "ok", basic(LINK, contained=[ORG]), ""),
    ("profile", "not conforming", basic(LINK, contained=[BARE]), "fhir.slice.min"),
    ("ruled", "below", basic(A, code={"coding": [{"system": packages.GUIDE + "/CodeSystem/tree", "code": "A11"}]}), ""),
    ("ruled", "excluded", basic(A, code={"coding": [{"system": packages.GUIDE + "/CodeSystem/tree", "code": "A2"}]}),
     "fhir.binding.required"),
    ("ruled", "beside", basic(A, code={"coding": [{"system": packages.GUIDE + "/CodeSystem/tree", "code": "B"}]}),
     "fhir.binding.required"),
    ("ruled", "listed", basic(A, code={"coding": [{"system": "urn:listed", "code": "L"}]}), ""),
    ("ruled", "text", basic(A), "fhir.binding.required"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "what", "document", "code"), SLICES, ids=[f"{s[0]} {s[1]}" for s in SLICES])
def test_slices(validator: Validator, name: str, what: str, document: dict[str, Any], code: str) -> None:
    found = validator.validate(document, profiles=[f"{packages.GUIDE}/StructureDefinition/{name}"])
    codes = {f.code for f in found if f.level is Level.ERROR}
    assert code in codes if code else codes == set(), what


@pytest.mark.parametrize(
    ("name", "document", "code"),
    [
        ("unsaid", basic(A), "fhir.not-checkable.slicing"),
        ("ruled", basic(A, subject={"reference": "Patient/1"}), "fhir.not-checkable.invariant-expression"),
    ],
)
def test_what_a_guide_leaves_open_is_not_checkable(
    validator: Validator, name: str, document: dict[str, Any], code: str
) -> None:
    found = validator.validate(document, profiles=[f"{packages.GUIDE}/StructureDefinition/{name}|1.0"])
    assert code in {f.code for f in found if f.level is Level.INFO}


def test_the_command_keeps_a_package_and_lists_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path / "home"))
    archive = packages.package(tmp_path, packages.definitions())
    added = CliRunner().invoke(pack, ["add", str(archive)], standalone_mode=False)
    assert "test.guide 1.0.0" in added.output
    listed = CliRunner().invoke(pack, ["list", "--format", "json"], standalone_mode=False)
    rows = {row["name"]: row for row in json.loads(listed.output)["packages"]}
    assert rows["test.guide"]["origin"] == "machine"
    assert rows["hl7.fhir.r4.core"]["origin"] == "bundled"
    assert len(rows["test.guide"]["sha256"]) == 64
    judged = Validator(store.in_force()).validate(basic(B), profiles=[f"{packages.GUIDE}/StructureDefinition/open"])
    assert "fhir.slice.min" in {f.code for f in judged}
    assert "test.guide" in CliRunner().invoke(pack, ["list"], standalone_mode=False).output


def test_a_package_of_this_machine_replaces_the_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path / "home"))
    manifest = {"name": "ans.fhir.fr.tde", "version": "9.9.9"}
    store.add(packages.package(tmp_path, [packages.code_system()], manifest))
    assert store.in_force().lock["ans.fhir.fr.tde"].startswith("9.9.9 sha256:")
    assert len(store.in_force().tables) == len(bundled_tables())


@pytest.mark.parametrize(
    ("manifest", "resources", "code"),
    [
        ({"name": "a", "version": "1", "fhirVersions": ["5.0.0"]}, [], "fhir.pack.other-fhir"),
        ({"version": "1"}, [], "fhir.pack.no-manifest"),
        (None, [{**packages.profile("x", "Basic", []), "snapshot": {}}], "fhir.pack.no-snapshot"),
    ],
)
def test_a_package_that_cannot_serve_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manifest: Any, resources: list[Any], code: str
) -> None:
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path / "home"))
    with pytest.raises(UsageError) as raised:
        store.add(packages.package(tmp_path, resources, manifest))
    assert raised.value.code == code
    assert store.installed() == []


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(b"not an archive")
    with pytest.raises(UsageError):
        read_package(path)


def test_compiling_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    archive = packages.package(tmp_path, packages.definitions())
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        assert compiler.main([str(archive), "--out", str(folder)]) == 0
    assert (first / "test.guide.json.xz").read_bytes() == (second / "test.guide.json.xz").read_bytes()


def test_every_bundled_list_matches_its_pin_and_names_what_it_lacks() -> None:
    tables = bundled()
    names = [url for table in tables.tables for url in table["lists"]]
    assert len(names) > 400
    lists = [tables.code_list(url) for url in names]
    assert all(found is not None and (found.codes or found.unknown) for found in lists)


def test_a_list_that_was_changed_is_refused() -> None:
    table = json.loads(json.dumps(bundled_tables()[0]))
    url = "http://hl7.org/fhir/ValueSet/slotstatus"
    table["lists"][url]["c"]["http://hl7.org/fhir/slotstatus"].append("libre")
    with pytest.raises(Tampered):
        Validator(Tables([table])).validate(made.slot())


def test_tables_hold_facts_and_no_prose() -> None:
    for path in sorted(Path(tables_file).parent.glob("*.xz")):
        text = lzma.decompress(path.read_bytes()).decode()
        assert not any(
            f'"{word}"' in text for word in ("definition", "short", "comment", "mapping", "human", "<div")
        ), path
        table = read_table(path.read_bytes())
        assert table["version"]
        assert len(table["sha256"]) == 64
    assert sum(path.stat().st_size for path in Path(tables_file).parent.glob("*.xz")) < 2_000_000


def test_the_version_of_fr_core_is_a_parameter() -> None:
    unused = made.put(made.patient_ins(), "identifier.0.use", ...)
    released, strict = Validator(bundled()), Validator(bundled(fr_core=FR_CORE_STRICT))
    assert [f.code for f in released.validate(unused) if f.level is Level.ERROR] == []
    assert "fhir.cardinality.min" in {f.code for f in strict.validate(unused)}


def test_additions_name_their_sources_and_are_in_the_bundled_tables() -> None:
    table = next(t for t in bundled_tables() if t["package"] == additions.TERMINOLOGY)
    made_again = additions.terminology(compiler.SCHEMA)
    assert json.loads(json.dumps(made_again)) == table
    tddui = next(t for t in bundled_tables() if t["package"] == "ans.fhir.fr.tddui")
    assert len(tddui["questionnaires"]) == 4
    assert len(tddui["additions"]) == 64


@pytest.mark.parametrize(
    ("extension", "accepted"),
    [
        ({"url": made.TDDUI + "tddui-facturation", "valueBoolean": True}, True),
        ({"url": made.TDDUI + "tddui-facturation", "valueString": "oui"}, False),
        ({"url": made.TDDUI + "tddui-planned-absence", "extension": [{"url": "x", "valueBoolean": True}]}, False),
    ],
)
def test_extensions_left_open_by_condensed_sources_are_closed(extension: dict[str, Any], accepted: bool) -> None:
    found = Validator(bundled()).validate({**made.slot(), "extension": [extension]})
    assert (not any(f.level is Level.ERROR for f in found)) is accepted
