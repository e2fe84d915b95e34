"""The signature of a submission set: XAdES 1.3.2 over an IHE DSG manifest of its documents."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from .link import Link

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
# ASTM E1762 purpose « Source », as the published example has it.
PURPOSE = "1.2.840.10065.1.12.1.14"


def signature(link: Link, submission: str, documents: Sequence[tuple[str, bytes]], *, sha1: bool = False) -> bytes:
    """Sign a submission set (its unique id) and its documents (unique id, bytes); ``sha1`` is a defect."""
    root = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS}, attrib={"Id": f"_{uuid4()}"})
    info = _under(root, "SignedInfo")
    _under(info, "CanonicalizationMethod", Algorithm=C14N)
    _under(info, "SignatureMethod", Algorithm=f"{DS}rsa-sha1" if sha1 else RSA_SHA256)
    value = _under(root, "SignatureValue")
    held = _under(_under(_under(root, "KeyInfo"), "X509Data"), "X509Certificate")
    certificate = x509.load_pem_x509_certificate(link.signing_certificate_pem.encode())
    der = certificate.public_bytes(Encoding.DER)
    held.text = base64.b64encode(der).decode()
    manifest = _manifest(root, submission, documents)
    properties = _properties(root, certificate, der)
    _reference(info, "#IHEManifest", _canonical(manifest), f"{DS}Manifest")
    _reference(info, "#SignedProperties", _canonical(properties), "http://uri.etsi.org/01903#SignedProperties")
    key = serialization.load_pem_private_key(link.signing_key_pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(type(key).__name__)
    digest = hashes.SHA1() if sha1 else hashes.SHA256()  # noqa: S303 - the defect is the point
    value.text = base64.b64encode(key.sign(_canonical(info), padding.PKCS1v15(), digest)).decode()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _manifest(root: etree._Element, submission: str, documents: Sequence[tuple[str, bytes]]) -> etree._Element:
    manifest = _under(_under(root, "Object"), "Manifest", Id="IHEManifest")
    # IHE DSG names the set first, without content to digest; the published example writes one null byte.
    _reference(manifest, f"urn:oid:{submission}", b"", digest=b"\0")
    for unique_id, content in documents:
        _reference(manifest, f"urn:oid:{unique_id}", content)
    return manifest


def _properties(root: etree._Element, certificate: x509.Certificate, der: bytes) -> etree._Element:
    qualifying = etree.SubElement(
        _under(root, "Object"), f"{{{XADES}}}QualifyingProperties", nsmap={"xades": XADES}, Target=f"#{root.get('Id')}"
    )
    signed = etree.SubElement(qualifying, f"{{{XADES}}}SignedProperties", Id="SignedProperties")
    told = etree.SubElement(signed, f"{{{XADES}}}SignedSignatureProperties")
    etree.SubElement(told, f"{{{XADES}}}SigningTime").text = datetime.now(UTC).isoformat(timespec="seconds")
    one = etree.SubElement(etree.SubElement(told, f"{{{XADES}}}SigningCertificate"), f"{{{XADES}}}Cert")
    digest = etree.SubElement(one, f"{{{XADES}}}CertDigest")
    _under(digest, "DigestMethod", Algorithm=SHA256)
    _under(digest, "DigestValue").text = base64.b64encode(hashlib.sha256(der).digest()).decode()
    issuer = etree.SubElement(one, f"{{{XADES}}}IssuerSerial")
    _under(issuer, "X509IssuerName").text = certificate.issuer.rfc4514_string()
    _under(issuer, "X509SerialNumber").text = str(certificate.serial_number)
    return signed


def _reference(parent: etree._Element, uri: str, content: bytes, kind: str = "", *, digest: bytes = b"") -> None:
    made = _under(parent, "Reference", URI=uri, **({"Type": kind} if kind else {}))
    _under(made, "DigestMethod", Algorithm=SHA256)
    _under(made, "DigestValue").text = base64.b64encode(digest or hashlib.sha256(content).digest()).decode()


def _canonical(element: etree._Element) -> bytes:
    # A copy that carries its own declarations: lxml 6.1 loses the default namespace of grandchildren otherwise.
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return etree.tostring(alone, method="c14n", with_comments=False)


def _under(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{DS}}}{tag}", attributes)
