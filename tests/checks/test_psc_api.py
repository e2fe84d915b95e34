"""Calls in the name of who is logged in, and the signatures that a product makes, on journals played by hand."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from conformance.checks.subjects.signatures import signed_by
from tests.checks.journals import Play

USER, INS = "899900000029", "299097500000123"


class Api(Play):
    """A window in which a product exchanges tokens and calls the DMP."""

    def wanted(self):
        return self.bench("expectation", name="psc-call", matricule=INS, user=USER, marks=(INS,))

    def exchanges(self, *, certificate="CN=dmp", error=None, subject_token="active", actor=b""):
        return self.wire(
            "dmp.as", "exchange.token", certificate=certificate, error=error, subject_token=subject_token,
            outcome="refused" if error else "ok", subject=USER, blobs={"actor": actor} if actor else None,
        )  # fmt: skip

    def calls(self, token="ok", *, under="a", bound="a", subject=USER, user=USER):
        return self.wire(
            "dmp", "dmp.search" if token == "ok" else "dmp.refused", token=token, thumbprint=under,
            token_thumbprint=bound, token_subject=subject, user=user, patient=INS, outcome="ok", marks=(INS,),
            content_type="application/soap+xml", blobs={"request": b"<a/>", "anchor": b"-"},
        )  # fmt: skip


@pytest.fixture
def api(tmp_path):
    return Api(tmp_path)


def test_an_exchange_under_a_certificate_passes(api) -> None:
    api.exchanges()
    assert api.codes("psc.exchange") == []
    assert len(api.subjects("psc.exchange")) == 1


def test_an_exchange_without_certificate_fails(api) -> None:
    api.exchanges(certificate=None, error="invalid_client")
    assert api.codes("psc.exchange") == ["psc.exchange.no-certificate"]


@pytest.mark.parametrize(("state", "codes"), [("expired", []), ("bad-signature", ["psc.exchange.refused"])])
def test_a_token_that_had_expired_is_ordinary_and_another_is_not(api, state, codes) -> None:
    api.exchanges(error="invalid_request", subject_token=state)
    assert api.codes("psc.exchange") == codes


def test_a_bound_token_passes_and_each_other_fails(api) -> None:
    api.wanted()
    for token in ("ok", "missing", "login", "unknown"):
        api.calls(token)
    assert api.codes("psc.bound-token") == [f"psc.bound-token.{name}" for name in ("missing", "login", "unknown")]


def test_a_token_said_good_under_another_certificate_fails(api) -> None:
    api.wanted()
    api.calls("ok", under="b", bound="a")
    assert api.codes("psc.bound-token") == ["psc.bound-token.other-certificate"]


@pytest.mark.parametrize("token", ["expired", "other-certificate"])
def test_a_token_that_is_replaced_at_once_is_ordinary(api, token) -> None:
    api.wanted()
    api.calls(token, under="b", bound="a")
    api.calls("ok", under="b", bound="b")
    assert api.codes("psc.bound-token") == []


def test_a_good_call_under_the_former_certificate_mends_nothing(api) -> None:
    api.wanted()
    api.calls("other-certificate", under="b", bound="a")
    api.calls("ok", under="a", bound="a")
    assert api.codes("psc.bound-token") == ["psc.bound-token.other-certificate"]


def test_no_call_in_a_settled_window_fails(api) -> None:
    api.wanted()
    assert api.codes("psc.bound-token") == ["psc.bound-token.silent"]


def test_no_call_in_a_window_that_was_stopped_concludes_nothing(api) -> None:
    api.wanted()
    api.hinder()
    assert api.subjects("psc.bound-token") == []


def test_token_and_vihf_must_name_who_is_logged_in(api) -> None:
    api.wanted()
    api.calls(subject="8999", user="8998")
    assert api.codes("psc.api-user") == ["psc.api-user.token", "psc.api-user.vihf"]


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ({"alg": "RS256"}, []),
        ({"alg": "ES384"}, []),
        ({"alg": "none"}, []),
        ({"alg": "RS1"}, ["signatures.algorithms.weak"]),
        ({"alg": ["RS256"]}, ["signatures.algorithms.weak"]),
        ({"alg": "RS256", "jwk": {"kty": "RSA", "n": "_" * 100}}, ["signatures.algorithms.short"]),
        ({"alg": "RS256", "x5c": ["no certificate"]}, []),
    ],
)
def test_a_token_that_the_product_signs_is_judged_by_its_header(api, header, codes) -> None:
    api.exchanges(actor=part(header) + b".e30.c2ln")
    assert api.codes("signatures.algorithms") == codes


@pytest.mark.parametrize("actor", [b"...", b"[" * 9000, b"e30", "é".encode()])
def test_what_is_no_token_makes_no_subject(api, actor) -> None:
    api.exchanges(actor=actor)
    assert api.subjects("signatures.algorithms") == []


@pytest.mark.parametrize(
    ("key", "told"),
    [(rsa.generate_private_key(65537, 2048), ("RSA", 2048)), (ec.generate_private_key(ec.SECP192R1()), ("EC", 192))],
)
def test_the_key_of_a_certificate_in_the_header_is_measured(key, told) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    der = made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    assert signed_by(part({"alg": "RS256", "x5c": [base64.b64encode(der).decode()]}) + b".e30.c2ln") == ("RS256", *told)


def test_a_header_that_tells_no_key_has_none() -> None:
    assert signed_by(part({"alg": "HS256"}) + b"..") == ("HS256", "", 0)
    assert signed_by(part({"alg": "none"}) + b"..") is None
