from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from conformance.evidence.journal import Journal, read_journal
from conformance.evidence.record import Record
from conformance.services.http import HttpServer
from conformance.services.psc.ciba import Backchannel
from conformance.services.psc.personas import DEFAULT_PERSONA, PERSONAS
from conformance.services.psc.provider import REALM, Provider
from conformance.services.psc.tokens import Lifetimes, Tokens, new_signing_key
from conformance.services.tls import TlsRecorder

from .conftest import Serve

CIBA = "urn:openid:params:grant-type:ciba"


@pytest.fixture(scope="session")
def signing_key() -> RSAKey:
    return new_signing_key()


@pytest.fixture
def provider(serve: Serve, recorder: TlsRecorder, journal: Journal, signing_key: RSAKey) -> Provider:
    server = HttpServer(context=recorder.context(service="psc", lane="main", names=()))
    tokens = Tokens(server.url() + REALM, "dui-main", signing_key)
    provider = Provider(server.url(), "a secret: 100%", tokens, journal, "main")
    serve(server, provider.app())
    return provider


@pytest.fixture
def post(provider: Provider, web: requests.Session) -> Any:
    def send(path: str, expected: int = 200, **form: str) -> dict[str, Any]:
        credentials = {"client_id": "dui-main", "client_secret": provider.client_secret}
        response = web.post(provider.url(path), data=credentials | form, timeout=10)
        assert response.status_code == expected, response.text
        assert response.headers["cache-control"] == "no-store"
        return response.json()  # type: ignore[no-any-return]

    return send


def exchanges(journal: Journal, kind: str) -> list[Record]:
    return [record for record in read_journal(journal.folder) if record.kind == kind]


def test_personas_are_fictitious_professionals_with_a_valid_key() -> None:
    for identifier in PERSONAS:
        digits = [int(c) for c in reversed(identifier[1:])]
        doubled = [d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)]
        # An RPPS with its prefix, or an ADELI of no department.
        assert (identifier[:4], len(digits)) in {("8999", 11), ("0969", 9)}
        assert sum(doubled) % 10 == 0


def test_both_discovery_documents_lead_to_every_endpoint(
    provider: Provider, web: requests.Session, journal: Journal
) -> None:
    known = f"{provider.base}{REALM}/.well-known/"
    documents = [web.get(known + n, timeout=10).json() for n in ("wallet-openid-configuration", "openid-configuration")]
    assert documents[0] == documents[1]
    assert documents[0]["issuer"] == provider.base + REALM
    keys = web.get(documents[0]["jwks_uri"], timeout=10).json()["keys"]
    assert [set(key) & {"d", "p", "q"} for key in keys] == [set()]
    paths = [record.data["path"].rsplit("/", 1)[1] for record in exchanges(journal, "psc.jwks")]
    assert paths == ["wallet-openid-configuration", "openid-configuration", "certs"]


def test_a_refresh_token_gives_a_signed_access_token_of_two_minutes(
    provider: Provider, post: Any, web: requests.Session, journal: Journal
) -> None:
    refresh = provider.tokens.mint_refresh_token(DEFAULT_PERSONA)
    answer = post("token", grant_type="refresh_token", refresh_token=refresh)
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 120)
    keys = KeySet.import_key_set(web.get(provider.url("certs"), timeout=10).json())
    claims = jwt.decode(answer["access_token"], keys, algorithms=["RS256"]).claims
    assert claims["SubjectNameID"] == DEFAULT_PERSONA
    assert claims["exp"] - claims["iat"] == 120
    facts = provider.tokens.verify(answer["access_token"])
    assert facts.active
    assert (facts.subject, facts.client_id, facts.expires_at) == (DEFAULT_PERSONA, "dui-main", claims["exp"])
    (record,) = exchanges(journal, "psc.token")
    assert dict(record.data) == {
        "grant_type": "refresh_token",
        "client_id": "dui-main",
        "outcome": "ok",
        "error": None,
        "subject": DEFAULT_PERSONA,
        "token_id": claims["jti"],
        "expires_in": 120,
    }
    told = "".join(path.read_text() for path in (journal.folder / "journal").iterdir())
    assert answer["access_token"] not in told
    assert refresh not in told
    assert provider.client_secret not in told


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "nobody's"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"refresh_token": "x"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "client_id": "dui-other"}, 401, "invalid_client"),
        ({"grant_type": CIBA, "auth_req_id": "nobody's"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "padding": "x" * 70_000}, 413, "invalid_request"),
    ],
)
def test_refusals_are_those_of_rfc_6749_and_recorded(
    post: Any, journal: Journal, form: dict[str, str], status: int, error: str
) -> None:
    answer = post("token", status, **form)
    assert answer["error"] == error
    assert answer["error_description"].isascii()
    (record,) = exchanges(journal, "psc.token")
    assert (record.data["outcome"], record.data["error"], record.data["token_id"]) == ("refused", error, None)


