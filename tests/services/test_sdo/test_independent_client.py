"""A FHIR client that nobody of this project wrote speaks to the SI-SDO: fhirpy, where it is installed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.test_sdo.test_flows import SINCE, consent, task

fhirpy = pytest.importorskip("fhirpy", reason="fhirpy is not installed (pip install fhirpy)")


@pytest.fixture
def independent(client) -> Any:
    """Fhirpy, with the certificate, the token and the establishment of the client."""
    return fhirpy.SyncFHIRClient(
        client.here["fhir_base"],
        authorization=f"Bearer {client.token}",
        extra_headers={"struct_idnat": client.here["struct_idnat"]},
        requests_config={"verify": client.session.verify, "cert": client.session.cert, "timeout": 10},
    )


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever proxy or trust store the environment names, the client speaks to this machine."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.delenv(variable, raising=False)


def test_it_goes_through_the_five_flows(client, decisions, independent) -> None:
    client.act("configure", page_size=2)
    search = independent.resources("DocumentReference").search(
        type="57830-2", _lastUpdated=f"gt{SINCE}", _elements="id"
    )
    listed = search.fetch_all()
    assert {one["id"] for one in listed} == {d["document"] for d in decisions}
    read = independent.get("DocumentReference", decisions[0]["document"])
    assert read["content"][0]["attachment"]["data"] == decisions[0]["content"]
    national = decisions[0]["national"]
    evaluations = independent.resources("DocumentReference").search(identifier=national, type="51848-0")
    assert evaluations.fetch() == []
    made = independent.resource("Consent", **consent(national))
    made.save()
    assert made["id"].startswith("consent-")
    assert [one["id"] for one in evaluations.fetch()] == [decisions[0]["evaluation_id"]]
    before = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="milliseconds")
    reported = independent.resource("Task", **task(decisions[0], "41"))
    reported.save()
    statuses = independent.resources("Task").search(_lastUpdated=f"gt{before}").fetch()
    assert [one["id"] for one in statuses] == [reported["id"]]


def test_it_understands_the_refusals(decisions, independent) -> None:
    with pytest.raises(fhirpy.base.exceptions.ResourceNotFound):
        independent.get("DocumentReference", "unheard-of")
    with pytest.raises(fhirpy.base.exceptions.OperationOutcome) as refused:
        independent.resource("Task", **task(decisions[0], "48")).save()
    assert refused.value.resource["issue"][0]["code"] == "business-rule"
