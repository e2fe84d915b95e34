"""Stacks of others beside ours: a SOAP client that submits, and verifiers that must say of signatures what we say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conformance._bundled.reference_dui.dmp import xades as made_by
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.link import Link
from conformance._bundled.reference_dui.dmp.submission import feeding
from conformance._bundled.reference_dui.dmp.wire import WSA, WSSE
from conformance._bundled.reference_dui.sins import Sins
from cryptography import x509
from lxml import etree

from conformance.dmp import vihf, xades
from conformance.services import certificates
from conformance.soap.signatures import Refused, chain_fault
from tests.node import has, reason

from .conftest import Place, document_of

PEER = Path(__file__).parent / "peer"
ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"


@pytest.mark.skipif(not has("soap"), reason=reason("soap"))
def test_a_soap_stack_of_others_submits_with_mtom(place: Place, tmp_path: Path) -> None:
    person, link = place.holder("peer"), place.link()
    spec, cda = document_of(person)
    made = feeding(link, spec, cda, Sins())
    parts = []
    for number, (name, content) in enumerate(made.parts):
        file = tmp_path / f"part-{number}"
        file.write_bytes(content)
        parts.append({"id": name, "file": str(file)})
    token = etree.tostring(assertion(link, person, Sins())).decode()
    told = {
        "endpoint": f"{link.base_url}/repository",
        "key": link.client_key_pem,
        "certificate": link.client_certificate_pem,
        "ca": link.ca_pem,
        "headers": [
            f'<wsa:Action xmlns:wsa="{WSA}">{ACTION}</wsa:Action>',
            f'<wsa:MessageID xmlns:wsa="{WSA}">urn:uuid:6f1c2a52-7f5e-4a50-8f6a-3a9b1f2f0c11</wsa:MessageID>',
            f'<wsse:Security xmlns:wsse="{WSSE}">{token}</wsse:Security>',
        ],
        "body": etree.tostring(made.body).decode(),
        "parts": parts,
    }
    (tmp_path / "told.json").write_text(json.dumps(told), encoding="utf-8")
    answered = subprocess.run(
        ["node", str(PEER / "submit.js"), str(tmp_path / "told.json")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )
    assert "ResponseStatusType:Success" in answered.stdout, answered.stdout + answered.stderr
    record = next(r for r in place.records() if spec.unique_id in r.marks)
    assert (record.data["outcome"], record.data["multipart"]) == ("ok", True)


@pytest.fixture(scope="module")
def xmlsec():
    return pytest.importorskip("xmlsec", reason="the package xmlsec is not installed", exc_type=ImportError)


def says(xmlsec, content: bytes, *ids: tuple[str, str]) -> bool:
    """What xmlsec1's library says of the one signature of a document, with the certificate that it carries."""
    root = etree.fromstring(content)
    for tag, attribute in ids:
        for element in root.iter(tag):
            xmlsec.tree.add_ids(element, [attribute])
    node = xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature)
    context = xmlsec.SignatureContext()
    text = node.findtext(".//{*}X509Certificate")
    pem = f"-----BEGIN CERTIFICATE-----\n{text.strip()}\n-----END CERTIFICATE-----\n"
    context.key = xmlsec.Key.from_memory(pem.encode(), xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(node)
    except xmlsec.Error:
        return False
    return True


def ours(content: bytes) -> bool:
    try:
        vihf.open_assertion(etree.fromstring(content))
    except Refused:
        return False
    return True


ALTERED = {
    "good": lambda content: content,
    "name": lambda content: content.replace(b"899900000011", b"899900000029"),
    "value": lambda content: content.replace(b"urn:dmp", b"urn:dnp"),
    "digest": lambda content: content.replace(b"<ds:DigestValue>", b"<ds:DigestValue>A"),
    "issue": lambda content: content.replace(b"SmartcardPKI", b"Password"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_xmlsec_says_of_an_assertion_what_we_say(name: str, place: Place, xmlsec) -> None:
    content = etree.tostring(assertion(place.link(), place.holder(f"xmlsec-{name}"), Sins()))
    altered = ALTERED[name](content)
    assert (altered == content) == (name == "good")
    saml = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
    assert ours(altered) == says(xmlsec, altered, (saml, "ID")) == (name == "good")


@pytest.mark.parametrize("name", ["good", "manifest", "time"])
def test_xmlsec_says_of_a_set_signature_what_we_say(
    name: str, place: Place, xmlsec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """xmlsec fetches what a manifest names, and nothing can be fetched under urn:oid: the manifest names a neighbour here."""
    written = made_by._reference

    def near(parent, uri, *members, **named):
        written(parent, "#SignedProperties" if uri.startswith("urn:") else uri, *members, **named)

    monkeypatch.setattr(made_by, "_reference", near)
    content = made_by.signature(place.link(), "1.2.3", [("1.2.4", b"<a/>")])
    changes = {
        "manifest": (b'Manifest Id="IHEManifest"', b'Manifest  Id="IHEManifest" a="b"'),
        "time": (b"ningTime>2", b"ningTime>1"),
    }
    altered = content.replace(*changes[name]) if name in changes else content
    assert (altered == content) == (name == "good")
    try:
        xades.open_signature(altered)
        held = True
    except Refused:
        held = False
    theirs = says(xmlsec, altered, ("{*}Manifest", "Id"), ("{*}SignedProperties", "Id"))
    assert held == theirs == (name == "good")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command")
def test_openssl_says_of_a_chain_what_we_say(place: Place, tmp_path: Path) -> None:
    pki = place.host._bench.pki
    subject = certificates.organisation("dmp-signature", "1990000002")
    good = Link.of(place.endpoints()).signing_certificate_pem
    stranger = pki.stranger().sign(subject, usage=certificates.SIGNATURE_USAGE).certificate_pem
    for name, pem in (("good", good), ("stranger", stranger)):
        (tmp_path / name).write_text(pem)
        verified = subprocess.run(
            ["openssl", "verify", "-CAfile", str(pki.ca_file), str(tmp_path / name)], check=False, capture_output=True
        )
        fault = chain_fault(x509.load_pem_x509_certificate(pem.encode()), pki.authority.certificate, datetime.now(UTC))
        assert (verified.returncode == 0) == (fault is None) == (name == "good")
