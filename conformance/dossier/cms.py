"""The little of CMS (RFC 5652) that a detached signature needs, since ``cryptography`` signs but does not verify."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

SEQUENCE, SET, OID, OCTETS, CONTEXT_0, CONTEXT_1 = 0x30, 0x31, 0x06, 0x04, 0xA0, 0xA1
MAX_SIGNATURE = 256 * 1024

# Values of object identifiers, as DER writes them.
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2, RFC 5652 §5.1
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")  # 1.2.840.113549.1.9.4, RFC 5652 §11.2
DIGESTS: dict[bytes, type[hashes.HashAlgorithm]] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256,  # 2.16.840.1.101.3.4.2.1, RFC 5754 §2
    bytes.fromhex("608648016503040202"): hashes.SHA384,
    bytes.fromhex("608648016503040203"): hashes.SHA512,
}


class BadSignature(Exception):
    """A signature that does not read, or is not of this content by this certificate."""


@dataclass(frozen=True, slots=True)
class Node:
    """One DER value: its tag, its content, and its whole encoding."""

    tag: int
    content: bytes
    whole: bytes

    def children(self) -> list[Node]:
        """The values inside a constructed one."""
        return list(_nodes(self.content))


def verified_signer(signature: bytes, content: bytes) -> x509.Certificate:
    """The certificate that signed this content; :class:`BadSignature` when it did not."""
    try:
        return _signer(signature, content)
    except (ValueError, IndexError, InvalidSignature, UnsupportedAlgorithm, TypeError, KeyError) as exc:
        raise BadSignature(str(exc)) from exc


def _signer(signature: bytes, content: bytes) -> x509.Certificate:
    if len(signature) > MAX_SIGNATURE:
        raise BadSignature("too large")
    kind, wrapped = _one(signature, SEQUENCE).children()
    if kind.content != SIGNED_DATA:
        raise BadSignature("not signed data")
    signed = _one(wrapped.content, SEQUENCE).children()
    encapsulated = signed[2].children()
    infos = [node for node in signed[3:] if node.tag == SET]
    if len(encapsulated) != 1 or len(infos) != 1 or len(infos[0].children()) != 1:
        raise BadSignature("not one detached signature")
    info = infos[0].children()[0].children()
    identifier, digest_algorithm, *rest = info[1:]
    algorithm = DIGESTS[digest_algorithm.children()[0].content]()
    signed_bytes = content
    if rest[0].tag == CONTEXT_0:
        attributes = rest.pop(0)
        if _attribute(attributes, MESSAGE_DIGEST) != _digest(algorithm, content):
            raise BadSignature("digest")
        # Signed attributes are signed under the tag of a SET, RFC 5652 §5.4.
        signed_bytes = bytes([SET]) + attributes.whole[1:]
    certificate = _certificate(signature, identifier)
    _check(certificate, rest[1].content, signed_bytes, algorithm)
    return certificate


def _certificate(signature: bytes, identifier: Node) -> x509.Certificate:
    """The certificate that the signer names by issuer and serial number."""
    if identifier.tag != SEQUENCE:
        raise BadSignature("signer named otherwise than by issuer and serial")
    issuer, serial = identifier.children()
    for certificate in load_der_pkcs7_certificates(signature):
        number = int.from_bytes(serial.content, signed=True)
        if certificate.issuer.public_bytes() == issuer.whole and certificate.serial_number == number:
            return certificate
    raise BadSignature("certificate absent")


def _check(certificate: x509.Certificate, signature: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(algorithm))
    else:
        raise BadSignature("kind of key")


def _attribute(attributes: Node, wanted: bytes) -> bytes:
    found = [a.children() for a in attributes.children() if a.children()[0].content == wanted]
    if len(found) != 1 or len(found[0][1].children()) != 1:
        raise BadSignature("attribute")
    return found[0][1].children()[0].content


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    hasher = hashes.Hash(algorithm)
    hasher.update(content)
    return hasher.finalize()


def _one(content: bytes, tag: int) -> Node:
    nodes = list(_nodes(content))
    if len(nodes) != 1 or nodes[0].tag != tag:
        raise BadSignature("not one value")
    return nodes[0]


def _nodes(content: bytes) -> Iterator[Node]:
    at = 0
    while at < len(content):
        tag, length, start = content[at], content[at + 1], at + 2
        if length & 0x80:
            width = length & 0x7F
            if not 1 <= width <= 4:
                raise BadSignature("length")
            length, start = int.from_bytes(content[start : start + width]), start + width
        if start + length > len(content):
            raise BadSignature("length")
        yield Node(tag, content[start : start + length], content[at : start + length])
        at = start + length
