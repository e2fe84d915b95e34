"""A stock provider of others (npm ``oidc-provider``) beside ours: same answers to a table of requests, same product."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
import requests
from conformance._bundled.reference_dui.application import build
from conformance._bundled.reference_dui.faults import Fault

from conformance.services.client import Bench
from conformance.services.pki import Pki
from tests.node import NodePeer, has, reason

from .conftest import CALLBACK, PERSONA
from .faulty import AUTHORIZATION, DIFFERENCES, TOKEN, VERIFIER

pytestmark = pytest.mark.skipif(not has("oidc-provider"), reason=reason("oidc-provider"))

SCRIPT = Path(__file__).parent / "peer" / "oracle.js"
PAGE = Path(__file__).parents[3] / "docs" / "services" / "psc.md"
OURS, ORACLE = "ours", "oracle"
MAX_STEPS = 10


class Side:
    """One provider as a browser and a client meet it."""

    def __init__(self, settings: Mapping[str, Any], ca: Path) -> None:
        self.settings = settings
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.verify = str(ca)
        self.document = self.web.get(settings["discovery_url"], timeout=10).json()

    def good(self) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        return {
            "response_type": "code",
            "client_id": self.settings["client_id"],
            "redirect_uri": CALLBACK,
            "scope": "openid scope_all",
            "state": "s",
            "nonce": "n",
            "acr_values": "eidas1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }

    def browse(self, url: str) -> tuple[str, str]:
        """A new browser follows an address: what came of it in words, and the address that it was sent back to."""
        self.web.cookies.clear()
        for _ in range(MAX_STEPS):
            answer = self.web.get(url, allow_redirects=False, timeout=10)
            url = urljoin(url, answer.headers.get("Location", ""))
            if not answer.is_redirect:
                return f"page {answer.status_code} {answer.json().get('error')}", ""
            if url.startswith(CALLBACK):
                parts = urlsplit(url)
                found = parse_qs(parts.query or parts.fragment)
                return ("code" if "code" in found else f"back {found['error'][0]}"), url
        raise AssertionError(url)

    def authorize(self, *more: tuple[str, str], **changes: str | None) -> tuple[str, str]:
        asked = {name: value for name, value in {**self.good(), **changes}.items() if value is not None}
        told, back = self.browse(f"{self.document['authorization_endpoint']}?{urlencode([*asked.items(), *more])}")
        return told, parse_qs(urlsplit(back).query).get("code", [""])[0]

    def redeem(self, code: str, auth: str = "good", /, **changes: str | None) -> tuple[str, dict[str, Any]]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token({**form, **changes}, auth)

    def token(self, form: Mapping[str, str | None], auth: str = "good") -> tuple[str, dict[str, Any]]:
        client, secret = self.settings["client_id"], self.settings["client_secret"]
        how = {"good": (client, secret), "none": None, "secret": (client, "faux"), "client": ("un-autre", secret)}[auth]
        told = {name: value for name, value in form.items() if value is not None}
        answer = self.web.post(self.document["token_endpoint"], data=told, auth=how, timeout=10)
        return f"{answer.status_code} {answer.json().get('error', 'ok')}", answer.json()

    def logged_in(self, **changes: str | None) -> dict[str, Any]:
        told, tokens = self.redeem(self.authorize(**changes)[1], code_verifier=None if changes else VERIFIER)
        assert told == "200 ok"
        return tokens

    def userinfo(self, authorization: str) -> str:
        headers = {"Authorization": authorization} if authorization else {}
        answer = self.web.get(self.document["userinfo_endpoint"], headers=headers, timeout=10)
        return f"{answer.status_code} {answer.json().get('error', 'ok')}"

    def introspect(self, token: str | None) -> str:
        form = {} if token is None else {"token": token}
        auth = (self.settings["client_id"], self.settings["client_secret"])
        answer = self.web.post(self.document["introspection_endpoint"], data=form, auth=auth, timeout=10)
        return f"{answer.status_code} {answer.json().get('active', answer.json().get('error'))}"


@pytest.fixture(scope="module")
def oracle(bench: Bench, pki: Pki) -> Iterator[NodePeer]:
    here, leaf = bench.service("main", "psc"), pki.server(())
    told = {
        "client_id": here["client_id"],
        "client_secret": here["client_secret"],
        "redirect_uris": [CALLBACK],
        "auth_method": "client_secret_basic",
        "persona": PERSONA,
        "key": leaf.key_pem,
        "certificate": leaf.certificate_pem,
    }
    with NodePeer(SCRIPT, told) as peer:
        yield peer


@pytest.fixture(scope="module")
def sides(bench: Bench, oracle: NodePeer, pki: Pki) -> dict[str, Side]:
    here = bench.service("main", "psc")
    theirs = {**here, **{name: oracle.ready[name] for name in ("issuer", "discovery_url")}}
    return {OURS: Side(here, pki.ca_file), ORACLE: Side(theirs, pki.ca_file)}


def agree(name: str, told: Mapping[str, str]) -> None:
    """Both answer alike, or as the table of differences says, which the documentation explains."""
    ours, theirs = DIFFERENCES.get(name, (told[ORACLE], told[ORACLE]))
    assert told == {OURS: ours, ORACLE: theirs}, name


@pytest.mark.parametrize("name", AUTHORIZATION)
def test_an_authorization_request_is_answered_alike(sides: dict[str, Side], name: str) -> None:
    told = {side: at.authorize(**AUTHORIZATION[name])[0] for side, at in sides.items()}
    agree(f"authorization: {name}", told)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("parameter twice", [("scope", "openid")]),
        ("unknown parameter twice", [("inconnu", "a"), ("inconnu", "b")]),
    ],
)
def test_a_repeated_parameter_is_answered_alike(sides: dict[str, Side], name: str, more: list[tuple[str, str]]) -> None:
    agree(f"authorization: {name}", {side: at.authorize(*more)[0] for side, at in sides.items()})


@pytest.mark.parametrize("name", TOKEN)
def test_a_token_request_is_answered_alike(sides: dict[str, Side], name: str) -> None:
    changes, auth = TOKEN[name]
    told = {side: at.redeem(at.authorize()[1], auth, **changes)[0] for side, at in sides.items()}
    agree(f"token: {name}", told)


def test_a_verifier_without_challenge_is_refused_alike(sides: dict[str, Side]) -> None:
    bare: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    assert {at.redeem(at.authorize(**bare)[1])[0] for at in sides.values()} == {"400 invalid_grant"}
    assert {at.redeem(at.authorize(**bare)[1], code_verifier=None)[0] for at in sides.values()} == {"200 ok"}


def test_a_code_that_comes_again_ends_what_it_gave_alike(sides: dict[str, Side]) -> None:
    for at in sides.values():
        code = at.authorize()[1]
        first, tokens = at.redeem(code)
        bearer = f"Bearer {tokens['access_token']}"
        assert (first, at.userinfo(bearer)) == ("200 ok", "200 ok")
        assert at.redeem(code)[0] == "400 invalid_grant"
        renewed = at.token({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
        assert (renewed[0], at.userinfo(bearer)) == ("400 invalid_grant", "401 invalid_token")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "200 ok"),
        ({"scope": "openid"}, "200 ok"),
        ({"scope": "openid scope_all tout"}, "400 invalid_scope"),
        ({"refresh_token": "inconnu"}, "400 invalid_grant"),
        ({"refresh_token": None}, "400 invalid_request"),
    ],
)
def test_a_renewal_is_answered_alike(sides: dict[str, Side], changes: dict[str, str | None], told: str) -> None:
    for at in sides.values():
        good = {"grant_type": "refresh_token", "refresh_token": at.logged_in()["refresh_token"]}
        assert at.token({**good, **changes})[0] == told


def test_introspection_is_answered_alike(sides: dict[str, Side]) -> None:
    for at in sides.values():
        tokens = at.logged_in()
        told = [at.introspect(token) for token in (tokens["access_token"], tokens["refresh_token"], "inconnu", None)]
        assert told == ["200 True", "200 True", "200 False", "400 invalid_request"]


@pytest.mark.parametrize(
    ("name", "authorization"), [("no token", ""), ("wrong token", "Bearer a.b.c"), ("other scheme", "Basic YQ==")]
)
def test_userinfo_is_answered_alike(sides: dict[str, Side], name: str, authorization: str) -> None:
    agree(f"userinfo: {name}", {side: at.userinfo(authorization) for side, at in sides.items()})


def test_every_difference_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in DIFFERENCES if name.partition(": ")[2] not in page] == []


# --- the product ------------------------------------------------------------------------------------------------


@pytest.fixture(params=[OURS, ORACLE])
def product(request: pytest.FixtureRequest, sides: dict[str, Side], pki: Pki, tmp_path: Path) -> Iterator[Any]:
    """The reference DUI's log-in set up on one of the two providers, and a browser there."""
    dui = build(tmp_path / "dui")
    dui.connections.keep("psc", {**sides[request.param].settings, "ca_pem": pki.ca_pem})
    dui.logins.link("compte", PERSONA)
    yield dui.logins, sides[request.param]
    dui.store.close()


