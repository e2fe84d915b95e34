"""The browser's part of Pro Santé Connect, met by Authlib as a relying party of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.psc.malice import MALICE

authlib = pytest.importorskip("authlib", reason="Authlib is not installed")

CALLBACK = "https://dui.test/retour"
PERSONA = "899900000029"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("psc") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home: Path, evidence: Path) -> Iterator[Bench]:
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        bench.act("main", "psc", "register", redirect_uris=[CALLBACK])
        yield bench


@pytest.fixture
def here(bench: Bench) -> dict[str, Any]:
    bench.act("main", "psc", "persona", subject=PERSONA)
    bench.act("main", "psc", "malicious", malice="")
    return bench.service("main", "psc")


class RelyingParty:
    """A small client made of Authlib's parts: what a product with that library does."""

    def __init__(self, settings: dict[str, Any], web: requests.Session) -> None:
        from authlib.integrations.requests_client import OAuth2Session

        self.settings = settings
        self.web = web
        self.document = web.get(settings["discovery_url"], timeout=10).json()
        self.session = OAuth2Session(
            settings["client_id"],
            settings["client_secret"],
            scope=settings["scope"],
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
        )
        self.session.trust_env = False
        self.session.verify = web.verify
        self.verifier = "v" * 64

    def ask(self, **extra: str) -> tuple[requests.Response, str]:
        url, state = self.session.create_authorization_url(
            self.document["authorization_endpoint"],
            code_verifier=self.verifier,
            **{"nonce": "n-1", "acr_values": "eidas1", **extra},
        )
        return self.web.get(url, allow_redirects=False, timeout=10), state

    def log_in(self) -> dict[str, Any]:
        answer, state = self.ask()
        token: dict[str, Any] = self.session.fetch_token(
            self.document["token_endpoint"],
            authorization_response=answer.headers["Location"],
            state=state,
            code_verifier=self.verifier,
        )
        return token

    def claims(self, id_token: str) -> Any:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.jwk import KeySet

        keys = KeySet.import_key_set(self.web.get(self.document["jwks_uri"], timeout=10).json())
        token = jwt.decode(id_token, keys, algorithms=["RS256"])
        options = {"iss": {"value": self.settings["issuer"]}, "aud": {"value": self.settings["client_id"]}}
        claims = CodeIDToken(token.claims, token.header, options, {"nonce": "n-1"})
        claims.validate()
        return claims


@pytest.fixture
def party(here: dict[str, Any], web: requests.Session) -> RelyingParty:
    return RelyingParty(here, web)


def test_authlib_logs_in_reads_userinfo_and_logs_out(party: RelyingParty, web: requests.Session) -> None:
    token = party.log_in()
    assert party.claims(token["id_token"])["SubjectNameID"] == PERSONA
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    told = web.get(party.document["userinfo_endpoint"], headers=bearer, timeout=10).json()
    assert [a["numeroFinessSite"] for a in told["SubjectRefPro"]["exercices"][0]["activities"]] == [
        "960000019",
        "960000027",
    ]
    asked = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": CALLBACK, "state": "s"}
    out = web.get(party.document["end_session_endpoint"], params=asked, allow_redirects=False, timeout=10)
    assert out.headers["Location"] == f"{CALLBACK}?state=s"
    assert web.get(party.document["userinfo_endpoint"], headers=bearer, timeout=10).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    auth = (party.settings["client_id"], party.settings["client_secret"])
    assert (
        web.post(party.document["token_endpoint"], data=form, auth=auth, timeout=10).json()["error"] == "invalid_grant"
    )


@pytest.mark.parametrize("malice", sorted(MALICE))
def test_authlib_refuses_each_forged_answer(bench: Bench, party: RelyingParty, malice: str) -> None:
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    assert party.claims(party.log_in()["id_token"])
    bench.act("main", "psc", "malicious", malice=malice)
    with pytest.raises((AuthlibBaseError, JoseError, ValueError)):
        party.claims(party.log_in()["id_token"])


def test_a_code_serves_once_with_its_verifier(party: RelyingParty, web: requests.Session) -> None:
    def redeemed(verifier: str, code: str) -> str | None:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
        auth = (party.settings["client_id"], party.settings["client_secret"])
        answer = web.post(party.document["token_endpoint"], data=form, auth=auth, timeout=10).json()
        return answer.get("error")

    def code() -> str:
        return parse_qs(urlsplit(party.ask()[0].headers["Location"]).query)["code"][0]

    assert redeemed("w" * 64, code()) == "invalid_grant"
    good = code()
    assert redeemed(party.verifier, good) is None
    assert redeemed(party.verifier, good) == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"nonce": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_wrong_request_goes_back_with_its_error(party: RelyingParty, changed: dict[str, str], error: str) -> None:
    asked = {
        "response_type": "code",
        "client_id": party.settings["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "openid scope_all",
        "state": "s",
        "nonce": "n",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
        **changed,
    }
    answer = party.web.get(party.document["authorization_endpoint"], params=asked, allow_redirects=False, timeout=10)
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"error": [error], "state": ["s"]}


@pytest.mark.parametrize(
    "changed", [{"client_id": "x"}, {"redirect_uri": CALLBACK + "/"}, {"redirect_uri": "https://evil.test"}]
)
def test_an_unregistered_address_is_never_gone_to(party: RelyingParty, changed: dict[str, str]) -> None:
    asked = {"response_type": "code", "client_id": party.settings["client_id"], "redirect_uri": CALLBACK, **changed}
    answer = party.web.get(party.document["authorization_endpoint"], params=asked, allow_redirects=False, timeout=10)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_a_person_chooses_on_the_page(bench: Bench, party: RelyingParty, web: requests.Session) -> None:
    bench.act("main", "psc", "persona", subject="")
    page, _ = party.ask()
    assert page.status_code == 200
    handle = page.text.partition('name="handle" value="')[2].partition('"')[0]
    login = party.document["authorization_endpoint"].removesuffix("/auth") + "/login"
    form = {"handle": handle, "persona": PERSONA}
    answer = web.post(login, data=form, allow_redirects=False, timeout=10)
    assert answer.headers["Location"].startswith(CALLBACK)
    assert web.post(login, data=form, allow_redirects=False, timeout=10).status_code == 400


def test_another_provider_stands_beside(here: dict[str, Any], web: requests.Session) -> None:
    other = RelyingParty(here["other"], web)
    assert other.document["issuer"] != here["issuer"]
    assert other.claims(other.log_in()["id_token"])["iss"] == here["other"]["issuer"]


def test_unknown_personas_and_malice_are_cards(bench: Bench) -> None:
    for action, members in (
        ("persona", {"subject": "8"}),
        ("malicious", {"malice": "x"}),
        ("register", {"redirect_uris": 3}),
    ):
        with pytest.raises(UsageError):
            bench.act("main", "psc", action, **members)


def test_no_secret_is_written_down(evidence: Path, here: dict[str, Any], party: RelyingParty) -> None:
    token = party.log_in()
    written = "\n".join(record.to_line() for record in read_journal(evidence))
    assert '"psc.authorization"' in written
    for secret in (here["client_secret"], token["access_token"], token["refresh_token"], token["id_token"]):
        assert secret not in written
