"""The certificates that an operator and its fronts show: good ones, and each of the bad ones.

They are signed anew at each start, for they name the port where their revocation is published; one key serves them all.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conformance.services import certificates
from conformance.services.certificates import SERVER_USAGE, Authority
from conformance.services.mssante.faults import Certificate
from conformance.services.pki import LOOPBACK, Pki
from conformance.services.revocation import Publication

# The name that a server of the wrong name is certified for.
ANOTHER_NAME = "mail.autre-operateur.test"


def good(publication: Publication, pki: Pki, domain: str) -> Path:
    """The certificate of the mail server of a domain, as a PEM file with its key."""
    return make("good", publication, pki, domain)


def make(kind: Certificate, publication: Publication, pki: Pki, domain: str) -> Path:
    """A certificate of a kind for the mail server of a domain, as a PEM file with its key.

    Each is wrong in one way only: name, dates, revocation or authority.
    """
    return _made(kind, publication, pki, domain, f"mail.{domain}")


def _made(kind: Certificate, publication: Publication, pki: Pki, domain: str, host: str) -> Path:
    names = (ANOTHER_NAME,) if kind == "wrong-name" else (host, *LOOPBACK)
    expired = kind == "expired"
    identity = _authority(kind, pki).sign(
        certificates.server_subject(names[0]),
        usage=SERVER_USAGE,
        names=names,
        not_before=datetime.now(UTC) - timedelta(days=30) if expired else None,
        life=timedelta(days=29) if expired else certificates.LEAF_LIFE,
        key=pki.shared_key,
        crl_url=publication.crl_url(domain),
        ocsp_url=publication.ocsp_url,
    )
    certificate = publication.know(identity.certificate_pem, domain)
    if kind == "revoked":
        publication.revoke(certificate)
    return pki.keep_for_now(f"{domain}-{secrets.token_hex(4)}", identity)


def web(kind: Certificate, publication: Publication, pki: Pki, domain: str) -> Path:
    """A certificate of a kind for a host of the web of a domain, as a PEM file with its key.

    The host publishes the domain's autoconfiguration, or is the Pro Santé Connect that a scenario sends a product to.
    """
    return _made(kind, publication, pki, domain, f"autoconfig.{domain}")


def _authority(kind: Certificate, pki: Pki) -> Authority:
    if kind == "unknown-ca":
        return pki.unknown_authority
    return pki.commercial_authority if kind == "commercial-ca" else pki.authority
