"""The JSON Schemas: each stands alone, and says the same of a finding."""

import json
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = {
    path.name: json.loads(path.read_text(encoding="utf-8"))
    for path in (resources.files("conformance") / "schemas").iterdir()
    if path.name.endswith(".json")
}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_sound_and_needs_no_other_file(name) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    references = [row for row in json.dumps(SCHEMAS[name]).split('"$ref": "')[1:] if not row.startswith("#")]
    assert references == []


@pytest.mark.parametrize("name", ["check.json", "check_line.json", "verdicts.json", "hardening.json"])
def test_a_finding_has_one_shape(name) -> None:
    alone = {key: value for key, value in SCHEMAS["finding.json"].items() if key not in ("$schema", "$id")}
    assert SCHEMAS[name]["$defs"]["finding"] == alone
