"""ITI-41 requests: recognised by content, taken apart, each fault told by its check."""

import base64

import pytest
from conformance._bundled.fixtures.documents.iti41 import BOUNDARY, CONTENT_TYPE, in_line, in_parts
from conformance._bundled.fixtures.documents.model import SubmissionSpec
from lxml import etree

from conformance.checks.document_kinds import kind_of
from conformance.checks.documents import judge_bytes
from conformance.checks.subjects import mtom
from conformance.checks.subjects.xds_request import KIND, ROLE, XdsRequest
from conformance.checks.xds.sets import several_persons, wrong_set
from conformance.core.check import Registry
from conformance.core.words import Level
from tests.checks.documents_made import ALONE, METADATA, entries, spec, valid_n1
from tests.checks.journals import Play, codes
from tests.checks.mails import made

NS = {
    "r": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "l": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
    "x": "urn:ihe:iti:xds-b:2007",
    "a": "http://www.w3.org/2005/08/addressing",
}
ENTRY = "//r:ExtrinsicObject"
SET = "//r:RegistryPackage"
CHECKS = [check.id for check in Registry.for_subject(XdsRequest)]


def submission():
    one = spec()
    return SubmissionSpec(
        unique_id="2.25.1",
        source_id="2.25.2",
        submitted=one.created,
        author=one.author,
        structure=one.structure,
        person=one.person,
    )


LINE = in_line([(spec(), valid_n1())], submission())
PARTS = in_parts([(spec(), valid_n1())], submission())


def changed(act, content=LINE):
    root = etree.fromstring(content)
    act(root)
    return etree.tostring(root)


def all_of(root, path):
    found = root.xpath(path, namespaces=NS)
    assert found, path
    return found


def put(path, **attributes):
    return lambda root: [e.set(n, v) for e in all_of(root, path) for n, v in attributes.items()]


def write(path, text):
    return lambda root: [setattr(e, "text", text) for e in all_of(root, path)]


def drop(path):
    return lambda root: [e.getparent().remove(e) for e in all_of(root, path)]


def copy(path):
    return lambda root: [e.addnext(etree.fromstring(etree.tostring(e))) for e in all_of(root, path)[:1]]


def told(content, levels=(Level.ERROR,)):
    """(check, code) of what the request itself is told."""
    judged = judge_bytes(content)
    assert judged.kind == "xds"
    codes(judged.findings)
    return sorted({(f.check, f.code) for f in judged.findings if f.level in levels})


@pytest.mark.parametrize(
    "content",
    [
        LINE,
        PARTS,
        PARTS.replace(b"\r\n", b"\n"),
        f"Content-Type: {CONTENT_TYPE}\r\n\r\n".encode() + PARTS,
        f"POST /x HTTP/1.1\r\nHost: h\r\nContent-Type: {CONTENT_TYPE}\r\n\r\n".encode() + PARTS,
        entries()[METADATA],
        LINE.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        etree.tostring(etree.fromstring(LINE).find(".//{*}ProvideAndRegisterDocumentSetRequest")),
    ],
    ids=["line", "parts", "line-feeds", "fields", "http", "metadata", "utf-16", "body"],
)
def test_every_form_of_a_request_is_known_and_conforms(content):
    assert told(content, tuple(Level)) == []


def test_the_document_inside_is_judged_and_told_at_its_entry():
    wrong = in_parts([(spec(), valid_n1().replace(b'code="FR"', b'code="BE"', 1))], submission())
    (finding,) = judge_bytes(wrong).findings
    assert finding.check == "cda.realm"
    assert finding.where.part.startswith("urn:uuid:")


