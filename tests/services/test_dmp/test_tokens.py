"""The DMP called with bound tokens by the reference DUI's client: taken, or refused with 401 for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from conformance._bundled.reference_dui.dmp import requests, wire
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.faults import MailFault
from conformance._bundled.reference_dui.sins import Sins
from cryptography import x509

from conformance.services.psc.bound import thumbprint

from .conftest import Place

ACTION = "urn:hl7-org:v3:PRPA_IN201307UV02"


def asked(place: Place, bearer: str, **other: Any) -> str:
    """TD0.2 with a bearer token; the state of the record that it answers."""
    person, link = place.holder("token"), place.link(**other)
    signed = assertion(link, person, Sins())
    answer = wire.call(link, "patients", ACTION, signed, requests.test_of_existence(person), sins=Sins(), bearer=bearer)
    return requests.read_test(answer.body)[0]


@pytest.fixture
def bound(place: Place) -> Any:
    """Mints tokens bound to the certificate in use, or to another."""
    service = place.run(place.host.lanes["main"].service("dmp"))

    def mint(pem: str = "", life: int = 60) -> str:
        certificate = x509.load_pem_x509_certificate((pem or place.link().client_certificate_pem).encode())
        tokens = service._exchange.tokens
        tokens.life = life
        return str(tokens.mint("899900000011", "dmp", "client", thumbprint(certificate))[0])

    return mint


def test_a_bound_token_is_taken_and_recorded(place: Place, bound: Any) -> None:
    assert asked(place, bound()) == "open"
    record = place.records()[-1]
    assert (record.data["token"], record.data["token_subject"]) == ("ok", "899900000011")
    assert record.data["token_thumbprint"] == record.data["thumbprint"]


@pytest.mark.parametrize("kind", ["other-certificate", "expired", "unknown", "missing"])
def test_what_is_wrong_with_a_token_is_refused_beside_a_good_one(place: Place, bound: Any, kind: str) -> None:
    renewed = place.endpoints()["renewed"]
    bearer = {
        "other-certificate": lambda: bound(renewed["client_certificate_pem"]),
        "expired": lambda: bound(life=0),
        "unknown": lambda: "a.b.c",
        "missing": lambda: "",
    }[kind]()
    place.act("tokens", needed=True)
    try:
        assert asked(place, bound()) == "open"
        with pytest.raises(MailFault):
            asked(place, bearer)
    finally:
        place.act("clear")
    record = place.records()[-1]
    assert (record.kind, record.data["status"], record.data["token"]) == ("dmp.refused", 401, kind)
    assert asked(place, "") == "open"
