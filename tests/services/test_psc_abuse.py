"""Forged tokens, request objects and assertions, huge, deep or repeated: always a bounded, clean OAuth error, never a way in."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from conformance._bundled.reference_dui.psc.identity import claims_of
from conformance._bundled.reference_dui.psc.provider import LoginFault
from conformance._bundled.reference_dui.sins import Sins
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from conformance.evidence.journal import Journal
from conformance.services.http import HttpServer
from conformance.services.psc.bound import BoundTokens
from conformance.services.psc.personas import DEFAULT_PERSONA
from conformance.services.psc.provider import REALM, Provider
from conformance.services.psc.tokens import MAX_TOKEN, Lifetimes, Tokens, new_signing_key
from conformance.services.tls import TlsRecorder

from .conftest import Serve

CALLBACK = "https://dui.test/retour"
# The longest answer to a faulty request, in bytes.
MAX_ANSWER = 2048
# Bytes that a header line or a query may hold beside the rest (h11 takes 64 KiB of head).
MAX_HEAD = 8000
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

KEY = new_signing_key()
# Long enough for the whole suite: what is refused here is not refused for its age.
TOKENS = Tokens("https://localhost/psc", "dui-main", KEY, lifetimes=Lifetimes(access=7200))
BOUND = BoundTokens("https://localhost/as", TOKENS)
LOGIN = TOKENS.login(TOKENS.mint_refresh_token(DEFAULT_PERSONA))
assert LOGIN
GOOD = TOKENS.mint_access_token(LOGIN)
CLAIMS = json.loads(base64.urlsafe_b64decode(GOOD.text.split(".")[1] + "=="))


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hmac_by(secret: bytes, header: dict[str, Any], claims: object = CLAIMS) -> str:
    """Authenticated with something that everybody knows, as a verifier that trusts ``alg`` would accept."""
    signed = f"{part(header)}.{part(claims)}"
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[header["alg"]]
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), digest))}"


PUBLIC = (
    KEY.as_pem(private=False),
    KEY.as_pem(private=False).strip(),
    KEY.as_der(private=False),
    json.dumps(KEY.as_dict(private=False)).encode(),
    b"",
)
OTHER = RSAKey.generate_key(2048)


def signed_by_another(header: dict[str, Any]) -> str:
    """RS256 by a key of the forger's, which the header offers."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    signed = f"{part(header)}.{part(CLAIMS)}"
    mark: bytes = OTHER.get_op_key("sign").sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{part(mark)}"


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
members = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc", "cty"]), anything
)
algorithms = st.sampled_from(["none", "None", "NONE", "", "HS256", "RS1", "RS256", "PS256", "ES256", "dir", "A128KW"])
headers = st.builds(lambda more, alg: {**more, "alg": alg}, members, algorithms)
deep = st.sampled_from(["[" * 3000, '{"a":' * 1000, "[" * 500 + "]" * 500]).map(lambda text: part(text.encode()))
raw = st.binary(max_size=60).map(part)
pieces = st.one_of(headers.map(part), anything.map(part), deep, raw, st.text(max_size=20))
forged = st.one_of(
    st.builds(lambda header: f"{part(header)}.{part(CLAIMS)}.", headers),
    st.builds(lambda a, b, c: f"{a}.{b}.{c}", pieces, pieces, raw),
    st.builds(
        lambda secret, alg, more: hmac_by(secret, {**more, "alg": alg}),
        st.sampled_from(PUBLIC),
        st.sampled_from(["HS256", "HS384", "HS512"]),
        members,
    ),
    st.builds(lambda more: signed_by_another({**more, "alg": "RS256", "jwk": OTHER.as_dict(private=False)}), members),
    st.lists(pieces, max_size=7).map(".".join),
    st.sampled_from([GOOD.text[:-4] + "AAAA", GOOD.text + ".", GOOD.text + "A" * MAX_TOKEN, f" {GOOD.text} x"]),
    st.text(max_size=200),
)


def test_the_good_token_that_is_forged_here_is_good() -> None:
    assert TOKENS.verify(GOOD.text).active


@settings(max_examples=400, deadline=None)
@given(forged)
@example(part(b"[" * 5000) + ".e30.")
@example(hmac_by(PUBLIC[0], {"alg": "HS256", "kid": KEY.kid}))
@example(f"{part({'alg': 'none'})}.{part(CLAIMS)}.")
def test_a_forged_token_is_never_active_and_never_breaks_a_reader(token: str) -> None:
    facts, claims = TOKENS.introspect(token)
    assert (facts.active, claims) == (False, {})
    assert facts.reason in ("malformed", "bad-signature")
    assert TOKENS.end_session(token) == (None, 0)
    found, claims = BOUND.read(token, "x")
    assert (found.outcome in ("unknown", "missing"), claims) == (True, {})


@settings(max_examples=200, deadline=None)
@given(forged)
@example(part(b"[" * 5000) + ".e30.")
def test_a_product_that_verifies_lets_no_forged_identity_in(token: str) -> None:
    keys = {"keys": [KEY.as_dict(private=False)]}
    with pytest.raises(LoginFault):
        claims_of(token, keys, issuer=TOKENS.issuer, audience="dui-main", nonce="n", sins=Sins())


# --- the endpoints ----------------------------------------------------------------------------------------------


@pytest.fixture
def provider(serve: Serve, recorder: TlsRecorder, journal: Journal) -> Provider:
    server = HttpServer(context=recorder.context(service="psc", lane="main", names=()))
    provider = Provider(server.url(), "secret", Tokens(server.url() + REALM, "dui-main", KEY), journal, "main")
    provider.authorizations.redirect_uris = {CALLBACK}
    serve(server, provider.app())
    return provider


