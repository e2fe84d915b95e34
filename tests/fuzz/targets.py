"""What is fuzzed: for each parser that reads what others wrote, a function of bytes and the inputs to start from.

A target returns when all is well, whatever the bytes; anything that it raises is a finding. A refusal that a user is
told (a card, a fault, a finding) is well.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPException
from pathlib import Path

from conformance._bundled.fixtures.documents.iti41 import CONTENT_TYPE, in_line, in_parts
from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.documents.n3 import TYPE_CODE, fludt
from conformance._bundled.reference_dui.insi import envelope as insi_messages
from joserfc.jwk import RSAKey
from lxml import etree

from conformance.bench.page_forms import fill
from conformance.checks.documents import judge_bytes
from conformance.checks.pdf_text import text_of_pdf
from conformance.checks.subjects.front_door import DoorPage, EncryptedPage
from conformance.checks.subjects.rendered import words_shown
from conformance.checks.subjects.signatures import signed_by
from conformance.core.check import Context, Registry
from conformance.core.errors import ConformanceError
from conformance.core.fidelity import read_fidelity
from conformance.core.profile import parse_profile
from conformance.core.words import Fault
from conformance.dmp import codes, queries
from conformance.dmp.objects import read_submission
from conformance.dmp.xades import open_signature
from conformance.evidence.store import ContentStore
from conformance.ldap import filters, messages
from conformance.ldap.ber import Malformed
from conformance.official.source import read_source
from conformance.probes.budget import Budget
from conformance.probes.certificate import described
from conformance.probes.pages import exchange
from conformance.probes.target import Target as FrontDoor
from conformance.profiles_io.archive import guard
from conformance.scale.sources import items
from conformance.services import fidelity
from conformance.services.certificates import SERVER_USAGE, make_root, server_subject
from conformance.services.dmp.draft.reference import document_reference
from conformance.services.dmp.draft.submission import SETS, Sender, provide
from conformance.services.dmp.finding import like
from conformance.services.dmp.held import Patient
from conformance.services.dmp.store import Store
from conformance.services.fhir.outcome import FhirFault
from conformance.services.fhir.reading import read_resource
from conformance.services.hello import ClientHello
from conformance.services.insi import message as insi_service
from conformance.services.insi.batch import Batches
from conformance.services.insi.identity import Register
from conformance.services.mssante.boxes import Folder, Message
from conformance.services.mssante.imap.cursor import Cursor, Syntax
from conformance.services.mssante.imap.fetch import read_items
from conformance.services.mssante.imap.mime import Part
from conformance.services.mssante.imap.search import BadCharset, Search
from conformance.services.mssante.imap.structure import envelope, structure
from conformance.services.mssante.imap.view import View
from conformance.services.notices.service import read as read_notice
from conformance.services.psc.tokens import new_signing_key, signed_claims
from conformance.soap.envelope import read as soap_read
from conformance.soap.guarded import Unreadable, parse
from conformance.soap.mtom import unpack
from conformance.soap.signatures import Refused
from tests.checks.documents_made import entries, packed, spec, valid_xdm
from tests.checks.mails import carrier, plain
from tests.checks.test_xds_request import submission
from tests.fhir import documents as fhir


@dataclass(frozen=True, slots=True)
class Target:
    """One parser: what reads, and conforming inputs of it."""

    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


def document(content: bytes) -> None:
    """``conformance check`` on one file: no exception, and no check that broke."""
    judged = judge_bytes(content)
    broken = [finding for finding in judged.findings if finding.fault is Fault.HARNESS]
    assert not broken, broken
    json.dumps([finding.as_json() for finding in judged.findings])


def prints(content: bytes) -> None:
    """The words of a PDF, and of their feet: read or told why not."""
    text = text_of_pdf(content)
    assert text.unread is None or not text.text
    text.spells("Matricule INS")


def displayed(content: bytes) -> None:
    """The page that a style sheet made of a document: words, or none."""
    assert all(word == word.casefold() for word in words_shown(content))


def manifest(content: bytes) -> None:
    """A list of documents, one a line."""
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
        file.write(content)
        file.flush()
        list(items(Path(file.name)))


def profile(content: bytes) -> None:
    """A requirement profile of the user."""
    try:
        parse_profile(content, "profile.yaml")
    except ConformanceError as exc:
        exc.card("fr")


def pack(content: bytes) -> None:
    """A test pack, as an archive."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(content)
        file.flush()
        try:
            read_source(Path(file.name))
        except ConformanceError as exc:
            exc.card("fr")