def test_basic_authentication_is_read_and_challenged(provider: Provider, web: requests.Session) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": provider.tokens.mint_refresh_token(DEFAULT_PERSONA)}
    url = provider.url("token")
    # RFC 6749 §2.3.1: identifier and secret are form-encoded before they are put in the header.
    encoded = ("dui-main", requests.utils.quote(provider.client_secret, safe=""))
    assert web.post(url, data=form, auth=encoded, timeout=10).status_code == 200
    wrong = web.post(url, data=form, auth=("dui-main", "wrong"), timeout=10)
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, 'Basic realm="psc"')
    both = web.post(url, data=form | {"client_secret": provider.client_secret}, auth=encoded, timeout=10)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    garbled = web.post(url, data=form, headers={"Authorization": "Basic ???"}, timeout=10)
    assert garbled.status_code == 401


@pytest.mark.parametrize("body", ["grant_type=a&grant_type=b", "&".join(f"p{n}=1" for n in range(60)), "a=%ff"])
def test_a_form_that_is_not_one_is_refused(provider: Provider, web: requests.Session, body: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = web.post(provider.url("token"), data=body, headers=form, timeout=10)
    assert (answer.status_code, answer.json()["error"]) in {(400, "invalid_request"), (401, "invalid_client")}
    other = web.post(provider.url("token"), json={"grant_type": "refresh_token"}, timeout=10)
    assert other.json()["error"] == "invalid_request"


def test_an_access_token_really_expires(provider: Provider, post: Any, journal: Journal) -> None:
    provider.tokens.lifetimes = Lifetimes(access=1)
    refresh = provider.tokens.mint_refresh_token(DEFAULT_PERSONA)
    token = post("token", grant_type="refresh_token", refresh_token=refresh)["access_token"]
    facts = provider.tokens.verify(token)
    while time.time() < facts.expires_at:
        time.sleep(0.05)
    dead = provider.tokens.verify(token)
    assert (dead.active, dead.reason, dead.token_id) == (False, "expired", facts.token_id)
    assert post("token/introspect", token=token) == {"active": False}
    assert [r.data["active"] for r in exchanges(journal, "psc.introspection")] == [False]


def test_a_refresh_token_dies_of_idleness_and_of_age(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = provider.tokens
    start = time.time()
    now = [start]
    monkeypatch.setattr("conformance.services.psc.tokens.time.time", lambda: now[0])
    idle = tokens.mint_refresh_token(DEFAULT_PERSONA)
    now[0] = start + 30 * 60 + 1
    assert tokens.login(idle) is None
    used = tokens.mint_refresh_token(DEFAULT_PERSONA)
    for minutes in range(25, 4 * 60, 25):
        now[0] = start + 30 * 60 + 1 + minutes * 60
        assert tokens.login(used), minutes
    now[0] = start + 30 * 60 + 1 + 4 * 3600
    assert tokens.login(used) is None


def test_introspection_tells_the_facts_of_a_living_token(provider: Provider, post: Any) -> None:
    login = provider.tokens.login(provider.tokens.mint_refresh_token(DEFAULT_PERSONA))
    assert login
    access = provider.tokens.mint_access_token(login)
    told = post("token/introspect", token=access.text)
    assert told["active"] is True
    assert (told["jti"], told["typ"], told["azp"]) == (access.token_id, "Bearer", "dui-main")
    assert post("token/introspect", 401, token=access.text, client_secret="wrong")["error"] == "invalid_client"


def test_tokens_of_others_are_told_apart(provider: Provider, signing_key: RSAKey) -> None:
    tokens = provider.tokens
    login = tokens.login(tokens.mint_refresh_token(DEFAULT_PERSONA))
    assert login
    elsewhere = Tokens(tokens.issuer, "dui-other", signing_key).mint_access_token(login).text
    assert tokens.verify(elsewhere).reason == "unknown"
    forged = Tokens(tokens.issuer, "dui-main", new_signing_key()).mint_access_token(login).text
    assert tokens.verify(forged).reason == "bad-signature"
    for junk in ("", "a.b", "a.b.c", "x" * 10_000 + "..", "é.é.é"):
        assert not tokens.verify(junk).active
    good = tokens.mint_access_token(login).text
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert tokens.verify(f"{unsigned}.{good.split('.')[1]}.").reason == "bad-signature"
    assert tokens.verify(good).active
    assert tokens.verify(good[:-6] + "AAAAAA").reason == "bad-signature"


def test_ciba_gives_tokens_once_the_person_has_approved(provider: Provider, post: Any, journal: Journal) -> None:
    asked = {"login_hint": DEFAULT_PERSONA, "acr_values": "eidas1", "binding_message": "4321"}
    opened = post("ext/ciba/auth", scope="openid scope_all", **asked)
    assert (opened["expires_in"], opened["interval"]) == (120, 5)
    tokens = post("token", grant_type=CIBA, auth_req_id=opened["auth_req_id"])
    identity = jwt.decode(tokens["id_token"], provider.tokens.key, algorithms=["RS256"]).claims
    assert (identity["aud"], identity["acr"]) == ("dui-main", "eidas1")
    assert provider.tokens.verify(tokens["access_token"]).subject == DEFAULT_PERSONA
    post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert post("token", 400, grant_type=CIBA, auth_req_id=opened["auth_req_id"])["error"] == "invalid_grant"
    (record,) = exchanges(journal, "psc.ciba")
    assert {name: record.data[name] for name in asked} == asked
    assert (record.data["outcome"], record.data["auth_req_id"]) == ("ok", opened["auth_req_id"])


def test_ciba_makes_a_client_wait(provider: Provider, post: Any) -> None:
    provider.backchannel = Backchannel(delay=60, interval=0)
    opened = post("ext/ciba/auth", scope="openid", login_hint=DEFAULT_PERSONA)
    poll = {"grant_type": CIBA, "auth_req_id": opened["auth_req_id"]}
    assert post("token", 400, **poll)["error"] == "authorization_pending"
    provider.backchannel.interval = 60
    assert post("token", 400, **poll)["error"] == "slow_down"
    pending = provider.backchannel._pending[opened["auth_req_id"]]
    provider.backchannel._pending[opened["auth_req_id"]] = replace(pending, expires_at=time.monotonic())
    assert post("token", 400, **poll)["error"] == "expired_token"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "openid", "login_hint": "899700000000"}, "unknown_user_id"),
        ({"scope": "profile", "login_hint": DEFAULT_PERSONA}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_request"),
    ],
)
def test_ciba_refusals(post: Any, journal: Journal, form: dict[str, str], error: str) -> None:
    assert post("ext/ciba/auth", 400, **form)["error"] == error
    (record,) = exchanges(journal, "psc.ciba")
    assert (record.data["outcome"], record.data["error"]) == ("refused", error)


