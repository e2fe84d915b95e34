"""A relying party of others (npm ``openid-client``) logs in, renews, polls and logs out, and refuses each forged answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.services.client import Bench
from conformance.services.pki import Pki
from conformance.services.psc.malice import MALICE
from tests.node import NodePeer, has, reason

from .conftest import CALLBACK, PERSONA

pytestmark = pytest.mark.skipif(not has("openid-client"), reason=reason("openid-client"))

SCRIPT = Path(__file__).parent / "peer" / "relying_party.js"


@pytest.fixture(scope="module", params=[False, True], ids=["basic", "post"])
def party(request: pytest.FixtureRequest, bench: Bench, pki: Pki) -> Iterator[NodePeer]:
    told = {"task": "begin", **bench.service("main", "psc"), "redirect_uri": CALLBACK, "post": request.param}
    with NodePeer(SCRIPT, told, pki.ca_file) as peer:
        assert peer.ready == {"issuer": told["issuer"]}
        yield peer


@pytest.fixture
def malicious(bench: Bench) -> Iterator[None]:
    yield
    bench.act("main", "psc", "malicious", malice="")


def test_it_logs_in_renews_and_logs_out(party: NodePeer) -> None:
    assert party.ask(task="whole") == {
        "subject": PERSONA,
        "userinfo": PERSONA,
        "lives": 120,
        "other": True,
        "active": True,
        "back": f"{CALLBACK}?state=out",
        "after": "invalid_grant",
    }


def test_it_gets_tokens_by_polling(party: NodePeer) -> None:
    assert party.ask(task="ciba", login_hint=PERSONA) == {"subject": PERSONA, "expires": 120, "interval": 5}


def test_it_hears_that_a_person_is_unknown(party: NodePeer) -> None:
    assert party.ask(task="ciba", login_hint="899900000099")["error"] == "unknown_user_id"


@pytest.mark.parametrize(
    ("extra", "error"), [({"scope": "scope_all"}, "invalid_scope"), ({"nonce": ""}, "invalid_request")]
)
def test_it_hears_what_was_wrong_with_its_request(party: NodePeer, extra: dict[str, str], error: str) -> None:
    assert party.ask(task="log-in", extra=extra)["error"] == error


@pytest.mark.usefixtures("malicious")
@pytest.mark.parametrize("malice", sorted(MALICE))
def test_it_refuses_each_forged_answer_between_two_good_ones(bench: Bench, party: NodePeer, malice: str) -> None:
    good = {"subject": PERSONA}
    assert party.ask(task="log-in") == good
    bench.act("main", "psc", "malicious", malice=malice)
    answer = party.ask(task="log-in")
    assert answer["refused"].startswith("OAUTH_"), answer
    bench.act("main", "psc", "malicious", malice="")
    assert party.ask(task="log-in") == good


@pytest.mark.usefixtures("malicious")
def test_as_it_comes_it_lets_a_forged_signature_in(bench: Bench, pki: Pki) -> None:
    """What the forged answers of the bench find in a product that uses the library without its setting."""
    told = {"task": "begin", **bench.service("main", "psc"), "redirect_uri": CALLBACK, "unverified": True}
    let_in = set()
    with NodePeer(SCRIPT, told, pki.ca_file) as peer:
        for malice in MALICE:
            bench.act("main", "psc", "malicious", malice=malice)
            if peer.ask(task="log-in") == {"subject": PERSONA}:
                let_in.add(malice)
    assert let_in == {"bad-signature"}
