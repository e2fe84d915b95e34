from __future__ import annotations

import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from conformance.core.errors import SetupError
from conformance.core.home import home_folder
from conformance.services import certificates
from conformance.services.certificates import Identity
from conformance.services.ffdhe import ffdhe2048_prime
from conformance.services.pki import PASSPHRASE, Pki


def shows(identity: Identity, name: str, pki: Pki, folder: Path) -> None:
    """Handshake through memory with a client that trusts the root and expects ``name``; raises what it raises."""
    path = folder / "server.pem"
    path.write_text("".join(identity))
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(path)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_context = ssl.create_default_context(cadata=pki.ca_pem)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for end in (client, server, client, server):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", ["smtp.main.mssante.test", "localhost", "127.0.0.1"])
def test_a_server_certificate_serves_its_names_and_loopback(pki: Pki, tmp_path: Path, name: str) -> None:
    shows(pki.server(["smtp.main.mssante.test"]), name, pki, tmp_path)


@pytest.mark.parametrize("name", ["mail.example.com", "test.example.com", "faketest", "10.0.0.1"])
def test_the_root_cannot_certify_the_outside(pki: Pki, tmp_path: Path, name: str) -> None:
    subject = certificates.server_subject("outside")
    stolen = pki.issue(subject, usage=certificates.SERVER_USAGE, names=[name])
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shows(stolen, name, pki, tmp_path)


def test_an_expired_certificate_is_really_expired(pki: Pki, tmp_path: Path) -> None:
    start = datetime.now(UTC) - timedelta(days=2)
    subject = certificates.server_subject("old")
    leaf = pki.issue(
        subject, usage=certificates.SERVER_USAGE, names=["old.test"], not_before=start, life=timedelta(days=1)
    )
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        shows(leaf, "old.test", pki, tmp_path)


def test_a_stranger_is_not_trusted(pki: Pki, tmp_path: Path) -> None:
    subject = certificates.server_subject("smtp.main.test")
    leaf = pki.stranger().sign(subject, usage=certificates.SERVER_USAGE, names=["smtp.main.test"])
    with pytest.raises(ssl.SSLCertVerificationError):
        shows(leaf, "smtp.main.test", pki, tmp_path)


def test_the_chain_is_strictly_valid_and_says_that_it_is_simulated(pki: Pki) -> None:
    root = pki.authority.certificate
    name = root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert "SIMULEE" in name
    assert "IGC" not in name
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(pki.ca_file)]
    subprocess.run([*command, str(pki.server_file(["a.test"]))], check=True, capture_output=True)


def test_a_client_certificate_has_the_shape_of_an_organisation(pki: Pki) -> None:
    leaf = x509.load_pem_x509_certificate(pki.client("app@main.test", "1990000002").certificate_pem.encode())
    shape = [attribute.oid for attribute in leaf.subject]
    assert shape == [
        NameOID.COUNTRY_NAME,
        NameOID.STATE_OR_PROVINCE_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
    ]
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [certificates.CLIENT_USAGE]


def test_keys_are_private_and_kept(tmp_path: Path) -> None:
    pki = Pki.open(tmp_path / "pki")
    first = pki.server(["a.test"])
    again = Pki.open(tmp_path / "pki")
    assert again.ca_pem == pki.ca_pem
    assert again.server(["a.test"]) == first
    assert again.server(["b.test"]) != first
    assert stat.S_IMODE((tmp_path / "pki").stat().st_mode) == 0o700
    files = [path for path in (tmp_path / "pki").rglob("*.pem") if "PRIVATE KEY" in path.read_text()]
    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_passphrase_protects_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "une phrase")
    pki = Pki.open(tmp_path)
    assert "ENCRYPTED" in (tmp_path / "root-key.pem").read_text()
    assert Pki.open(tmp_path).ca_pem == pki.ca_pem
    for wrong in ("", "une autre"):
        monkeypatch.setenv(PASSPHRASE, wrong)
        with pytest.raises(SetupError, match=r"services\.pki\.locked"):
            Pki.open(tmp_path)


def test_names_beside_test_are_permitted_at_the_making_only(tmp_path: Path) -> None:
    pki = Pki.open(tmp_path, permitted=["bench.example", "192.0.2.0/24"])
    shows(pki.server(["dui.bench.example"]), "dui.bench.example", pki, tmp_path)
    Pki.open(tmp_path, permitted=["bench.example"])
    with pytest.raises(SetupError, match=r"other\.example"):
        Pki.open(tmp_path, permitted=["other.example"])


def test_an_unreadable_root_is_told(tmp_path: Path) -> None:
    Pki.open(tmp_path)
    (tmp_path / "root.pem").write_text("garbage")
    with pytest.raises(SetupError, match=r"services\.pki\.unreadable"):
        Pki.open(tmp_path)


def test_the_group_is_a_safe_prime_of_2048_bits_as_published() -> None:
    prime = ffdhe2048_prime()
    assert prime.bit_length() == 2048
    # First and last words as printed in RFC 7919, A.1; and Fermat's test on both p and (p-1)/2.
    assert f"{prime:X}".startswith("FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1")
    assert f"{prime:X}".endswith("886B423861285C97FFFFFFFFFFFFFFFF")
    assert pow(3, prime - 1, prime) == 1
    assert pow(3, prime // 2 - 1, prime // 2) == 1


def test_state_lives_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path))
    assert home_folder() == tmp_path
    monkeypatch.delenv("CONFORMANCE_HOME")
    assert home_folder().name == "dui-conformance"