def batch(content: bytes) -> None:
    """A zip of documents, judged as a batch."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(content)
        file.flush()
        list(items(Path(file.name)))


def workbook(content: bytes) -> None:
    """A workbook of requirements, before anything reads it."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        try:
            guard(Path(file.name))
        except ConformanceError as exc:
            exc.card("fr")


def hello(content: bytes) -> None:
    """A TLS ClientHello."""
    with suppress(ValueError):
        ClientHello.parse(content)


def imap(content: bytes) -> None:
    """The arguments of FETCH and SEARCH, applied to a message."""
    message = Message(1, carrier(), datetime(2026, 3, 4, tzinfo=UTC))
    folder = Folder("INBOX", 1)
    folder.add(message.raw)
    with suppress(Syntax):
        read_items(Cursor(content))
    with suppress(Syntax, BadCharset):
        Search(Cursor(content), View(folder, read_only=True)).read()(1, message)


def mime(content: bytes) -> None:
    """What an IMAP server tells of a message's structure."""
    part = Part(content)
    envelope(part)
    structure(part, extended=True)


def token(content: bytes) -> None:
    """A token that a product presents, or signs: refused, and never more than that."""
    assert signed_claims(content.decode("utf-8", "replace"), _key()) is None
    signed_by(content)


@cache
def _key() -> RSAKey:
    return new_signing_key()


@cache
def small() -> bytes:
    """An N1 document around a PDF of a few bytes: mutations fall in its header."""
    return n1(spec(), b"%PDF-1.4\n%%EOF")


def _pdfs() -> list[bytes]:
    from conformance._bundled.fixtures.documents.pdf import pdf_of

    return [pdf_of(spec()), b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"]


def _fhir() -> list[bytes]:
    made = [fhir.patient_ins(), fhir.esms_task(), fhir.bundle(), fhir.questionnaire_response()]
    return [json.dumps(each).encode() for each in made]


def _fhir_xml() -> list[bytes]:
    patient = (
        b'<Patient xmlns="http://hl7.org/fhir"><id value="a"/><text><status value="generated"/>'
        b'<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></text><name><family value="ESSAI"/></name>'
        b'<gender value="female"/><birthDate value="1950-01-01"/></Patient>'
    )
    return [patient]


def _cda() -> list[bytes]:
    return [small(), fludt(spec(type_code=TYPE_CODE)), etree.tostring(etree.fromstring(small()), encoding="UTF-16")]


def _xds() -> list[bytes]:
    documents = [(spec(), small())]
    return [
        in_line(documents, submission()),
        in_parts(documents, submission()),
        entries()["IHE_XDM/SUBSET01/METADATA.XML"],
    ]


def mtom(content: bytes) -> None:
    """What the DMP makes of a message in parts: taken apart, its envelope and its submission read."""
    with suppress(Unreadable):
        package = unpack(CONTENT_TYPE, content)
        submission = read_submission(soap_read(package.root).body, package)
        for document in submission.documents.values():
            with suppress(Refused):
                open_signature(document or b"")


def insi(content: bytes) -> None:
    """What the INSi teleservice makes of a message: read, looked up, answered."""
    with suppress(Unreadable):
        asked = insi_service.read(content)
        register = Register()
        register.find(asked.fields, asked.first_names)
        insi_service.result(asked, "01", None, number=Batches(register).deposit(asked.batch))


def _insi() -> list[bytes]:
    traits = {"NomNaissance": "ESSAI", "Sexe": "F", "DateNaissance": "1950-01-02", "LieuNaissance": "99999"}
    whole = {"NumIdentifiant": "2500199999999", "Cle": "01", "OID": "1.2", **traits}
    bodies = {
        insi_service.BY_TRAITS: insi_messages.by_traits(traits, ["ANNE"]),
        insi_service.BY_CARD: insi_messages.by_card("2500199999999", "01", "ESSAI", "1950-01-02"),
        insi_service.DEPOSIT: insi_messages.batch(insi_service.VERIFY_NS, {"a": (whole, "ANNE"), "b": (whole, "ZOE")}),
        insi_service.COLLECT: insi_messages.collection(insi_service.VERIFY_NS, "LOT-000001"),
    }
    return [insi_messages.request(name, body, idam="1", issuer="2") for name, body in bodies.items()]


def _hellos() -> list[bytes]:
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="smtp.a.test")
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    # Without the record's header: a handshake message.
    return [outgoing.read()[5:]]


