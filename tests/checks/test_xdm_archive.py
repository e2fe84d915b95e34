"""Every check of an XDM archive: the conforming archive passes, one fault fails by its own code."""

import pytest

from conformance.checks.subjects.xdm import XdmArchive
from conformance.core.check import Registry
from conformance.core.words import Level
from tests.checks.documents_made import (
    DOCUMENT,
    METADATA,
    NS,
    double,
    drop,
    entries,
    n1,
    one,
    packed,
    put,
    valid_xdm,
    xdm_said,
    xdm_with,
)

CHECKS = sorted(check.id for check in Registry.for_subject(XdmArchive))
ENTRY = "//rim:ExtrinsicObject"
PACKAGE = "//rim:RegistryPackage"


def slot(name):
    return f"{ENTRY}/rim:Slot[@name='{name}']"


def value(name, text):
    return lambda root: setattr(one(root, f"{slot(name)}//rim:Value"), "text", text)


def identifier(owner, scheme, text):
    path = f"{owner}/rim:ExternalIdentifier[@identificationScheme='urn:uuid:{scheme}']"
    return put(path, value=text)


ENTRY_PATIENT = "58a6f841-87b3-4a3e-92fd-a8ffeff98427"
ENTRY_UNIQUE = "2e82c1f6-a085-4c72-9da3-8640a32e42ab"
SET_SOURCE = "554ac39e-e3fe-47fe-b233-965d2a147832"
SET_PATIENT = "6b5aea1a-874d-4603-a4bc-96a0a7b38446"
TYPE = f"{ENTRY}/rim:Classification[@classificationScheme='urn:uuid:f0306f51-975f-434e-a61c-c59651d33983']"
OTHER_PERSON = "299017500190010^^^&1.2.250.1.213.1.4.10&ISO^NH"


def everywhere(root):
    identifier(ENTRY, ENTRY_PATIENT, OTHER_PERSON)(root)
    identifier(PACKAGE, SET_PATIENT, OTHER_PERSON)(root)


FAULTS = [
    ("xdm.layout", {"without": ["INDEX.HTM"]}, "xdm.layout.missing"),
    ("xdm.layout", {"without": ["README.TXT"], "files": {"Readme.txt": b"x"}}, "xdm.layout.missing"),
    ("xdm.layout", {"without": [METADATA]}, "xdm.layout.missing"),
    ("xdm.layout", {"without": [DOCUMENT]}, "xdm.layout.no-document"),
    ("xdm.names", {"files": {"IHE_XDM/SUBSET01/document.xml": b"<a/>"}}, "xdm.names.form"),
    ("xdm.names", {"files": {"LONGERTHAN8.TXT": b"x"}}, "xdm.names.form"),
    ("xdm.metadata", {"without": [METADATA]}, "xdm.metadata.missing"),
    ("xdm.metadata", {"files": {METADATA: b"<a"}}, "document.not-well-formed"),
    ("xdm.metadata", {"files": {METADATA: b"<a/>"}}, "xdm.metadata.root"),
    ("xdm.metadata", {"files": {METADATA: b"<!DOCTYPE a []><a/>"}}, "document.doctype"),
    ("xdm.metadata", {"fault": drop(ENTRY)}, "xdm.metadata.empty"),
    ("xdm.references", {"fault": drop(slot("URI"))}, "xdm.references.no-uri"),
    ("xdm.references", {"fault": value("URI", "DOC00009.XML")}, "xdm.references.no-file"),
    ("xdm.references", {"fault": value("URI", "../../INDEX.HTM")}, "xdm.references.outside"),
    ("xdm.references", {"fault": value("URI", "file:///etc/passwd")}, "xdm.references.outside"),
    ("xdm.references", {"fault": double(ENTRY)}, "xdm.references.twice"),
    ("xdm.references", {"files": {"IHE_XDM/SUBSET01/DOC00002.XML": b"<a/>"}}, "xdm.references.unnamed"),
    ("xdm.hash", {"fault": value("hash", "0" * 40)}, "xdm.hash.differs"),
    ("xdm.hash", {"fault": drop(slot("hash"))}, "xdm.hash.differs"),
    ("xdm.hash", {"files": {DOCUMENT: n1() + b"\n"}}, "xdm.hash.differs"),
    ("xdm.size", {"fault": value("size", "12")}, "xdm.size.differs"),
    ("xdm.size", {"fault": drop(slot("size"))}, "xdm.size.differs"),
    ("xdm.submission-set", {"fault": drop(PACKAGE)}, "xdm.submission-set.count"),
    ("xdm.submission-set", {"fault": double(PACKAGE)}, "xdm.submission-set.count"),
    ("xdm.submission-set", {"fault": identifier(PACKAGE, SET_SOURCE, "")}, "xdm.submission-set.attribute"),
    ("xdm.submission-set", {"fault": drop("//rim:Association")}, "xdm.submission-set.member"),
    ("xdm.patient", {"fault": identifier(ENTRY, ENTRY_PATIENT, "DUPONT")}, "xdm.patient.form"),
    ("xdm.patient", {"fault": identifier(PACKAGE, SET_PATIENT, OTHER_PERSON)}, "xdm.patient.several"),
    ("xdm.patient", {"fault": everywhere}, "xdm.patient.differs"),
    ("xdm.unique-id", {"fault": identifier(ENTRY, ENTRY_UNIQUE, "2.25.9")}, "xdm.unique-id.differs"),
    ("xdm.unique-id", {"fault": double(ENTRY)}, "xdm.unique-id.twice"),
    ("xdm.type-code", {"fault": put(TYPE, nodeRepresentation="28653-4")}, "xdm.type-code.differs"),
    ("xdm.type-code", {"fault": drop(TYPE)}, "xdm.type-code.differs"),
    ("xdm.times", {"fault": value("creationTime", "20260304100000")}, "xdm.times.differs"),
    ("xdm.times", {"fault": value("serviceStartTime", "20260304100000")}, "xdm.times.differs"),
    ("xdm.times", {"fault": value("creationTime", "20260304090000+0100")}, "xdm.times.form"),
    ("xdm.times", {"fault": drop(slot("creationTime"))}, "xdm.times.missing"),
    ("xdm.safe", {"files": {"IHE_XDM/../../evil": b"x"}}, "xdm.safe.traversal"),
]


