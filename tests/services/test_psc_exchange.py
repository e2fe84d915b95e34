"""The authorization server of the DMP: exchange, binding, introspection, and what the DMP makes of a token."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.reference_dui.web_client import call, exchange

from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.psc.exchange import ACCESS_TOKEN, GRANT, JWT

PERSONA = "899900000029"
CALLBACK = "https://dui.test/retour"
Pair = tuple[str, str]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exchange") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home: Path, evidence: Path) -> Iterator[Bench]:
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        yield bench


@pytest.fixture(scope="module")
def dmp(bench: Bench) -> Mapping[str, Any]:
    return bench.service("main", "dmp")


@pytest.fixture(scope="module")
def certificates(bench: Bench, dmp: Mapping[str, Any]) -> dict[str, Pair]:
    """The enrolled ones, one of the same authority that is not, and none."""
    other = bench.service("main", "insi")
    return {
        "first": (dmp["client_certificate_pem"], dmp["client_key_pem"]),
        "renewed": (dmp["renewed"]["client_certificate_pem"], dmp["renewed"]["client_key_pem"]),
        "stranger": (other["client_certificate_pem"], other["client_key_pem"]),
        "none": ("", ""),
    }


@pytest.fixture
def login(bench: Bench, web: requests.Session) -> str:
    """An access token of a professional who logged in."""
    here = bench.service("main", "psc")
    bench.act("main", "psc", "register", redirect_uris=[CALLBACK])
    bench.act("main", "psc", "persona", subject=PERSONA)
    document = web.get(here["discovery_url"], timeout=10).json()
    asked = {"response_type": "code", "client_id": here["client_id"], "redirect_uri": CALLBACK, "scope": here["scope"]}
    asked |= {"state": "s", "nonce": "n"}
    answer = web.get(document["authorization_endpoint"], params=asked, allow_redirects=False, timeout=10)
    code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    auth = (here["client_id"], here["client_secret"])
    return str(web.post(document["token_endpoint"], data=form, auth=auth, timeout=10).json()["access_token"])


@pytest.fixture
def ask(dmp: Mapping[str, Any], certificates: dict[str, Pair], login: str) -> Any:
    """Asks the authorization server under a certificate; ``None`` leaves a member of the good request out."""

    def asked(under: str = "first", where: str = "token_endpoint", **members: str | None) -> tuple[int, dict[str, Any]]:
        good = {
            "grant_type": GRANT,
            "client_id": dmp["exchange"]["client_id"],
            "subject_token": login,
            "subject_token_type": ACCESS_TOKEN,
            "scope": dmp["exchange"]["scope"],
        }
        form = {name: value for name, value in {**good, **members}.items() if value is not None}
        status, content = call(
            "POST", dmp["exchange"][where], dmp["ca_pem"], certificate=certificates[under], data=form
        )
        return status, json.loads(content)

    return asked


def thumbprint(pem: str) -> str:
    der = ssl.PEM_cert_to_DER_cert(pem)
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def test_a_token_is_exchanged_for_one_bound_to_the_certificate(ask, certificates, evidence) -> None:
    status, answer = ask()
    assert (status, answer["token_type"], answer["issued_token_type"], answer["expires_in"]) == (
        200,
        "Bearer",
        ACCESS_TOKEN,
        60,
    )
    part = answer["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["cnf"] == {"x5t#S256": thumbprint(certificates["first"][0])}
    assert claims["SubjectNameID"] == PERSONA
    record = [r for r in read_journal(evidence) if r.kind == "exchange.token"][-1]
    assert (record.data["outcome"], record.data["subject"], record.data["thumbprint"]) == (
        "ok",
        PERSONA,
        claims["cnf"]["x5t#S256"],
    )
    assert answer["access_token"] not in str(record.data)


def test_introspection_tells_the_binding_whoever_of_the_enrolled_asks(ask, certificates) -> None:
    token = ask()[1]["access_token"]
    for under in ("first", "renewed"):
        status, told = ask(under, "introspection_endpoint", token=token)
        assert (status, told["active"], told["cnf"]) == (
            200,
            True,
            {"x5t#S256": thumbprint(certificates["first"][0])},
        )
    assert ask("none", "introspection_endpoint", token=token)[1]["error"] == "invalid_client"
    assert ask(where="introspection_endpoint", token="a.b.c")[1] == {"active": False}


def test_a_client_is_known_by_its_certificate_alone(ask) -> None:
    assert ask(client_id=None)[0] == 200
    assert ask(subject_token_type=JWT)[0] == 200


@pytest.mark.parametrize("under", ["none", "stranger"])
def test_without_the_enrolled_certificate_there_is_no_token(ask, under: str) -> None:
    status, answer = ask(under)
    assert (status, answer["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "a.b.c"}, "invalid_request"),
        ({"subject_token": base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.c2ln"}, "invalid_request"),
        ({"subject_token": "A" * 70_000}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"actor_token": "a.b.c"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "tout"}, "invalid_scope"),
        ({"client_id": "un-autre"}, "invalid_client"),
    ],
)
def test_a_faulty_exchange_is_refused(ask, members: dict[str, str | None], error: str) -> None:
    status, answer = ask(**members)
    assert status in (400, 401, 413)
    assert answer["error"] == error


@pytest.mark.parametrize(
    ("kind", "under", "status", "outcome"),
    [
        ("bound", "first", 500, "ok"),
        ("bound", "renewed", 500, "other-certificate"),
        ("login", "first", 500, "login"),
        ("invented", "first", 500, "unknown"),
        ("none", "first", 500, "missing"),
    ],
)
def test_the_dmp_knows_what_a_token_is_even_of_a_message_that_does_not_read(
    ask, dmp, certificates, login, evidence, kind: str, under: str, status: int, outcome: str
) -> None:
    token = {"bound": ask()[1]["access_token"], "login": login, "invented": "a.b.c"}.get(kind)
    headers = {"Content-Type": "application/soap+xml"} | ({"Authorization": f"Bearer {token}"} if token else {})
    answered, _, _ = exchange(
        "POST",
        dmp["base_url"] + "/patients",
        dmp["ca_pem"],
        certificate=certificates[under],
        data=b"<a/>",
        headers=headers,
    )
    assert answered == status
    record = [r for r in read_journal(evidence) if r.kind == "dmp.refused"][-1]
    assert record.data["token"] == outcome
    assert (record.data["token_thumbprint"] == record.data["thumbprint"]) == (outcome == "ok")
