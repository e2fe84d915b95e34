"""The certificate of the product's own front door, under an authority made for this instance. Nothing of it is installed."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = timedelta(days=1)
# Within what Mozilla's guidelines 5.7 (intermediate) give a certificate: 366 days.
LIFE = 90 * DAY


class FrontCertificates:
    """An authority and the certificates under it, each written to a file of its own when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("AC FICTIVE DU DUI DE REFERENCE")
        self._root = self._issue(self._name, self._key, authority=True)
        self.authority = folder / "authority.pem"
        self.authority.write_bytes(self._root.public_bytes(serialization.Encoding.PEM))

    def good(self) -> Path:
        """For this machine, valid three months, on P-256."""
        return self._kept("good", ec.generate_private_key(ec.SECP256R1()))

    def expired(self) -> Path:
        """Over since yesterday."""
        return self._kept("expired", ec.generate_private_key(ec.SECP256R1()), until=-DAY)

    def misnamed(self) -> Path:
        """For another host."""
        return self._kept("misnamed", ec.generate_private_key(ec.SECP256R1()), host="autre.test")

    def short(self) -> Path:
        """On an RSA key of 1024 bits."""
        return self._kept("short", rsa.generate_private_key(65537, 1024))  # noqa: S505 - a named defect

    def self_signed(self) -> Path:
        """Under no authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._written("self-signed", key, self._issue(_name("localhost"), key, itself=True))

    def _kept(self, label: str, key: Key, *, host: str = "localhost", until: timedelta = LIFE) -> Path:
        return self._written(label, key, self._issue(_name(host), key, host=host, until=until))

    def _written(self, label: str, key: Key, certificate: x509.Certificate) -> Path:
        path = self._folder / f"{label}.pem"
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return path

    def _issue(
        self,
        subject: x509.Name,
        key: Key,
        *,
        host: str = "localhost",
        until: timedelta = LIFE,
        authority: bool = False,
        itself: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        alone = authority or itself
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if alone else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + min(until, timedelta()) - DAY)
            .not_valid_after(now + until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if not authority:
            names: list[x509.GeneralName] = [x509.DNSName(host)]
            if host == "localhost":
                names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(key if itself else self._key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
