"""How the reference DUI keeps the provider's tokens and exchanges them: one bound token for each account and certificate."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from conformance._bundled.reference_dui.dmp.link import Link
from conformance._bundled.reference_dui.faults import MailFault
from conformance._bundled.reference_dui.psc import exchange as module
from conformance._bundled.reference_dui.psc.exchange import Exchanges
from conformance._bundled.reference_dui.psc.provider import Granted
from conformance._bundled.reference_dui.psc.sessions import Sessions
from conformance._bundled.reference_dui.sins import Sins

from conformance.services import certificates

NOW = 120.0


class Provider:
    """Renews a session, and counts how often."""

    def __init__(self) -> None:
        self.renewed: list[str] = []

    def renew(self, refresh_token: str) -> Granted:
        self.renewed.append(refresh_token)
        return Granted(f"access-{len(self.renewed)}", f"refresh-{len(self.renewed)}", "", NOW)


@pytest.fixture(scope="module")
def link() -> Link:
    subject = certificates.organisation("dmp-signature", "1990000002")
    signer = certificates.make_root().sign(subject, usage=certificates.SIGNATURE_USAGE)
    settings = dict.fromkeys(("web_url", "repository_id", "ca_pem"), "-")
    exchange = {"token_endpoint": "https://localhost/as/token", "client_id": "c", "scope": "dmp"}
    return Link.of(
        {
            **settings,
            "base_url": "https://localhost/dmp",
            "structure": "1990000002",
            "user": {"identifier": "8", "name": "A", "first_name": "B"},
            "client_certificate_pem": "first",
            "client_key_pem": "key",
            "signing_certificate_pem": signer.certificate_pem,
            "signing_key_pem": signer.key_pem,
            "exchange": exchange,
        }
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the authorization server was asked; it answers with a token that says how many there were."""
    seen: list[dict[str, Any]] = []

    def call(_: str, url: str, __: str, *, certificate: tuple[str, str], data: dict[str, str]) -> tuple[int, bytes]:
        seen.append({**data, "url": url, "certificate": certificate[0]})
        if not certificate[0]:
            return 401, b'{"error": "invalid_client"}'
        return 200, json.dumps({"access_token": f"bound-{len(seen)}", "expires_in": 60}).encode()

    monkeypatch.setattr(module, "call", call)
    return seen


def made(*defects: str, life: float = NOW) -> tuple[Exchanges, Provider]:
    provider = Provider()
    sessions = Sessions(provider)  # type: ignore[arg-type]
    sessions.begin("compte", "899900000029", "N", "P", Granted("access-0", "refresh-0", "id", life))
    return Exchanges(sessions, Sins(defects)), provider


def test_a_bound_token_serves_until_it_is_old_under_its_certificate_only(link, asked) -> None:
    exchanges, _ = made()
    assert [exchanges.bearer("compte", link) for _ in range(2)] == ["bound-1", "bound-1"]
    other = replace(link, client_certificate_pem="second")
    assert [exchanges.bearer("compte", other), exchanges.bearer("compte", link)] == ["bound-2", "bound-1"]
    assert [one["certificate"] for one in asked] == ["first", "second"]
    assert {one["subject_token"] for one in asked} == {"access-0"}
    assert asked[0]["subject_token_type"] == module.ACCESS_TOKEN
    assert asked[0]["actor_token"].count(".") == 2


def test_another_authorization_server_gets_its_own_exchange(link, asked) -> None:
    exchanges, _ = made()
    exchanges.bearer("compte", link)
    elsewhere = {**link.exchange, "token_endpoint": "https://localhost/other/token"}
    assert exchanges.bearer("compte", replace(link, exchange=elsewhere)) == "bound-2"
    assert [one["url"] for one in asked] == [link.exchange["token_endpoint"], elsewhere["token_endpoint"]]


def test_a_person_s_token_is_renewed_before_it_dies(link, asked) -> None:
    exchanges, provider = made(life=1.0)
    exchanges.bearer("compte", link)
    assert (provider.renewed, asked[0]["subject_token"]) == (["refresh-0"], "access-1")


def test_nobody_logged_in_and_a_refusal_are_told(link, asked, monkeypatch) -> None:
    exchanges, _ = made()
    with pytest.raises(MailFault):
        exchanges.bearer("personne", link)
    exchanges.sessions.end("compte")
    with pytest.raises(MailFault):
        exchanges.bearer("compte", link)
    assert asked == []
    for status, content in ((400, b"{}"), (200, b"[" * 5000), (200, b"{}")):
        monkeypatch.setattr(module, "call", lambda *_, s=status, c=content, **__: (s, c))
        with pytest.raises(MailFault):
            made()[0].bearer("compte", link)


@pytest.mark.parametrize(
    ("defect", "bearers", "certificates_shown"),
    [
        ("presents-the-login-token-to-the-api", ["access-0", "access-0"], []),
        ("keeps-a-token-past-its-certificate", ["bound-1", "bound-1"], ["first"]),
        ("exchanges-without-its-certificate-first", ["bound-2", "bound-4"], ["", "first", "", "second"]),
    ],
)
def test_each_defect_does_what_it_says(link, asked, defect, bearers, certificates_shown) -> None:
    exchanges, _ = made(defect)
    other = replace(link, client_certificate_pem="second")
    assert [exchanges.bearer("compte", link), exchanges.bearer("compte", other)] == bearers
    assert [one["certificate"] for one in asked] == certificates_shown