def clean(answer: requests.Response, *allowed: int) -> dict[str, Any]:
    """A bounded answer in JSON, with a registered error and no word of the server's inside."""
    assert answer.status_code in allowed, answer.text[:300]
    assert len(answer.content) < MAX_ANSWER
    assert "Traceback" not in answer.text
    told: dict[str, Any] = answer.json()
    assert set(told) <= {"error", "error_description", "active"}
    return told


def head(token: str) -> str:
    """What a header can carry of a token."""
    return "".join(c for c in token if " " < c < "\x7f")[:MAX_HEAD]


@QUICK
@given(forged)
def test_endpoints_answer_a_forged_token_cleanly(provider: Provider, web: requests.Session, token: str) -> None:
    client = {"client_id": "dui-main", "client_secret": "secret"}
    asked = web.post(provider.url("token/introspect"), data={**client, "token": token}, timeout=10)
    told = clean(asked, 200, 400)
    assert told == {"active": False} if asked.status_code == 200 else told["error"] == "invalid_request"
    for form in (
        {"grant_type": "refresh_token", "refresh_token": token},
        {"grant_type": "authorization_code", "code": token, "redirect_uri": CALLBACK},
        {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": token},
    ):
        assert clean(web.post(provider.url("token"), data={**client, **form}, timeout=10), 400)["error"] in (
            "invalid_grant",
            "invalid_request",
        )
    bearer = {"Authorization": f"Bearer {head(token)}"}
    assert clean(web.get(provider.url("userinfo"), headers=bearer, timeout=10), 401)["error"] == "invalid_token"


@QUICK
@given(forged)
def test_an_assertion_proves_no_client(provider: Provider, web: requests.Session, token: str) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "x",
        "client_assertion": token,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    for more, status, error in (
        ({}, 401, "invalid_client"),
        ({"client_id": "dui-main"}, 401, "invalid_client"),
        ({"client_id": "dui-main", "client_secret": "secret"}, 400, "invalid_request"),
    ):
        assert clean(web.post(provider.url("token"), data={**form, **more}, timeout=10), status)["error"] == error


@QUICK
@given(forged.filter(bool))
def test_a_request_object_is_refused_whatever_it_holds(provider: Provider, web: requests.Session, token: str) -> None:
    asked = {
        "response_type": "code",
        "client_id": "dui-main",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "s",
        "nonce": "n",
    }
    for name in ("request", "request_uri"):
        answer = web.post(
            provider.url("auth"), data={**asked, name: token[:MAX_HEAD]}, allow_redirects=False, timeout=10
        )
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert (answer.status_code, back) == (302, {"error": [f"{name}_not_supported"], "state": ["s"]})
    hinted = web.post(provider.url("logout"), data={"id_token_hint": token[:MAX_HEAD]}, timeout=10)
    assert (hinted.status_code, "Traceback" in hinted.text) == (200, False)


fields = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=60)
ENDPOINTS = ("token", "token/introspect", "ext/ciba/auth", "auth", "login", "logout")


@QUICK
@given(
    path=st.sampled_from(ENDPOINTS),
    form=fields,
    known=st.lists(
        st.tuples(
            st.sampled_from(["grant_type", "client_id", "state", "prompt", "scope", "max_age"]), st.text(max_size=9)
        ),
        max_size=4,
    ),
)
@example(path="auth", form=[("a", "\x00")], known=[("client_id", "dui-main"), ("client_id", "dui-main")])
@example(path="login", form=[("handle", "é"), ("handle", "é")], known=[])
def test_any_form_gets_an_answer_and_no_failure(
    provider: Provider, web: requests.Session, path: str, form: list[tuple[str, str]], known: list[tuple[str, str]]
) -> None:
    answer = web.post(provider.url(path), data=[*form, *known], allow_redirects=False, timeout=10)
    # Log-out without a hint is a page that says so.
    assert answer.status_code in ((200, 400) if path == "logout" else (400, 401))
    assert len(answer.content) < MAX_ANSWER


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"a=1&a=2", (400, 401)),
        (b"&".join(b"a%d=1" % n for n in range(60)), (400, 401)),
        (b"a=\xff\xfe", (400, 401)),
        (b"a=" + b"1" * 70_000, (413,)),
    ],
    ids=["repeated", "too many", "not UTF-8", "too large"],
)
def test_a_form_that_is_none_is_told(
    provider: Provider, web: requests.Session, path: str, body: bytes, statuses: tuple[int, ...]
) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = web.post(provider.url(path), data=body, headers=kind, timeout=10)
    assert answer.status_code in statuses
    assert len(answer.content) < MAX_ANSWER


@pytest.mark.parametrize("query", ["a=1&a=2", "scope=openid&scope=openid"])
@pytest.mark.parametrize("path", ["auth", "logout"])
def test_a_query_that_repeats_itself_is_told(provider: Provider, web: requests.Session, path: str, query: str) -> None:
    answer = web.get(f"{provider.url(path)}?{query}", allow_redirects=False, timeout=10)
    assert clean(answer, 400)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "credentials", ["Basic", "Basic !", "Basic YQ==", "Basic /w==", "Bearer x", "Basic " + "A" * 8000]
)
def test_credentials_that_are_none_are_told(provider: Provider, web: requests.Session, credentials: str) -> None:
    answer = web.post(
        provider.url("token"), data={"grant_type": "x"}, headers={"Authorization": credentials}, timeout=10
    )
    assert clean(answer, 401)["error"] == "invalid_client"
