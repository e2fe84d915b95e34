"""The operations as data, and the OpenAPI document made from them."""

import json
import re
from dataclasses import fields
from pathlib import Path

import conformance
from conformance.drivers import operations as ops
from conformance.drivers.openapi import document


def test_a_path_quotes_its_members_and_the_rest_is_the_body() -> None:
    operation = ops.RecordOpposition("a/b c", "mss-pro", opposed=True)
    assert operation.url_path() == "/persons/a%2Fb%20c/oppositions/mss-pro"
    assert operation.body() == {"opposed": True}


def test_a_get_has_no_body() -> None:
    assert ops.ReadRecord("p").body() is None
    assert ops.ReadRecord("p").url_path() == "/persons/p/documents"


def test_names_and_calls_are_unique() -> None:
    assert len({o.name for o in ops.OPERATIONS}) == len(ops.OPERATIONS)
    assert len({(o.method, o.path) for o in ops.OPERATIONS}) == len(ops.OPERATIONS)


def test_openapi_tells_every_operation() -> None:
    told = document()
    assert told["openapi"] == "3.1.0"
    found = {call["operationId"] for path in told["paths"].values() for call in path.values()}
    assert found == {o.name for o in ops.OPERATIONS}
    json.dumps(told)


def test_the_page_of_the_control_api_tells_every_operation() -> None:
    page = Path(conformance.__file__).parents[1] / "docs" / "control-api.md"
    rows = re.findall(r"^\| `(\w+)` \| `([A-Z]+) (\S+)` \|([^|]*)\|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {(name, method, path) for name, method, path, _ in rows} == {
        (o.name, o.method, o.path) for o in ops.OPERATIONS
    }
    for operation in ops.OPERATIONS:
        (told,) = [body for name, _, _, body in rows if name == operation.name]
        members = {f.name for f in fields(operation) if f"{{{f.name}}}" not in operation.path}
        assert set(re.findall(r"`(\w+)`", told)) == members, operation.name


def test_openapi_says_which_members_are_required() -> None:
    call = document()["paths"]["/messages"]["post"]
    schema = call["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["mailbox", "to", "text"]
    assert schema["properties"]["to"] == {"type": "array", "items": {"type": "string"}}
    assert schema["properties"]["document"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
