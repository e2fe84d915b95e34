"""The archive: its layout, metadata that say what the documents say, and the same bytes each time."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime

import pytest
from conformance._bundled.fixtures.documents.ebrim import RIM
from conformance._bundled.fixtures.documents.metadata import HAS_MEMBER, REPLACES, entry_id
from conformance._bundled.fixtures.documents.model import SubmissionSpec
from conformance._bundled.fixtures.documents.n1 import HL7, n1
from conformance._bundled.fixtures.documents.xdm import METADATA, SUBSET, xdm
from conformance._bundled.fixtures.identifiers import oid
from lxml import etree

from .conftest import ACT

NS = {"r": RIM, "h": HL7}


class Read:
    """An archive read back: its entries and the values of its metadata."""

    def __init__(self, packed: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.testzip() is None
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.metadata = etree.fromstring(self.files[METADATA])

    def all(self, path: str) -> list:
        return self.metadata.xpath(path, namespaces=NS)

    def slots(self, owner: str, name: str) -> list[str]:
        return self.all(f"//r:{owner}/r:Slot[@name='{name}']/r:ValueList/r:Value/text()")

    def code(self, scheme: str) -> list[tuple[str, str]]:
        entries = self.all(f"//r:Classification[@classificationScheme='urn:uuid:{scheme}']")
        return [(e.get("nodeRepresentation"), e.findtext("r:Slot/r:ValueList/r:Value", namespaces=NS)) for e in entries]

    def external(self, name: str) -> list[str]:
        return self.all(f"//r:ExternalIdentifier[r:Name/r:LocalizedString/@value='{name}']/@value")


@pytest.fixture
def pack(population):
    def make(*specs, pdf=b"%PDF-1.4 essai"):
        submission = SubmissionSpec(
            oid("submission"), oid("source"), ACT, population.professional, population.structure, specs[0].person
        )
        return xdm([(spec, n1(spec, pdf)) for spec in specs], submission)

    return make


def instant(told: str) -> datetime:
    return datetime.strptime(told, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def test_layout_is_that_of_the_profile(pack, document):
    names = list(Read(pack(document("a"), document("b", type_code="28653-4"))).files)
    assert names == ["INDEX.HTM", "README.TXT", METADATA, f"{SUBSET}/DOC00001.XML", f"{SUBSET}/DOC00002.XML"]
    for path in names:
        for part in path.split("/"):
            stem, _, extension = part.partition(".")
            assert len(stem) <= 8
            assert len(extension) <= 3
            assert part == part.upper()


def test_same_documents_give_the_same_bytes(pack, document):
    assert pack(document()) == pack(document())
    assert pack(document()) != pack(document(), pdf=b"%PDF-1.4 autre")


def test_every_file_is_referenced_with_its_hash_and_size(pack, document):
    read = Read(pack(document("a"), document("b")))
    told = zip(
        read.slots("ExtrinsicObject", "URI"),
        read.slots("ExtrinsicObject", "hash"),
        read.slots("ExtrinsicObject", "size"),
        strict=True,
    )
    documents = {name: content for name, content in read.files.items() if "/DOC" in name}
    assert [(f"{SUBSET}/{uri}", digest, int(size)) for uri, digest, size in told] == [
        (name, hashlib.sha1(content).hexdigest(), len(content)) for name, content in documents.items()
    ]


def test_one_submission_set_holds_every_entry(pack, document):
    read = Read(pack(document("a"), document("b")))
    (package,) = read.all("//r:RegistryPackage/@id")
    entries = read.all("//r:ExtrinsicObject/@id")
    members = read.all(f"//r:Association[@associationType='{HAS_MEMBER}']")
    assert [(m.get("sourceObject"), m.get("targetObject")) for m in members] == [(package, e) for e in entries]
    assert read.all("//r:Classification[@classificationNode]/@classifiedObject") == [package]
    ids = read.all("//@id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("asked", [{}, {"origin": "corsica"}, {"status": "validee"}, {"type_code": "83981-1"}])
def test_metadata_say_what_the_header_says(pack, document, asked):
    spec = document(**asked)
    read = Read(pack(spec))
    header = etree.fromstring(read.files[f"{SUBSET}/DOC00001.XML"])

    def cda(path: str) -> str:
        return str(header.xpath(f"string({path})", namespaces=NS))

    assert read.external("XDSDocumentEntry.uniqueId") == [cda("/*/h:id/@root")]
    assert read.code("f0306f51-975f-434e-a61c-c59651d33983") == [(cda("/*/h:code/@code"), cda("/*/h:code/@codeSystem"))]
    assert read.all("//r:ExtrinsicObject/r:Name/r:LocalizedString/@value") == [cda("/*/h:title")]
    assert read.code("f4f85eac-e6cb-4883-b524-f2705394840f")[0][0] == cda("/*/h:confidentialityCode/@code")
    assert read.slots("ExtrinsicObject", "languageCode") == [cda("/*/h:languageCode/@code")]
    assert read.code("f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1")[0][0] == cda("//h:healthCareFacility/h:code/@code")
    assert read.code("cccf5598-8b07-4b77-a05e-ae952c785ead")[0][0] == cda("//h:standardIndustryClassCode/@code")
    for slot, path in (
        ("creationTime", "/*/h:effectiveTime/@value"),
        ("serviceStartTime", "//h:serviceEvent/h:effectiveTime/h:low/@value"),
        ("serviceStopTime", "//h:serviceEvent/h:effectiveTime/h:high/@value"),
    ):
        (told,) = read.slots("ExtrinsicObject", slot)
        assert instant(told) == datetime.strptime(cda(path), "%Y%m%d%H%M%S%z")
    kind = "NH" if spec.person.ins else "PI"
    patient = f"{cda('//h:patientRole/h:id[1]/@extension')}^^^&{cda('//h:patientRole/h:id[1]/@root')}&ISO^{kind}"
    assert {*read.external("XDSDocumentEntry.patientId"), *read.external("XDSSubmissionSet.patientId")} == {patient}


def test_person_is_described_by_birth_traits(pack, document):
    spec = document()
    told = Read(pack(spec)).slots("ExtrinsicObject", "sourcePatientInfo")
    assert told[0] == f"PID-5|{spec.person.birth_name}^{spec.person.first_name}^^^^^L"
    assert f"PID-7|{spec.person.birth_date.replace('-', '')}" in told
    assert f"PID-8|{spec.person.sex}" in told


def test_author_is_spelt_as_an_xcn_and_an_xon(pack, document):
    spec = document()
    read = Read(pack(spec))
    (person,) = set(read.all("//r:Slot[@name='authorPerson']//r:Value/text()"))
    parts = person.split("^")
    assert parts[:3] == [spec.author.identifier, spec.author.name, spec.author.first_name]
    assert (parts[8], parts[9], parts[12]) == ("&1.2.250.1.71.4.2.1&ISO", "D", "IDNPS")
    (place,) = set(read.all("//r:Slot[@name='authorInstitution']//r:Value/text()"))
    assert place.split("^")[5:] == ["&1.2.250.1.71.4.2.2&ISO", "IDNST", "", "", f"1{spec.structure.finess}"]


def test_replacement_is_associated_with_the_entry_it_replaces(pack, document):
    first = document()
    second = first.next_version(unique_id="2.25.9", created=first.created, text=["Corrigé."])
    read = Read(pack(second))
    (link,) = read.all(f"//r:Association[@associationType='{REPLACES}']")
    assert link.get("sourceObject") == entry_id(second.unique_id)
    assert [link.get("targetObject")] == Read(pack(first)).all("//r:ExtrinsicObject/@id")


def test_an_empty_archive_is_refused(population, document):
    submission = SubmissionSpec(
        oid("s"), oid("t"), ACT, population.professional, population.structure, document().person
    )
    with pytest.raises(ValueError, match="1 to 999"):
        xdm([], submission)
