"""Requests with one fault each, and where a stock provider and Pro Santé Connect as it is played here answer differently.

A request is a good one with members changed; ``None`` leaves a member out. The differences are explained in
``docs/services/psc.md``.
"""

from __future__ import annotations

from collections.abc import Mapping

VERIFIER = "v" * 64
CALLBACK = "https://dui.test/retour"
Change = Mapping[str, str | None]

AUTHORIZATION: Mapping[str, Change] = {
    "good": {},
    "unknown client": {"client_id": "un-autre"},
    "no client": {"client_id": None},
    "wrong redirection": {"redirect_uri": "https://dui.test/ailleurs"},
    "redirection with a query": {"redirect_uri": f"{CALLBACK}?a=1"},
    "redirection with a fragment": {"redirect_uri": f"{CALLBACK}#a"},
    "no redirection": {"redirect_uri": None},
    "no response type": {"response_type": None},
    "implicit flow": {"response_type": "token"},
    "unknown response type": {"response_type": "autre"},
    "unknown response mode": {"response_mode": "autre"},
    "fragment response mode": {"response_mode": "fragment"},
    "no scope": {"scope": None},
    "scope without openid": {"scope": "scope_all"},
    "unknown scope beside": {"scope": "openid tout"},
    "no nonce": {"nonce": None},
    "empty nonce": {"nonce": ""},
    "no state": {"state": None},
    "prompt none": {"prompt": "none"},
    "unknown prompt": {"prompt": "autre"},
    "prompt none and login": {"prompt": "none login"},
    "prompt login": {"prompt": "login"},
    "plain challenge": {"code_challenge_method": "plain", "code_challenge": VERIFIER},
    "unknown challenge method": {"code_challenge_method": "S512"},
    "challenge without method": {"code_challenge_method": None},
    "method without challenge": {"code_challenge": None},
    "short challenge": {"code_challenge": "abc"},
    "challenge of other letters": {"code_challenge": "é" * 43},
    "no PKCE": {"code_challenge": None, "code_challenge_method": None},
    "request object": {"request": "a.b.c"},
    "request object by address": {"request_uri": "https://dui.test/demande"},
    "registration": {"registration": "{}"},
    "max_age not a number": {"max_age": "abc"},
    "negative max_age": {"max_age": "-1"},
    "wrong hint": {"id_token_hint": "a.b.c"},
    "other level": {"acr_values": "autre"},
    "unknown parameter": {"inconnu": "x"},
}

TOKEN: Mapping[str, tuple[Change, str]] = {
    "good": ({}, "good"),
    "wrong secret": ({}, "secret"),
    "unknown client": ({}, "client"),
    "no authentication": ({}, "none"),
    "two authentications": ({"client_id": "dui-main", "client_secret": "x"}, "good"),
    "same client_id beside": ({"client_id": "dui-main"}, "good"),
    "other client_id beside": ({"client_id": "un-autre"}, "good"),
    "assertion beside": ({"client_assertion": "a.b.c"}, "good"),
    "assertion alone": (
        {
            "client_assertion": "a.b.c",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        },
        "none",
    ),
    "no grant": ({"grant_type": None}, "good"),
    "password grant": ({"grant_type": "password"}, "good"),
    "no code": ({"code": None}, "good"),
    "empty code": ({"code": ""}, "good"),
    "unknown code": ({"code": "abc"}, "good"),
    "wrong redirection": ({"redirect_uri": f"{CALLBACK}x"}, "good"),
    "no redirection": ({"redirect_uri": None}, "good"),
    "no verifier": ({"code_verifier": None}, "good"),
    "wrong verifier": ({"code_verifier": "w" * 64}, "good"),
    "short verifier": ({"code_verifier": "w"}, "good"),
    "verifier of other letters": ({"code_verifier": "é" * 50}, "good"),
}

# Request -> what is answered here, what the stock provider answers.
DIFFERENCES: Mapping[str, tuple[str, str]] = {
    # Nobody is sent back, so that no registered code goes anywhere: only the wording of the page differs.
    "authorization: unknown client": ("page 400 invalid_request", "page 400 invalid_client"),
    "authorization: wrong redirection": ("page 400 invalid_request", "page 400 invalid_redirect_uri"),
    "authorization: redirection with a query": ("page 400 invalid_request", "page 400 invalid_redirect_uri"),
    "authorization: redirection with a fragment": ("page 400 invalid_request", "page 400 invalid_redirect_uri"),
    "authorization: no redirection": ("page 400 invalid_request", "code"),
    "authorization: unknown response mode": ("back invalid_request", "back unsupported_response_mode"),
    "authorization: fragment response mode": ("back invalid_request", "code"),
    "authorization: no scope": ("back invalid_scope", "back invalid_request"),
    "authorization: scope without openid": ("back invalid_scope", "back invalid_request"),
    "authorization: no nonce": ("back invalid_request", "code"),
    "authorization: empty nonce": ("back invalid_request", "code"),
    "authorization: no state": ("back invalid_request", "code"),
    "authorization: wrong hint": ("code", "back invalid_request"),
    "authorization: unknown parameter twice": ("page 400 invalid_request", "code"),
    "authorization: parameter twice": ("page 400 invalid_request", "back invalid_request"),
    "token: no authentication": ("401 invalid_client", "400 invalid_request"),
    "token: assertion alone": ("401 invalid_client", "400 invalid_request"),
    "token: no redirection": ("400 invalid_grant", "200 ok"),
    "userinfo: other scheme": ("401 invalid_token", "400 invalid_request"),
}