SLOT = ENTRY + "/r:Slot[@name='{}']//r:Value"
CLASSIFIED = ENTRY + "/r:Classification[@classificationScheme='urn:uuid:{}']"
FACILITY = CLASSIFIED.format("f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1")
TYPE = CLASSIFIED.format("f0306f51-975f-434e-a61c-c59651d33983")
CLASS = CLASSIFIED.format("41a5887f-8865-4c09-adf7-e362475b143a")
VISIBILITY = CLASSIFIED.format("f4f85eac-e6cb-4883-b524-f2705394840f")
UNIQUE = ENTRY + "/r:ExternalIdentifier[@identificationScheme='urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab']"
PATIENT = ENTRY + "/r:ExternalIdentifier[@identificationScheme='urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427']"


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (write("//a:Action", "urn:other"), {"xds.request.action"}),
        (drop("//a:Action"), {"xds.request.action"}),
        (drop("//x:Document"), {"xds.documents.count"}),
        (copy("//x:Document"), {"xds.documents.count"}),
        (put("//x:Document", id="urn:uuid:0"), {"xds.documents.count", "xds.documents.unannounced"}),
        (write("//x:Document", "@@"), {"xds.documents.not-there"}),
        (drop(SLOT.format("creationTime") + "/../.."), {"xds.metadata.missing"}),
        (drop(FACILITY), {"xds.metadata.missing"}),
        (drop(PATIENT), {"xds.metadata.missing"}),
        (write(SLOT.format("serviceStopTime"), "20260304100000+0100"), {"xds.metadata.form", "xds.coherence.differs"}),
        (write(SLOT.format("creationTime"), "20261304"), {"xds.metadata.form", "xds.coherence.differs"}),
        (put(ENTRY, objectType="urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248"), {"xds.metadata.form"}),
        (put(UNIQUE, value="urn:oid:1.2"), {"xds.metadata.form", "xds.coherence.differs"}),
        (put(FACILITY, nodeRepresentation="SA99"), {"xds.codes.unknown", "xds.coherence.differs"}),
        (write(CLASS + "//r:Value", "1.2.3"), {"xds.codes.system"}),
        (drop(TYPE + "/r:Name"), {"xds.codes.unlabelled"}),
        (put(VISIBILITY, nodeRepresentation="INVISIBLE_PATIENT"), None),
        (drop(SET), {"xds.submission-set.count"}),
        (copy(SET), {"xds.submission-set.count"}),
        (copy("//l:SubmitObjectsRequest"), {"xds.submission-set.count"}),
        (drop(SET + "/r:Slot"), {"xds.submission-set.attribute"}),
        (write(SET + "/r:Slot//r:Value", "04/03/2026"), {"xds.metadata.form"}),
        (drop("//r:Association"), {"xds.submission-set.member"}),
        (write("//r:Association//r:Value", "Reference"), {"xds.submission-set.status"}),
        (put(PATIENT, value="1"), {"xds.patient.form"}),
        (put(PATIENT, value="1^^^&1.2&ISO^NH"), {"xds.patient.several", "xds.coherence.differs"}),
        (write(SLOT.format("hash"), "0" * 40), {"xds.integrity.hash"}),
        (write(SLOT.format("size"), "12"), {"xds.integrity.size"}),
        (drop(SLOT.format("size") + "/../.."), set()),
        (put(ENTRY + "/r:Name/r:LocalizedString", value="Autre"), {"xds.coherence.differs"}),
        (write(SLOT.format("languageCode"), "en-US"), {"xds.coherence.differs"}),
    ],
)
def test_each_fault_is_told_by_its_check(act, expected):
    found = {code for check, code in told(changed(act)) if check.startswith("xds.")}
    if expected is None:
        expected = {"xds.codes.system", "xds.codes.normal-first", "xds.coherence.differs"}
    assert found == expected


def test_what_published_messages_carry_is_asked_for_as_a_hypothesis():
    content = changed(drop(SLOT.format("sourcePatientInfo") + "[starts-with(., 'PID-7')]"))
    (finding,) = judge_bytes(content).findings
    assert (finding.code, str(finding.level), str(finding.basis)) == ("xds.metadata.usual", "warning", "hypothesis")


def test_a_signature_among_the_documents_is_not_asked_for_a_care_context():
    def signed(root):
        put(
            CLASSIFIED.format("a09d5840-386c-46f2-b5ad-9c3699a4309d"),
            nodeRepresentation="http://www.w3.org/2000/09/xmldsig#",
        )(root)
        drop(SLOT.format("legalAuthenticator") + "/../..")(root)
        put(FACILITY, nodeRepresentation="SA99")(root)

    assert not {c for _, c in told(changed(signed), tuple(Level))} & {"xds.metadata.usual", "xds.codes.unknown"}