def _profiles() -> list[bytes]:
    empty = (
        b"schema: 1\nname: x\ntitle: {fr: a, en: b}\nversion: '1'\nnotice: {fr: a, en: b}\nreferential: r\nsources: []\n"
        b"parameters: {}\nconditions: {}\nrequirements: []\nout_of_scope: []\n"
    )
    return [empty]


def _tokens() -> list[bytes]:
    header = {
        "alg": "RS256",
        "typ": "JWT",
        "kid": "a",
        "x5c": ["MIIB"],
        "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    }
    parts = (json.dumps(each).encode() for each in (header, {"sub": "a", "exp": 1}))
    head, body = (base64.urlsafe_b64encode(each).rstrip(b"=") for each in parts)
    return [head + b"." + body + b".c2ln", b"eyJhbGciOiJub25lIn0.e30."]


def _archives() -> list[bytes]:
    named = packed({"[Content_Types].xml": b"<Types/>", "a.xml": small(), "b/c.xml": b"<a/>"})
    return [named, valid_xdm()]


def ldap(content: bytes) -> None:
    """What an LDAP server and its client read: a message, a search and its filter, an entry."""
    with suppress(Malformed):
        operation = messages.read(content).operation
        with suppress(Malformed):
            messages.read_entry(operation)
        asked = messages.read_search(operation)
        filters.written(asked.filter)
        filters.meets({"uid": ["ana"], "objectclass": ["inetOrgPerson"]}, asked.filter)


def _ldap() -> list[bytes]:
    found = messages.Entry("uid=ana", {"uid": ["ana"], "mail": ["a@b.test", "c@d.test"]})
    asked = messages.search("ou=personnes", "inetOrgPerson", ["uid", "cn"])
    return [
        messages.message(1, messages.bind("cn=x", "y")),
        messages.message(2, asked),
        messages.message(2, messages.entry(found)),
    ]


def page(content: bytes) -> None:
    """A page of a product, whose form the bench's browser fills."""
    fill(content.decode("utf-8", "replace"), {"login": "ana"})


def _pages() -> list[bytes]:
    return [
        b'<!DOCTYPE html><form method="post" action="/in"><input name="login"><select name="s"><option>1</select></form>'
    ]


def notice(content: bytes) -> None:
    """An ordinary mail of a product."""
    read_notice(content, ("a@b.test",))


_FRONT = (
    b"HTTP/1.1 200 OK\r\nContent-Security-Policy: default-src 'none'; script-src 'self'\r\nServer: x/1.2\r\n"
    b"Strict-Transport-Security: max-age=63072000\r\nSet-Cookie: a=b; Path=/; Secure; HttpOnly; SameSite=Lax\r\n"
    b"Referrer-Policy: same-origin, unsafe-url\r\nContent-Length: 2\r\n\r\nok"
)


def _certificates() -> list[bytes]:
    identity = make_root().sign(server_subject("dui.test"), usage=SERVER_USAGE, names=("dui.test", "127.0.0.1"))
    return [ssl.PEM_cert_to_DER_cert(identity.certificate_pem)]


def certificate(content: bytes) -> None:
    """A certificate that a front door shows."""
    described(content)


def front(content: bytes) -> None:
    """The answer of a front door, and what the rules of hardening say of it."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(content[:60_000])
        there.shutdown(socket.SHUT_WR)
        with suppress(OSError, HTTPException, ValueError):
            told = exchange(FrontDoor.of("http://dui.test/"), Budget(), here, "GET", "/")
            page = DoorPage(told.url, False, told.headers, ())
            for one in (c for c in Registry.checks.values() if c.subject in (DoorPage, EncryptedPage)):
                for finding in one(page, Context()):
                    finding.message("fr")


@cache
def _registry() -> Store:
    """A registry that knows one person; what it is given comes back as it was."""
    folder = Path(tempfile.mkdtemp(prefix="dui-fuzz-"))
    store = Store(folder / "registry.sqlite3", ContentStore(folder / "content"))
    store.keep_patient(Patient("1840599999001", "184059999900142", "1.2.250.1.213.1.4.10", "open", {}))
    return store


def draft(content: bytes) -> None:
    """A bundle of the DMP's FHIR draft, filed, and shown again when it was taken."""
    store = _registry()
    with suppress(FhirFault):
        provide(
            store, read_resource(content, "application/fhir+json"), Sender("1990000002", "899900000011", "2026-09-01")
        )
    for held in store.entries_of("1840599999001")[-3:]:
        json.dumps(document_reference(held, "https://localhost/fhir"))


def _drafts() -> list[bytes]:
    subject = {"reference": "Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|184059999900142"}
    kind = {"coding": [{"system": SETS, "code": "submissionset"}]}
    document = {
        "resourceType": "DocumentReference",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
        "subject": subject,
        "date": "2026-06-12T10:00:00+02:00",
        "content": [{"attachment": {"url": "urn:uuid:3", "title": "Essai", "size": 4}, "format": {"code": "a"}}],
        "context": {"period": {"start": "2026-06-12"}, "event": [{"coding": [{"code": "b"}]}]},
    }
    resources = [
        {"resourceType": "List", "code": kind, "subject": subject},
        document,
        {"resourceType": "Binary", "data": "PGEvPg=="},
    ]
    entry = [{"fullUrl": f"urn:uuid:{n}", "resource": one} for n, one in enumerate(resources, 1)]
    return [json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entry}).encode()]