def came_back(product: Any, browser: str = "b") -> tuple[Any, dict[str, str]]:
    logins, at = product
    told, back = at.browse(logins.begin(browser, CALLBACK))
    assert told == "code"
    return logins, {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def test_the_product_lets_in_who_it_knows_and_renews_their_tokens(product: Any) -> None:
    logins, answer = came_back(product)
    assert logins.finish("b", answer["state"], answer["code"], CALLBACK) == "compte"
    session = logins.sessions.of("compte")
    before = session.access_token
    session.until = 0.0
    renewed = logins.sessions.of("compte")
    assert renewed.access_token not in ("", before)
    assert renewed.identifier == PERSONA


def test_the_product_refuses_a_code_that_served(product: Any) -> None:
    logins, first = came_back(product)
    logins.finish("b", first["state"], first["code"], CALLBACK)
    _, second = came_back(product)
    with pytest.raises(Fault):
        logins.finish("b", second["state"], first["code"], CALLBACK)


@pytest.mark.parametrize("kind", ["other state", "other browser", "other code", "stranger"])
def test_the_product_refuses_what_is_not_for_it_beside_a_good_log_in(product: Any, kind: str) -> None:
    logins, answer = came_back(product)
    assert logins.finish("b", answer["state"], answer["code"], CALLBACK) == "compte"
    _, answer = came_back(product)
    browser = "autre" if kind == "other browser" else "b"
    if kind == "stranger":
        logins._store.run("DELETE FROM identities")
    state = "autre" if kind == "other state" else answer["state"]
    code = "autre" if kind == "other code" else answer["code"]
    with pytest.raises(Fault):
        logins.finish(browser, state, code, CALLBACK)
