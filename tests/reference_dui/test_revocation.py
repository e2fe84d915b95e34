"""Revocation in the reference DUI: the list is fetched, verified, kept while it lasts, and obeyed."""

from datetime import UTC, datetime, timedelta

import pytest
from conformance._bundled.reference_dui import revocation
from conformance._bundled.reference_dui.faults import MailFault
from conformance._bundled.reference_dui.revocation import Revocations
from conformance._bundled.reference_dui.sins import Sins
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from conformance.services import certificates

URL = "http://127.0.0.1:9/crl/x.crl"


@pytest.fixture(scope="module")
def authority():
    return certificates.make_root()


@pytest.fixture(scope="module")
def leaf(authority):
    subject = certificates.server_subject("mail.x.test")
    made = authority.sign(subject, usage=certificates.SERVER_USAGE, names=["mail.x.test"], crl_url=URL)
    return x509.load_pem_x509_certificate(made.certificate_pem.encode())


def crl(authority, *revoked, life=timedelta(hours=1)):
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=authority.certificate.subject, last_update=now - timedelta(days=2), next_update=now + life
    )
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder(serial_number=certificate.serial_number, revocation_date=now)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.fixture
def published(monkeypatch):
    """What the address answers: a list of answers, the last one repeated; an exception is a failure."""
    answers = []

    def fetch(url):
        assert url == URL
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(revocation, "_fetch", fetch)
    monkeypatch.setattr(revocation, "FRESH", 0.0)
    return answers


def check(revocations, leaf, authority):
    revocations.check(leaf.public_bytes(serialization.Encoding.DER), certificates.pem(authority.certificate))


def test_a_revoked_certificate_is_refused_and_another_is_not(published, leaf, authority):
    published += [crl(authority), crl(authority, leaf)]
    revocations = Revocations(Sins())
    check(revocations, leaf, authority)
    with pytest.raises(MailFault) as caught:
        check(revocations, leaf, authority)
    assert caught.value.code == "refdui.fault.revoked"


def test_the_last_list_gets_through_a_failure(published, leaf, authority):
    published += [crl(authority), ConnectionRefusedError(), ValueError("503")]
    revocations = Revocations(Sins())
    for _ in range(3):
        check(revocations, leaf, authority)


def test_a_kept_list_still_tells_what_is_revoked(published, leaf, authority):
    published += [crl(authority, leaf), ConnectionRefusedError()]
    revocations = Revocations(Sins())
    for _ in range(2):
        with pytest.raises(MailFault, match="révoqué"):
            check(revocations, leaf, authority)


@pytest.mark.parametrize("answer", ["none", "forged", "noise", "outdated"])
def test_without_a_good_list_the_server_is_left(published, leaf, authority, answer):
    lists = {
        "none": ConnectionRefusedError(),
        "forged": crl(certificates.make_root()),
        "noise": b"not a list",
        "outdated": crl(authority, life=timedelta(days=-1)),
    }
    published.append(lists[answer])
    with pytest.raises(MailFault) as caught:
        check(Revocations(Sins()), leaf, authority)
    assert caught.value.code == "refdui.fault.no-revocation-list"


def test_a_list_is_not_asked_again_while_it_is_fresh(published, leaf, authority, monkeypatch):
    monkeypatch.setattr(revocation, "FRESH", 60.0)
    published += [crl(authority), AssertionError("asked again")]
    revocations = Revocations(Sins())
    check(revocations, leaf, authority)
    check(revocations, leaf, authority)


def test_a_certificate_without_an_address_is_taken_as_it_is(published, authority):
    assert published == []
    made = authority.sign(certificates.server_subject("y.test"), usage=certificates.SERVER_USAGE, names=["y.test"])
    check(Revocations(Sins()), x509.load_pem_x509_certificate(made.certificate_pem.encode()), authority)


@pytest.mark.parametrize(
    ("sin", "outcome"), [("forgets-the-revocation-list", True), ("never-asks-for-revocation", False)]
)
def test_the_defects_forget_or_never_ask(published, leaf, authority, sin, outcome):
    published += [crl(authority), ConnectionRefusedError()] if outcome else [AssertionError("asked")]
    revocations = Revocations(Sins([sin]))
    check(revocations, leaf, authority)
    if outcome:
        with pytest.raises(MailFault):
            check(revocations, leaf, authority)
