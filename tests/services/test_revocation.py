"""The CRL and the OCSP responder of a lane."""

from __future__ import annotations

import base64

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from conformance.evidence.journal import read_journal
from conformance.services.http import HttpServer
from conformance.services.mssante import leaf
from conformance.services.revocation import Publication

DOMAIN = "main.mssante.test"


@pytest.fixture
def publication(pki, journal, serve):
    server = HttpServer()
    made = Publication("main", server.url("127.0.0.1"), pki.authority, journal)
    serve(server, made.app())
    return made


@pytest.fixture
def leaves(publication, pki):
    paths = (leaf.make(kind, publication, pki, f"{kind}.{DOMAIN}") for kind in ("good", "revoked"))
    return [x509.load_pem_x509_certificate(path.read_bytes()) for path in paths]


def ask(publication, certificate, *, method="POST", nonce=b""):
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, publication.authority.certificate, hashes.SHA256())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    der = builder.build().public_bytes(serialization.Encoding.DER)
    with requests.Session() as web:
        web.trust_env = False
        if method == "POST":
            return web.post(publication.ocsp_url, data=der, timeout=10)
        path = requests.utils.quote(base64.b64encode(der).decode(), safe="")
        return web.get(f"{publication.ocsp_url}/{path}", timeout=10)


def fetch(url):
    with requests.Session() as web:
        web.trust_env = False
        return web.get(url, timeout=10)


def test_a_certificate_says_where_its_revocation_is(publication, leaves):
    points = leaves[0].extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value == publication.crl_url(f"good.{DOMAIN}")
    access = leaves[0].extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert access[0].access_location.value == publication.ocsp_url


def test_the_list_is_signed_current_and_names_the_revoked_one(publication, leaves):
    crl = x509.load_der_x509_crl(fetch(publication.crl_url(DOMAIN)).content)
    assert crl.is_signature_valid(publication.authority.certificate.public_key())
    assert crl.last_update_utc < crl.next_update_utc
    found = [crl.get_revoked_certificate_by_serial_number(c.serial_number) for c in leaves]
    assert found[0] is None
    assert found[1] is not None


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_responder_tells_good_from_revoked(publication, leaves, method):
    told = [ocsp.load_der_ocsp_response(ask(publication, c, method=method).content) for c in leaves]
    assert [t.certificate_status for t in told] == [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED]
    for answer in told:
        publication.authority.certificate.public_key().verify(
            answer.signature, answer.tbs_response_bytes, *_pkcs1(answer)
        )


def _pkcs1(answer):
    from cryptography.hazmat.primitives.asymmetric import padding

    return padding.PKCS1v15(), answer.signature_hash_algorithm


def test_a_nonce_comes_back(publication, leaves):
    answer = ocsp.load_der_ocsp_response(ask(publication, leaves[0], nonce=b"0123456789abcdef").content)
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"0123456789abcdef"


@pytest.mark.parametrize("body", [b"", b"\x30\x00", b"not der", b"\xff" * 100])
def test_what_is_no_request_is_told_malformed(publication, body):
    with requests.Session() as web:
        web.trust_env = False
        answer = web.post(publication.ocsp_url, data=body, timeout=10)
        assert ocsp.load_der_ocsp_response(answer.content).response_status.name == "MALFORMED_REQUEST"
        assert web.post(publication.ocsp_url, data=b"x" * 20_000, timeout=10).status_code == 413
        assert web.get(f"{publication.ocsp_url}/!!!", timeout=10).status_code == 200


def test_a_silent_domain_is_silent_alone_and_all_is_recorded(publication, leaves, journal):
    publication.silent.add(f"good.{DOMAIN}")
    assert fetch(publication.crl_url(f"good.{DOMAIN}")).status_code == 503
    assert ask(publication, leaves[0]).status_code == 503
    assert ask(publication, leaves[1]).status_code == 200
    records = [r for r in read_journal(journal.folder) if r.service == "pki"]
    assert [(r.kind, r.data["domain"], r.data["status"]) for r in records] == [
        ("pki.crl", f"good.{DOMAIN}", 503),
        ("pki.ocsp", f"good.{DOMAIN}", 503),
        ("pki.ocsp", f"revoked.{DOMAIN}", 200),
    ]
    assert records[2].data["answer"] == "revoked"
    assert records[2].marks == (f"revoked.{DOMAIN}",)


def test_revocation_holds_for_openssl(publication, leaves, pki, tmp_path):
    import subprocess

    crl = x509.load_der_x509_crl(fetch(publication.crl_url(DOMAIN)).content)
    (tmp_path / "crl.pem").write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    for certificate, good in zip(leaves, (True, False), strict=True):
        path = tmp_path / "leaf.pem"
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        command = ["openssl", "verify", "-crl_check", "-CAfile", pki.ca_file, "-CRLfile", tmp_path / "crl.pem", path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert (done.returncode == 0) is good, done.stderr