def test_a_matricule_without_its_key_is_a_warning_of_coherence():
    ins = spec().person.ins
    short = changed(
        lambda root: [put(p, value=e.get("value").replace(ins, ins[:13]))(root) for p, e in _identified(root)]
    )
    assert told(short) == []
    assert ("xds.coherence", "xds.coherence.differs") in told(short, (Level.WARNING,))


def _identified(root):
    paths = (
        PATIENT,
        SET + "/r:ExternalIdentifier[@identificationScheme='urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446']",
    )
    return [(path, all_of(root, path)[0]) for path in paths]


def test_the_functions_judge_a_submission_whatever_brought_it():
    submitted = XdsRequest.from_bytes(PARTS).submission
    assert list(wrong_set(submitted)) == list(several_persons(submitted)) == []


# --- what does not read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PARTS[: len(PARTS) // 2], "xds.request.parts"),
        (PARTS.replace(b"binary", b"quoted-printable"), "xds.request.parts"),
        (PARTS.replace(b"binary", b"base64"), "xds.request.parts"),
        (PARTS.replace(b"cid:document1", b"cid:other"), "xds.documents.not-there"),
        (b"--x\r\nContent-Type: application/xop+xml\r\n\r\n<a/>\r\n" * 300 + b"--x--", "xds.request.too-much"),
        (b"--x\r\nContent-Type: application/xop+xml\r\n\r\n<a/>\r\n--x--\r\n", "xds.request.root"),
        (b"--x\r\nContent-Type: application/xop+xml\r\n\r\n\r\n--x--\r\n", "document.empty"),
        (b"Content-Type: application/xop+xml\r\n\r\nx", "xds.request.parts"),
        (LINE.replace(b"<s:Envelope", b"<!DOCTYPE x [<!ENTITY y 'z'>]><s:Envelope", 1), "document.doctype"),
        (PARTS.replace(b"<s:Envelope", b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><s:Envelope", 1), "document.doctype"),
        (LINE[:-20], "document.not-well-formed"),
        (b"<SubmitObjectsRequest>" + b"<a>" * 5000, "document.too-much"),
        (b"<SubmitObjectsRequest xmlns='urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0'/>", "xds.request.empty"),
        (b"<SubmitObjectsRequest/>", "xds.request.root"),
    ],
)
def test_a_request_that_does_not_read_is_told_once(content, code):
    assert code in {c for _, c in told(content)}
    assert not any(c.endswith(".unreadable") for _, c in told(content))


def test_a_part_that_comes_twice_is_told():
    part = PARTS[PARTS.index(f"--{BOUNDARY}".encode(), 10) : PARTS.rindex(f"--{BOUNDARY}--".encode())]
    assert told(PARTS.replace(f"--{BOUNDARY}--".encode(), part + f"--{BOUNDARY}--".encode())) == [
        ("xds.request", "xds.request.part-twice")
    ]


def test_a_base64_part_is_decoded():
    encoded = base64.encodebytes(valid_n1()).replace(b"\n", b"\r\n")
    content = PARTS.replace(valid_n1(), encoded).replace(
        b"text/xml\r\nContent-Transfer-Encoding: binary", b"text/xml\r\nContent-Transfer-Encoding: base64"
    )
    assert told(content, tuple(Level)) == []


def test_a_package_is_bounded(monkeypatch):
    monkeypatch.setattr(mtom, "MAX_BYTES", 100)
    assert told(PARTS) == [("xds.request", "xds.request.too-much")]


def test_a_request_that_did_not_read_fails_every_check_of_a_run():
    unread = XdsRequest.from_bytes(b"--x")
    assert all(codes(Registry.get(id)(unread, ALONE)) for id in CHECKS)


def test_requests_are_read_from_what_a_service_recorded(tmp_path):
    play = Play(tmp_path)
    play.wire("dmp.repository", KIND, blobs={ROLE: PARTS}, content_type=CONTENT_TYPE)
    assert [play.codes(id, levels=tuple(Level)) for id in CHECKS] == [[]] * len(CHECKS)


def test_other_contents_keep_their_kind():
    assert kind_of(valid_n1()) == "cda"
    assert kind_of(made().raw) == "message"
    assert kind_of(b"<a>SubmitObjects</a>") == "xml"