@pytest.mark.parametrize("check_id", CHECKS)
def test_the_conforming_archive_passes(check_id):
    assert xdm_said(check_id, valid_xdm(), tuple(Level)) == []


@pytest.mark.parametrize(("check_id", "made", "code"), FAULTS, ids=[f"{c[2]}-{i}" for i, c in enumerate(FAULTS)])
def test_one_fault_fails_by_its_own_code(check_id, made, code):
    assert code in xdm_said(check_id, xdm_with(**made))


def test_every_check_has_a_fault_here():
    assert {case[0] for case in FAULTS} == set(CHECKS)


@pytest.mark.parametrize("check_id", [c for c in CHECKS if c not in ("xdm.safe", "xdm.metadata")])
def test_no_check_passes_what_is_no_archive(check_id):
    assert xdm_said(check_id, b"PK\x03\x04 and then nothing") == ["xdm.unreadable"]


@pytest.mark.parametrize(
    "check_id", ["xdm.references", "xdm.hash", "xdm.size", "xdm.submission-set", "xdm.patient", "xdm.times"]
)
def test_no_check_passes_an_archive_without_metadata(check_id):
    assert xdm_said(check_id, xdm_with(without=[METADATA])) == ["xdm.unreadable"]


@pytest.mark.parametrize("check_id", ["xdm.unique-id", "xdm.type-code", "xdm.times"])
def test_no_check_agrees_with_a_document_that_does_not_read(check_id):
    assert xdm_said(check_id, xdm_with(files={DOCUMENT: b"<broken"})) == ["xdm.unreadable"]


def test_a_local_hour_and_its_instant_in_utc():
    # The document says 10:00 +01:00: XDS says 09:00; a date cut at the day agrees with it too.
    assert xdm_said("xdm.times", xdm_with(value("creationTime", "20260304090000"))) == []
    assert xdm_said("xdm.times", xdm_with(value("creationTime", "20260304"))) == []


def test_a_matricule_without_its_key_is_a_remark():
    root_id = NS["rim"]

    def short(root):
        for element in root.iter(f"{{{root_id}}}ExternalIdentifier"):
            if element.get("identificationScheme").endswith((ENTRY_PATIENT, SET_PATIENT)):
                number, rest = element.get("value").split("^", 1)
                element.set("value", f"{number[:13]}^{rest}")

    assert xdm_said("xdm.patient", xdm_with(short)) == []
    assert xdm_said("xdm.patient", xdm_with(short), (Level.WARNING,)) == ["xdm.patient.differs"]


def test_a_style_sheet_needs_no_entry():
    assert xdm_said("xdm.references", xdm_with(files={"IHE_XDM/SUBSET01/STYLE.XSL": b"<x/>"})) == []


def test_a_file_outside_the_layout_is_a_remark():
    files = {**entries(), "AUTORUN.INF": b"x"}
    assert xdm_said("xdm.layout", packed(files), (Level.WARNING,)) == ["xdm.layout.elsewhere"]


def test_the_documents_know_where_they_are():
    (document,) = XdmArchive.from_bytes(valid_xdm()).documents
    assert document.where().part == DOCUMENT
