"""Whatever a product sends, the SI-SDO answers with an error of its own, never with a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.test_sdo.test_flows import consent, task

VALUES: list[Any] = [
    None,
    True,
    3,
    -1e308,
    "",
    "x" * 5000,
    "\x00",
    "\ud800",
    [],
    [[]],
    {},
    {"coding": 3},
    [{"type": []}],
]


def bodies(one: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Consents and Tasks where each member in turn is something else."""
    made: list[tuple[str, dict[str, Any]]] = []
    for kind, good in (("Consent", consent(one["national"])), ("Task", task(one, "41"))):
        for name in good:
            made += [(kind, {**good, name: value}) for value in VALUES]
        made += [(kind, {**good, "input": [{"type": good.get("scope"), "valueIdentifier": value}]}) for value in VALUES]
    return made


def test_no_body_brings_it_down(client, decisions, records) -> None:
    client.act("configure", enforced=False)
    before = len(records("sdo.call"))
    sent = bodies(decisions[0])
    answers = [client.call("POST", kind, data=json.dumps(body).encode()) for kind, body in sent]
    assert {answer.status_code for answer in answers} <= {201, 400, 422}
    assert all(answer.json()["resourceType"] for answer in answers)
    assert len(records("sdo.call")) - before == len(sent)


@pytest.mark.parametrize(
    "body", [b"NaN", b'{"resourceType": "Task", "x": NaN}', b"\xff\xfe", b'"\\ud800"', b"{" * 9999]
)
def test_what_is_no_json_is_told(client, body) -> None:
    assert client.call("POST", "Task", data=body).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "DocumentReference?" + "&".join(f"a{n}=1" for n in range(60)),
        "DocumentReference?_sdoPage=-1",
        "DocumentReference?_sdoPage=99999999999999999999999",
        "DocumentReference?type=%ff%fe&identifier=%00",
        "DocumentReference?_lastUpdated=gt0000-00-00",
        "DocumentReference?_lastUpdated=gt9999-12-31",
        "Task?_lastUpdated=gt9999-12-31T23:59:59.999999Z",
        "DocumentReference/%2e%2e%2f%2e%2e",
        "DocumentReference/" + "a" * 4000,
        "%00",
        "",
    ],
)
def test_no_address_brings_it_down(client, path) -> None:
    answer = client.get(path)
    assert answer.status_code in (200, 400, 404, 405)
    assert answer.json()["resourceType"] in ("Bundle", "OperationOutcome")


@pytest.mark.parametrize("value", ["Bearer", "Bearer " + "a." * 5000, "bearer x y", "\u00e9"])
def test_no_credentials_bring_it_down(client, value) -> None:
    assert client.get("Task", headers={"Authorization": value.encode("latin-1")}).status_code == 401
    assert client.get("Task", headers={"struct_idnat": value.encode("latin-1")[:300]}).status_code == 403
