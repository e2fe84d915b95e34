"""The signature of a submission set: XAdES around an IHE DSG manifest that names every document (wire.md §2.6).

As published: ``SignedInfo`` refers to the manifest (``IHEManifest``) and to the signed properties; the manifest refers
to the submission set and to each document by ``urn:oid:`` and their unique ids.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from lxml import etree

from conformance.dmp.digests import digest
from conformance.soap.guarded import Element, Unreadable, parse
from conformance.soap.signatures import DS, Refused, chain_fault, verify

MANIFEST = f"{DS}Manifest"
# Every version of XAdES ends the type of its signed properties so (1.1.1 in the published example, 1.3.2 today).
PROPERTIES = "#SignedProperties"
_DIGESTS = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_C14N = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True),
}


@dataclass(frozen=True, slots=True)
class SetSignature:
    """A signature that holds: its certificate, and what its manifest says of each thing it names."""

    certificate: x509.Certificate
    sha1: bool
    references: Mapping[str, Element]


def open_signature(content: bytes) -> SetSignature:
    """Verify a signature file and read its manifest; raises :class:`Refused`."""
    try:
        signature = parse(content)
    except Unreadable as exc:
        raise Refused(f"unreadable:{exc}") from exc
    if signature.tag != f"{{{DS}}}Signature":
        raise Refused("not-a-signature")
    types = [r.get("Type", "") for r in signature.iterfind(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")]
    if sorted(t == MANIFEST for t in types) != [False, True] or not any(t.endswith(PROPERTIES) for t in types):
        raise Refused("other-references")
    signed = verify(signature, signature, references=2, id_attribute="Id")
    manifests = [e for e in signed.elements if e.tag == f"{{{DS}}}Manifest"]
    if len(manifests) != 1:
        raise Refused("no-manifest")
    references = {r.get("URI", ""): r for r in manifests[0].iterfind(f"{{{DS}}}Reference")}
    return SetSignature(signed.certificate, signed.sha1, references)


def faults(
    signature: SetSignature,
    documents: Mapping[str, bytes],
    anchor: x509.Certificate,
    at: datetime,
    digested: Callable[[str, bytes], bytes] = digest,
) -> Iterator[str]:
    """What is wrong with a signature: who signed, and each document (by unique id) that it does not cover.

    ``digested`` gives the digest of a content under the name of an algorithm.
    """
    if reason := chain_fault(signature.certificate, anchor, at):
        yield f"certificate:{reason}"
    for unique_id, content in documents.items():
        reference = signature.references.get(f"urn:oid:{unique_id}")
        if reference is None:
            yield f"document:not-covered:{unique_id}"
        elif not _same_digest(reference, content, digested):
            yield f"document:other-digest:{unique_id}"


def _same_digest(reference: Element, content: bytes, digested: Callable[[str, bytes], bytes]) -> bool:
    method, value = reference.find(f"{{{DS}}}DigestMethod"), reference.find(f"{{{DS}}}DigestValue")
    algorithm = _DIGESTS.get("" if method is None else method.get("Algorithm", ""))
    if algorithm is None or value is None:
        return False
    for transform in reference.iterfind(f"{{{DS}}}Transforms/{{{DS}}}Transform"):
        transformed = _canonical(transform.get("Algorithm", ""), content)
        if transformed is None:
            return False
        content = transformed
    try:
        told = base64.b64decode("".join((value.text or "").split()), validate=True)
    except binascii.Error:
        return False
    return digested(algorithm, content) == told


def _canonical(algorithm: str, content: bytes) -> bytes | None:
    if algorithm not in _C14N:
        return None
    exclusive, comments = _C14N[algorithm]
    try:
        root = parse(content, limit=64 * 1024 * 1024, marks=2_000_000)
    except Unreadable:
        return None
    return etree.tostring(root.getroottree(), method="c14n", exclusive=exclusive, with_comments=comments)