def test_what_has_ended_is_not_kept_for_ever(signing_key: RSAKey) -> None:
    tokens = Tokens("https://localhost/psc", "dui-main", signing_key, Lifetimes(access=-10, refresh=0, session=0))
    for _ in range(3000):
        refresh = tokens.mint_refresh_token(DEFAULT_PERSONA)
        if len(tokens._logins) % 100 == 0:
            tokens.mint_access_token(tokens._logins[refresh])
    assert (len(tokens._logins) <= 1001, len(tokens._sessions) <= 1001, len(tokens._minted)) == (True, True, 1)


def test_ending_one_log_in_ends_its_tokens_and_no_other(signing_key: RSAKey) -> None:
    tokens = Tokens("https://localhost/psc", "dui-main", signing_key)
    first, second = (tokens.mint_refresh_token(DEFAULT_PERSONA) for _ in range(2))
    mine, other = ([tokens.mint_access_token(tokens._logins[r]).text for _ in range(3)] for r in (first, second))
    hint = tokens.mint_id_token(tokens._logins[first])
    assert tokens.end_session(hint) == (DEFAULT_PERSONA, 1)
    assert [tokens.verify(text).reason for text in mine] == ["login-ended"] * 3
    assert all(tokens.verify(text).active for text in other)
    assert tokens.end_session(hint) == (DEFAULT_PERSONA, 0)
