"""The certificates of the test PKI, built: a constrained root, server leaves, client leaves.

Nothing here touches a file. All keys are RSA 2048: every suite that MSSanté allows authenticates the server by
RSA (Référentiel socle MSSanté #2 v1.0, ECO.1.1.3), and a product limited to those suites must be able to check
the whole chain.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

KEY_BITS = 2048
ROOT_LIFE = timedelta(days=5 * 365)
LEAF_LIFE = timedelta(days=365)
# A product's clock may be a little late.
BACKDATED = timedelta(hours=1)
ORGANISATION = "BANC DE CONFORMITE DUI - SIMULATION"
# RFC 2606: .test never resolves on the Internet. A DNS constraint covers its subdomains (RFC 5280, 4.2.1.10).
PERMITTED_NAMES = ("test", "localhost")
PERMITTED_NETWORKS = ("127.0.0.0/8", "::1/128")


class Identity(NamedTuple):
    """A certificate and its private key, both PEM text; the key is not encrypted."""

    certificate_pem: str
    key_pem: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate and the key that signs with it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def sign(
        self,
        subject: x509.Name,
        *,
        usage: x509.ObjectIdentifier,
        names: Sequence[str] = (),
        not_before: datetime | None = None,
        life: timedelta = LEAF_LIFE,
        key: rsa.RSAPrivateKey | None = None,
        crl_url: str = "",
        ocsp_url: str = "",
    ) -> Identity:
        """A leaf, with a new key unless one is given.

        ``usage`` is its extended key usage, ``names`` its DNS names and addresses; ``crl_url`` and ``ocsp_url`` say
        where its revocation is published (RFC 5280 §4.2.1.13, §4.2.2.1).
        """
        key = key or new_key()
        start = not_before or datetime.now(UTC) - BACKDATED
        end = min(start + life, self.certificate.not_valid_after_utc) if not_before is None else start + life
        builder = (
            _start(subject, self.certificate.subject, key.public_key(), start, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([general_name(n) for n in names]), False)
        if crl_url:
            builder = builder.add_extension(_published_at(crl_url), False)
        if ocsp_url:
            builder = builder.add_extension(_answered_at(ocsp_url), False)
        return Identity(pem(builder.sign(self.key, hashes.SHA256())), pem_key(key))


def make_root(permitted: Sequence[str] = (), *, name: str = "AC SIMULEE") -> Authority:
    """A new root, critically constrained to ``.test``, loopback and the ``permitted`` names and networks.

    Its common name says that it is simulated and is none of those that products accept in the field
    (IGC-Santé): nobody can mistake it for the real trust anchor.
    """
    key = new_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name} - TEST UNIQUEMENT - {secrets.token_hex(4).upper()}"),
        ]
    )
    start = datetime.now(UTC) - BACKDATED
    certificate = (
        _start(subject, subject, key.public_key(), start, start + ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .add_extension(x509.NameConstraints(_subtrees(permitted), None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def new_key() -> rsa.RSAPrivateKey:
    """A private key of the size that every leaf and root has."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def organisation(common_name: str, structure: str, *, name: str = "ESMS FICTIF DU BANC") -> x509.Name:
    """The subject of an ORG certificate: C, ST, O, OU, CN, as clients in the field show it.

    ``structure`` is the national id with its prefix: ``1`` + FINESS, ``3`` + SIRET.
    """
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Paris (75)"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, structure),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def server_subject(name: str) -> x509.Name:
    """The subject of a server certificate; the names that count are in its subject alternative name."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )


SERVER_USAGE = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT_USAGE = ExtendedKeyUsageOID.CLIENT_AUTH
# What the certificate of the published XAdES example says that it is for (DMP-LPS examples 2.05).
SIGNATURE_USAGE = ExtendedKeyUsageOID.EMAIL_PROTECTION


def general_name(name: str) -> x509.GeneralName:
    """A DNS name, or an address when it reads as one."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def pem(certificate: x509.Certificate) -> str:
    """PEM text of a certificate."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def pem_key(key: rsa.RSAPrivateKey, passphrase: str = "") -> str:
    """PEM text (PKCS #8) of a private key, encrypted when a passphrase is given."""
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        protection = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection).decode("ascii")


def _subtrees(permitted: Sequence[str]) -> list[x509.GeneralName]:
    trees: list[x509.GeneralName] = []
    for name in (*PERMITTED_NAMES, *PERMITTED_NETWORKS, *permitted):
        try:
            trees.append(x509.IPAddress(ipaddress.ip_network(name)))
        except ValueError:
            trees.append(x509.DNSName(name.lstrip(".")))
    # Without a subtree of their own, mail addresses would be free (RFC 5280, 4.2.1.10).
    return [*trees, x509.RFC822Name(".test")]


def _start(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _published_at(url: str) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints(
        [
            x509.DistributionPoint(
                [x509.UniformResourceIdentifier(url)], relative_name=None, reasons=None, crl_issuer=None
            )
        ]
    )


def _answered_at(url: str) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))]
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_encipherment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
