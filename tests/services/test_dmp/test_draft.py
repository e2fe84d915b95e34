"""The FHIR route of the draft: closed unless asked for; met by fhirpy; one registry with the other route."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.reference_dui.dmp.client import Client

from conformance.population import Person

from .conftest import Place, document_of

USER = "899900000011"
SETS = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"


@dataclass
class Route:
    """The route, and what opens it: a certificate, the authority, a token."""

    place: Place
    base: str
    ca: str
    card: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/fhir+json"}

    def post(self, web: requests.Session, bundle: Any) -> requests.Response:
        return web.post(self.base, json=bundle, headers=self.headers, cert=self.card, timeout=10)

    def get(self, web: requests.Session, path: str, **query: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return web.get(f"{self.base}/{path}", params=query, headers=headers, cert=self.card, timeout=10)


@pytest.fixture(scope="module")
def route(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Route:
    folder = tmp_path_factory.mktemp("draft")
    told, link = place.act("draft"), place.link()
    (folder / "card.pem").write_text(link.client_key_pem + link.client_certificate_pem)
    (folder / "ca.pem").write_text(link.ca_pem)
    tokens = place.host.lanes["main"].tokens
    login = tokens.login(tokens.mint_refresh_token(USER))
    assert login
    token = tokens.mint_access_token(login).text
    assert told["draft"] is True
    return Route(place, told["fhir_base"], str(folder / "ca.pem"), str(folder / "card.pem"), token)


def bundle_of(person: Person, content: bytes = b"<a/>", **members: Any) -> dict[str, Any]:
    """A bundle as the draft's example is made, with another person and another document."""
    subject = {"reference": f"Patient?identifier=urn:oid:{person.oid}|{person.ins}"}
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
        "subject": subject,
        "date": "2026-06-12T10:00:00+02:00",
        "content": [{"attachment": {"contentType": "application/xml", "url": "urn:uuid:3", "title": "Essai"}}],
        **members,
    }
    code = {"coding": [{"system": SETS, "code": "submissionset"}]}
    resources = [
        {"resourceType": "List", "status": "current", "mode": "working", "code": code, "subject": subject},
        document,
        {"resourceType": "Binary", "contentType": "application/xml", "data": base64.b64encode(content).decode()},
    ]
    entries = [
        {"fullUrl": f"urn:uuid:{n}", "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
        for n, one in enumerate(resources, 1)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def test_it_is_closed_unless_it_is_asked_for(place: Place) -> None:
    assert "fhir_base" not in place.endpoints("other")


def test_fhirpy_provides_finds_and_reads_a_document(route: Route, place: Place) -> None:
    fhirpy = pytest.importorskip("fhirpy", reason="the independent client fhirpy is not installed")
    person = place.holder("draft-fhirpy")
    config = {"verify": route.ca, "cert": route.card}
    client = fhirpy.SyncFHIRClient(route.base, authorization=f"Bearer {route.token}", requests_config=config)
    answer = client.execute("", method="post", data=bundle_of(person, b"<contenu/>"))
    assert [one["response"]["status"] for one in answer["entry"]] == ["201 Created"] * 3
    identifier = f"urn:oid:{person.oid}|{person.ins}"
    search = client.resources("DocumentReference").search(**{"patient.identifier": identifier, "status": "current"})
    with pytest.raises(fhirpy.base.exceptions.ForbiddenError):
        search.fetch()
    place.act("authorise", ins=person.ins, state="valid", holder=USER)
    (found,) = search.fetch()
    assert answer["entry"][1]["response"]["location"] == f"DocumentReference/{found['id']}"
    assert (found["type"]["coding"][0]["code"], found["content"][0]["attachment"]["title"]) == ("11488-4", "Essai")
    binary = client.execute(found["content"][0]["attachment"]["url"].removeprefix(route.base).strip("/"), method="get")
    assert base64.b64decode(binary["data"]) == b"<contenu/>"
    record = [r for r in place.records() if r.kind == "dmp.fhir.request"][-1]
    assert (record.data["token_subject"], record.data["structure"]) == (USER, "1990000002")


def test_both_routes_hold_one_registry(
    route: Route, place: Place, client: Callable[..., Client], web: requests.Session
) -> None:
    person, calling = place.holder("draft-both"), client()
    spec, cda = document_of(person)
    calling.feed(spec, cda)
    assert route.post(web, bundle_of(person, b"<autre/>")).status_code == 200
    calling.authorise(person, "AJOUT")
    listed = {one.unique_id: one for one in calling.find(person, {})}
    place.act("authorise", ins=person.ins, state="valid", holder=USER)
    identifier = f"urn:oid:{person.oid}|{person.ins}"
    found = route.get(web, "DocumentReference", **{"patient.identifier": identifier}).json()
    ids = {one["resource"]["masterIdentifier"]["value"].removeprefix("urn:oid:") for one in found["entry"]}
    assert (found["total"], ids) == (2, set(listed))
    (other,) = ids - {spec.unique_id}
    assert calling.retrieve(person, other) == b"<autre/>"
    mine = route.get(web, "DocumentReference", **{"patient.identifier": identifier, "type": "80788-3"}).json()
    (resource,) = [one["resource"] for one in mine["entry"]]
    assert route.get(web, f"Binary/{resource['id']}").content == cda
    assert resource["securityLabel"][0]["coding"][0]["code"] == "N"


def without_set(bundle: dict[str, Any]) -> None:
    del bundle["entry"][0]


def other_binary(bundle: dict[str, Any]) -> None:
    bundle["entry"][2]["fullUrl"] = "urn:uuid:9"


def no_content(bundle: dict[str, Any]) -> None:
    del bundle["entry"][1]["resource"]["content"]


def no_type(bundle: dict[str, Any]) -> None:
    del bundle["entry"][1]["resource"]["type"]


def wrong_date(bundle: dict[str, Any]) -> None:
    bundle["entry"][1]["resource"]["date"] = "hier"


def wrong_data(bundle: dict[str, Any]) -> None:
    bundle["entry"][2]["resource"]["data"] = "é"


def unwritable(bundle: dict[str, Any]) -> None:
    bundle["entry"][1]["resource"]["content"][0]["attachment"]["title"] = "a\x00"


def stranger(bundle: dict[str, Any]) -> None:
    bundle["entry"][1]["resource"]["subject"] = {"identifier": {"system": "urn:oid:1.2.3", "value": "1"}}


def twice(bundle: dict[str, Any]) -> None:
    one = bundle["entry"][1]
    one["resource"]["masterIdentifier"] = {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.1.9.9"}
    bundle["entry"].append({**one, "fullUrl": "urn:uuid:8"})


def unnamed(bundle: dict[str, Any]) -> None:
    bundle["entry"].append({name: value for name, value in bundle["entry"][1].items() if name != "fullUrl"})


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (twice, 422),
        (unnamed, 400),
        (without_set, 422),
        (other_binary, 422),
        (no_content, 422),
        (no_type, 422),
        (wrong_date, 400),
        (wrong_data, 400),
        (stranger, 422),
        (unwritable, 400),
    ],
)
def test_a_bundle_is_taken_whole_or_not_at_all(
    spoil: Callable[[dict[str, Any]], None], status: int, route: Route, place: Place, web: requests.Session
) -> None:
    person = place.holder("draft-refused")
    before, bundle = place.act("count"), copy.deepcopy(bundle_of(person))
    spoil(bundle)
    answer = route.post(web, bundle)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert place.act("count") == before


def test_a_search_says_what_it_lacks(route: Route, web: requests.Session, tmp_path: Path) -> None:
    assert route.get(web, "DocumentReference").status_code == 400
    assert (
        route.get(web, "DocumentReference", **{"patient.identifier": "urn:oid:1|2", "author": "x"}).status_code == 400
    )
    assert route.get(web, "DocumentReference", **{"patient.identifier": "urn:oid:1|2"}).status_code == 404
    assert route.get(web, "Binary/unknown").status_code == 404
    bare = web.get(f"{route.base}/DocumentReference", cert=route.card, timeout=10)
    assert bare.status_code == 401
    assert not list(tmp_path.iterdir())
