"""A detached signature of the manifest, and whom we trust for it."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.errors import UsageError
from conformance.dossier.cms import BadSignature, verified_signer
from conformance.dossier.outputs import Summary
from conformance.dossier.signature import check_signature
from conformance.dossier.verify import verify

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
CONTENT = b"the manifest"
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def certificate(name: str, key: Key, issuer: str, issuer_key: Key, *, ca: bool, signs: bool = True) -> x509.Certificate:
    subject, by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer))
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(START + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=signs, key_cert_sign=ca, crl_sign=ca, **usage), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def signed(content: bytes, signer: x509.Certificate, key: Key, *options: pkcs7.PKCS7Options) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(signer, key, hashes.SHA256())
    chosen = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, *options]
    return builder.sign(serialization.Encoding.DER, chosen)


@pytest.fixture(scope="module")
def authority_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def authority(authority_key: Key) -> x509.Certificate:
    return certificate("Authority", authority_key, "Authority", authority_key, ca=True)


@pytest.fixture(scope="module", params=["ec", "rsa"])
def key(request: pytest.FixtureRequest) -> Key:
    return ec.generate_private_key(ec.SECP256R1()) if request.param == "ec" else rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def signer(key: Key, authority_key: Key) -> x509.Certificate:
    return certificate("Signer", key, "Authority", authority_key, ca=False)


@pytest.mark.parametrize("options", [(), (pkcs7.PKCS7Options.NoAttributes,), (pkcs7.PKCS7Options.NoCapabilities,)])
def test_a_signature_names_its_signer(
    key: Key, signer: x509.Certificate, options: tuple[pkcs7.PKCS7Options, ...]
) -> None:
    assert verified_signer(signed(CONTENT, signer, key, *options), CONTENT) == signer


@pytest.mark.parametrize("options", [(), (pkcs7.PKCS7Options.NoAttributes,)])
def test_a_signature_of_something_else_is_worth_nothing(
    key: Key, signer: x509.Certificate, options: tuple[pkcs7.PKCS7Options, ...]
) -> None:
    with pytest.raises(BadSignature):
        verified_signer(signed(b"another", signer, key, *options), CONTENT)


def test_a_signature_that_carries_its_content_is_refused(key: Key, signer: x509.Certificate) -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT).add_signer(signer, key, hashes.SHA256())
    with pytest.raises(BadSignature):
        verified_signer(builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary]), CONTENT)


@given(noise=st.binary(max_size=80))
def test_noise_is_a_bad_signature_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(BadSignature):
        verified_signer(noise, CONTENT)


def test_trust_asks_for_the_authority(key: Key, signer: x509.Certificate, authority: x509.Certificate) -> None:
    signature = signed(CONTENT, signer, key)
    assert check_signature(signature, CONTENT, authority).state == "trusted"
    assert check_signature(signature, CONTENT, None).reason == "no-authority"
    assert check_signature(signature, b"other", authority).reason == "bad"
    assert check_signature(None, CONTENT, authority).state == "absent"


def test_another_authority_of_the_same_name_is_not_trusted(key: Key, signer: x509.Certificate) -> None:
    impostor = ec.generate_private_key(ec.SECP256R1())
    other = certificate("Authority", impostor, "Authority", impostor, ca=True)
    assert check_signature(signed(CONTENT, signer, key), CONTENT, other).reason == "other-authority"


def test_a_certificate_that_may_not_sign_is_not_trusted(authority: x509.Certificate, authority_key: Key) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    server = certificate("Server", key, "Authority", authority_key, ca=False, signs=False)
    assert check_signature(signed(CONTENT, server, key), CONTENT, authority).reason == "other-authority"


def test_a_signed_dossier_is_sound_and_trusted(
    sealed: Summary, key: Key, signer: x509.Certificate, authority: x509.Certificate, tmp_path: Path
) -> None:
    path, trust = sealed.paths["dossier"], tmp_path / "ca.pem"
    trust.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("signature.p7s")
        info.external_attr, info.create_system = 0o100644 << 16, 3
        archive.writestr(info, signed(archive.read("manifest.json"), signer, key))
    found = verify(path, trust=trust)
    assert found.sound
    assert found.exit_code(allow_unsigned=False) == 0
    assert "CN=Signer" in found.told("en")
    assert verify(path).exit_code(allow_unsigned=True) == 3, "a signature nobody vouches for is not an absent one"


def test_a_trust_that_does_not_read_is_a_usage_error(sealed: Summary, tmp_path: Path) -> None:
    (trust := tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=r"dossier\.bad-trust"):
        verify(sealed.paths["dossier"], trust=trust)