def stored_query(content: bytes) -> None:
    """The parameters of a stored query: read, judged, their bounds compared."""
    try:
        query = parse(content)
    except Unreadable:
        return
    given = queries.parameters(query)
    for kind in queries.QUERIES.values():
        queries.fault(kind, given)
    for name in given:
        for value in queries.values(given, name):
            queries.moment(value)
            like(value, "1^ESSAI^Camille")


def _queries() -> list[bytes]:
    slot = '<rim:Slot name="{}"><rim:ValueList><rim:Value>{}</rim:Value></rim:ValueList></rim:Slot>'
    slots = slot.format("$XDSDocumentEntryTypeCode", "('a^^1.2','b')") + slot.format("$uuid", "'it''s'")
    return [f'<rim:AdhocQuery xmlns:rim="{codes.RIM}" id="{queries.GET_ALL}">{slots}</rim:AdhocQuery>'.encode()]


def table(content: bytes) -> None:
    """The table of a simulated service, as a sealed dossier may hold it."""
    with suppress(ConformanceError):
        read_fidelity(content)


TARGETS = {
    "batch": Target(batch, _archives),
    "cda": Target(document, _cda),
    "certificate": Target(certificate, _certificates),
    "displayed": Target(displayed, lambda: [b"<html><body><h1>Titre</h1><p>Texte &eacute;</p></body></html>", b"<p>x"]),
    "front": Target(front, lambda: [_FRONT]),
    "dmp-draft": Target(draft, _drafts),
    "dmp-query": Target(stored_query, _queries),
    "fhir-json": Target(document, _fhir),
    "fhir-xml": Target(document, _fhir_xml),
    "fidelity": Target(table, lambda: [fidelity.content("dmp")]),
    "hello": Target(hello, _hellos),
    "imap": Target(
        imap, lambda: [b"(FLAGS BODY.PEEK[1.HEADER.FIELDS (TO)]<0.10>)", b'OR SUBJECT "a" NOT (1:* SINCE 1-Jan-2026)']
    ),
    "insi": Target(insi, _insi),
    "ldap": Target(ldap, _ldap),
    "manifest": Target(manifest, lambda: [b'{"path": "a.xml"}\n{"path": "b"}\n']),
    "message": Target(document, lambda: [plain(), carrier()]),
    "mime": Target(mime, lambda: [plain(), carrier()]),
    "notice": Target(notice, lambda: [plain(), carrier()]),
    "mtom": Target(mtom, lambda: [in_parts([(spec(), small())], submission())]),
    "pack": Target(pack, lambda: [valid_xdm()]),
    "page": Target(page, _pages),
    "pdf": Target(document, _pdfs),
    "print": Target(prints, _pdfs),
    "profile": Target(profile, _profiles),
    "token": Target(token, _tokens),
    "workbook": Target(workbook, _archives),
    "xdm": Target(document, lambda: [valid_xdm()]),
    "xds": Target(document, _xds),
}
