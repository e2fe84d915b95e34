"""XML signatures: verified with the certificate that they carry, and that certificate with the bench's own anchor.

Nothing is trusted but what the verification hands back: an element that was moved, wrapped or added beside the
signed one is not in it.
"""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidInput, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from conformance.soap.guarded import Element, text_of

DS = "http://www.w3.org/2000/09/xmldsig#"
# The published examples sign with RSA and SHA-1, products of today with SHA-256: both are read, SHA-1 is told.
_METHODS = frozenset(
    {SignatureMethod.RSA_SHA1, SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512}
)
_DIGESTS = frozenset({DigestAlgorithm.SHA1, DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_SHA1 = re.compile(r"#(rsa-)?sha1$")
_NOT_BASE64 = re.compile(r"\s+")
# Characters of a certificate in base64, many times what any holds, and of a name.
MAX_CERTIFICATE = 32 * 1024
MAX_NAME = 2000
# Certificates remembered: a structure signs everything with one or two.
KEPT = 64


class _Verifier(XMLVerifier):
    """signxml's own, on elements that stand alone."""

    def _c14n(self, nodes: Element, *arguments: Any, **options: Any) -> bytes:
        # lxml 6.1 writes xmlns="" on the grandchildren of an element whose default namespace an ancestor declares
        # (inclusive canonicalisation only); a copy that carries its declarations is written as the norm has it.
        # What signxml hands over of a reference is such a copy already.
        alone = nodes if nodes.getparent() is None else etree.fromstring(etree.tostring(nodes, with_tail=False))
        canonical: bytes = super()._c14n(alone, *arguments, **options)
        return canonical

    def _get_cert_description(self, cert: x509.Certificate, cert_source: str) -> str:
        # signxml writes the names out for messages that nobody reads here, twice for each signature.
        return f"{cert_source} ({cert.serial_number})"


class Refused(ValueError):
    """Why a signature is not accepted: one word."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers: the elements of its references, its certificate, whether SHA-1 served."""

    elements: tuple[Element, ...]
    certificate: x509.Certificate
    sha1: bool


def verify(signature: Element, holder: Element, *, references: int, id_attribute: str) -> Signed:
    """Verify ``signature``, a child of ``holder`` or ``holder`` itself; raises :class:`Refused`.

    Exactly ``references`` references inside ``holder`` are expected; Ids are those of ``id_attribute``.
    """
    certificate = certificate_of(signature)
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise Refused("weak-key")
    config = SignatureConfiguration(
        # A signature elsewhere than directly under its holder is not the one whose certificate was read.
        location="./",
        expect_references=references,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        # XMLDSig 1.1, 4.4.3.2: what a reference without transforms is digested as.
        # Validity is judged at the instant of the call (chain_fault), not at that of the judging.
        verification_time=certificate.not_valid_after_utc,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    verifier = _Verifier()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of SHA-1, which is told in the answer
            results = verifier.verify(
                etree.tostring(holder, with_tail=False),
                x509_cert=certificate,
                expect_config=config,
                id_attribute=id_attribute,
            )
    except (InvalidSignature, InvalidInput, etree.LxmlError, ValueError, KeyError, TypeError) as exc:
        raise Refused("not-valid") from exc
    found = results if isinstance(results, list) else [results]
    elements = tuple(r.signed_xml for r in found if r.signed_xml is not None)
    algorithms = [e.get("Algorithm", "") for e in signature.iter(f"{{{DS}}}SignatureMethod", f"{{{DS}}}DigestMethod")]
    return Signed(elements, certificate, any(_SHA1.search(a) for a in algorithms))


def certificate_of(signature: Element) -> x509.Certificate:
    """The one certificate that a signature carries; raises :class:`Refused`."""
    found = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if len(found) != 1:
        raise Refused("no-certificate" if not found else "several-certificates")
    text = text_of(found[0])
    if len(text) > MAX_CERTIFICATE:
        raise Refused("certificate")
    try:
        return _certificate(text)
    except (ValueError, binascii.Error) as exc:
        raise Refused("certificate") from exc


@lru_cache(maxsize=KEPT)
def _certificate(text: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(_NOT_BASE64.sub("", text), validate=True))


def chain_fault(certificate: x509.Certificate, anchor: x509.Certificate, at: datetime) -> str | None:
    """Why a certificate is not one that ``anchor`` issued, valid ``at``; ``None`` when it is."""
    if not _issued(certificate, anchor):
        return "unknown-authority"
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return "out-of-validity"
    return None


@lru_cache(maxsize=KEPT)
def _issued(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    """Two certificates that are the same byte for byte have the same answer for ever; validity is not asked here."""
    try:
        certificate.verify_directly_issued_by(anchor)
    except (WrongSignature, ValueError, TypeError):
        return False
    return True


def same_name(told: str, certificate: x509.Certificate) -> bool:
    """Whether a name written after RFC 4514 is the subject of a certificate, in whatever order its parts come."""
    return len(told) <= MAX_NAME and _same_name(told, certificate)


@lru_cache(maxsize=KEPT)
def _same_name(told: str, certificate: x509.Certificate) -> bool:
    try:
        written = x509.Name.from_rfc4514_string(told)
    except ValueError:
        return False
    parts = [{(a.oid.dotted_string, a.value) for a in name} for name in (written, certificate.subject)]
    return parts[0] == parts[1]
