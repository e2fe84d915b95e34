"""The signatures that a product makes: of its assertions (SAML), of its submission sets (XAdES), of its tokens (JWT)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance.checks.subjects.dmp import DmpCall, Submitted
from conformance.evidence.observation import Observation
from conformance.soap.guarded import Element, Unreadable, parse
from conformance.soap.signatures import DS, Refused, certificate_of

MAX_HEADER = 16 * 1024


@dataclass(frozen=True)
class ProducedSignature:
    """One signature: its ``form`` (SAML, XAdES, JWT), its algorithms as they are written, and its key where it is told.

    ``key`` is ``RSA``, ``EC`` or another name, empty where the signature does not tell it; ``bits`` is its size.
    """

    form: str
    algorithms: tuple[str, ...]
    key: str
    bits: int
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ProducedSignature]:
        """Every signature of the window that reads."""
        for call in DmpCall.of(observation):
            assertion = None if isinstance(call.envelope, str) else call.envelope.assertion
            for signature in [] if assertion is None else assertion.findall(f"{{{DS}}}Signature"):
                yield cls._read("SAML", signature, call.record.id)
        for submitted in Submitted.of(observation):
            for content in _sets(submitted):
                yield cls._read("XAdES", content, submitted.record.id)
        for record in observation.of_kind("exchange.token"):
            told = signed_by(observation.blob(record, "actor")) if "actor" in record.blobs else None
            if told is not None:
                algorithm, key, bits = told
                yield cls("JWT", (algorithm,), key, bits, (record.id,))

    @classmethod
    def _read(cls, form: str, signature: Element, record: str) -> ProducedSignature:
        methods = signature.iter(f"{{{DS}}}SignatureMethod", f"{{{DS}}}DigestMethod")
        algorithms = tuple(dict.fromkeys(method.get("Algorithm", "") for method in methods))
        try:
            key, bits = size_of(certificate_of(signature))
        except Refused:
            key, bits = "", 0
        return cls(form, algorithms, key, bits, (record,))


def _sets(call: Submitted) -> Iterator[Element]:
    """The signatures of a submission, as elements."""
    for entry in call.submission.entries if call.submission else ():
        content = call.submission.documents.get(entry.id) if call.submission and entry.is_signature else None
        try:
            yield parse(content or b"")
        except Unreadable:
            continue


def signed_by(token: bytes) -> tuple[str, str, int] | None:
    """The algorithm of a signed token, its key and its size where the header tells them; ``None`` for anything else.

    A token without signature is none of this module's matter: the volume asks for none.
    """
    header = _header(token)
    return (str(header.get("alg")), *_told(header)) if header and header.get("alg") != "none" else None


def _header(token: bytes) -> Mapping[str, object]:
    part = token[:MAX_HEADER].partition(b".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return header if isinstance(header, dict) else {}


def _told(header: Mapping[str, object]) -> tuple[str, int]:
    """The key that a JOSE header carries, as a certificate or by itself (RFC 7515 §4.1.3, §4.1.6)."""
    chain, key = header.get("x5c"), header.get("jwk")
    try:
        if isinstance(chain, list) and chain:
            return size_of(x509.load_der_x509_certificate(base64.b64decode(str(chain[0]))))
        if isinstance(key, dict) and key.get("kty") == "RSA":
            part = str(key.get("n", "")).encode()
            return "RSA", int.from_bytes(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))).bit_length()
    except (ValueError, binascii.Error):
        pass
    return "", 0


def size_of(certificate: x509.Certificate) -> tuple[str, int]:
    """The kind of a certificate's key and its bits; nothing for a kind that is not known."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "", 0
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.curve.key_size
    return type(key).__name__.strip("_"), 0
