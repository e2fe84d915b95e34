"""The CDA N1 documents: valid against the published schema, with the header that the minimal structure wants."""

from __future__ import annotations

import base64

import pytest
from conformance._bundled.fixtures.documents import codes
from conformance._bundled.fixtures.documents.model import OID_LOCAL_PERSONS
from conformance._bundled.fixtures.documents.n1 import HL7, TEMPLATES, n1, n1_of
from lxml import etree

from conformance.population import OID_INS_TEST, Structure

from .conftest import ACT

NS = {"h": HL7}
PDF = b"%PDF-1.4 essai"


def found(content: bytes, path: str) -> list:
    return etree.fromstring(content).xpath(path, namespaces=NS)


@pytest.fixture(scope="session")
def schema(published):
    return etree.XMLSchema(etree.parse(published / "schema" / "CDA_extended.xsd"))


@pytest.fixture
def specs(document, population):
    """Documents that differ where the header differs."""
    everyone = [population.correspondent("essai", k, domain="cabinet.test", kind=k) for k in ("PER", "ORG", "APP")]
    first = document(recipients=everyone)
    return {
        "qualified": first,
        "corsica": document("corse", origin="corsica"),
        "abroad": document("ailleurs", origin="abroad"),
        "unqualified": document("valide", status="validee"),
        "retrieved": document("recupere", status="recuperee"),
        "replacement": first.next_version(unique_id="2.25.7^12", created=first.created, text=["Corrigé."]),
        "bare-structure": document("nu", structure=Structure("960000004", "ESSAI", sector="SA01")),
        "additional-type": document("export", type_code="EXPORT_DUI"),
    }


def test_every_document_is_valid_against_the_published_schema(specs, schema):
    faults = {
        name: str(schema.error_log)
        for name, spec in specs.items()
        if not schema.validate(etree.fromstring(n1(spec, PDF)))
    }
    assert faults == {}


def test_the_schema_refuses_a_document_out_of_order(specs, schema):
    root = etree.fromstring(n1(specs["qualified"], PDF))
    root.append(root[0])
    assert not schema.validate(root)


def test_header_has_the_parts_of_the_published_example_in_their_order(specs, published):
    example = etree.parse(published / "examples" / "DOC_NON_STRUCTURE_CDA-R2-N1.xml").getroot()
    optional = {"participant"}
    wanted = [etree.QName(child).localname for child in example.iterchildren(etree.Element)]
    ours = [etree.QName(child).localname for child in etree.fromstring(n1(specs["qualified"], PDF))]
    assert [name for name in ours if name != "informationRecipient"] == [n for n in wanted if n not in optional]


def test_codes_and_labels_are_those_of_the_value_sets(published):
    def values(prefix: str) -> dict[str, tuple[str, str]]:
        (source,) = (published / "value-sets").glob(f"{prefix}_*.xml")
        concepts = etree.parse(source).iter("{urn:ihe:iti:svs:2008}Concept")
        return {c.get("code"): (c.get("codeSystem"), c.get("displayName")) for c in concepts}

    used = {
        "JDV_J07": [entry.type for entry in codes.DOCUMENT_TYPES.values()],
        "JDV_J08": list(codes.CONFIDENTIALITY.values()),
        "JDV_J02": list(codes.FACILITIES.values()),
        "JDV_J04": [codes.PRACTICE_SETTING],
        "JDV_J01": list(codes.SPECIALTIES.values()),
        "JDV_J143": list(codes.GENDERS.values()),
    }
    for prefix, coded in used.items():
        known = values(prefix)
        assert {c.code: (c.system, c.label) for c in coded} == {c.code: known.get(c.code) for c in coded}


def test_qualified_identity_travels_with_its_matricule_and_all_its_traits(specs):
    spec = specs["qualified"]
    content, person = n1(spec, PDF), spec.person
    assert found(content, f"//h:patientRole/h:id[@root='{OID_INS_TEST}']/@extension") == [person.ins]
    assert found(content, "//h:patient/h:name/h:family[@qualifier='BR']/text()") == [person.birth_name]
    assert found(content, "//h:patient/h:name/h:given[@qualifier='BR']/text()") == [person.first_name]
    assert found(content, "//h:patient/h:name/h:given[not(@qualifier)]/text()") == [" ".join(person.birth_first_names)]
    assert found(content, "//h:birthTime/@value") == [person.birth_date.replace("-", "")]
    assert found(content, "//h:administrativeGenderCode/@code") == [person.sex]
    assert found(content, "//h:birthplace/h:place/h:addr/h:county/text()") == [person.birth_place]


@pytest.mark.parametrize("name", ["unqualified", "retrieved"])
def test_any_other_identity_travels_without_matricule(specs, name):
    spec = specs[name]
    content = n1(spec, PDF)
    assert found(content, "//h:patientRole/h:id/@root") == [OID_LOCAL_PERSONS]
    assert found(content, "//h:patientRole/h:id/@extension") == [spec.person.key]
    assert found(content, "//h:family[@qualifier='BR']/text()") == [spec.person.birth_name]


def test_replacement_keeps_the_set_and_names_what_it_replaces(specs):
    first, second = n1(specs["qualified"], PDF), n1(specs["replacement"], PDF)
    assert found(first, "/*/h:setId/@root") == found(second, "/*/h:setId/@root")
    assert found(second, "/*/h:versionNumber/@value") == ["2"]
    assert found(second, "/*/h:relatedDocument/@typeCode") == ["RPLC"]
    assert found(second, "//h:parentDocument/h:id/@root") == [specs["qualified"].unique_id]
    assert found(second, "/*/h:id/@extension") == ["12"]
    assert found(first, "/*/h:relatedDocument") == []


def test_header_declares_what_it_conforms_to_and_nothing_else(specs):
    content = n1(specs["qualified"], PDF)
    assert found(content, "/*/h:templateId/@root") == list(TEMPLATES)
    assert found(content, "/*/h:realmCode/@code") == ["FR"]
    assert found(content, "/*/h:typeId/@extension") == ["POCD_HD000040"]
    assert found(content, "//h:representedCustodianOrganization/h:id/@root") == [codes.OID_STRUCTURE]


def test_first_act_has_its_performer_and_its_times(specs):
    content = n1(specs["qualified"], PDF)
    assert found(content, "//h:serviceEvent/h:effectiveTime/h:low/@value") == ["20260301103005+0100"]
    assert found(content, "count(//h:serviceEvent/h:performer[@typeCode='PRF'])") == 1
    assert found(content, "//h:standardIndustryClassCode/@code") == ["ESSMS"]
    assert found(content, "//h:signatureCode/@code") == ["S"]


def test_recipients_are_those_of_the_document(specs):
    spec = specs["qualified"]
    told = found(n1(spec, PDF), "//h:intendedRecipient/h:telecom/@value")
    assert told == [f"mailto:{recipient.address}" for recipient in spec.recipients]


def test_body_is_the_pdf_byte_for_byte(specs):
    body = found(n1(specs["qualified"], PDF), "//h:nonXMLBody/h:text")[0]
    assert (body.get("mediaType"), body.get("representation")) == ("application/pdf", "B64")
    assert base64.b64decode(body.text, validate=True) == PDF


def test_same_document_gives_the_same_bytes(specs):
    assert n1_of(specs["abroad"]) == n1_of(specs["abroad"])


def test_a_document_without_time_zone_or_with_an_unknown_visibility_is_refused(document):
    spec = document()
    with pytest.raises(ValueError, match="time zone"):
        document(created=ACT.replace(tzinfo=None))
    with pytest.raises(ValueError, match="confidentiality"):
        type(spec)(**{name: getattr(spec, name) for name in spec.__slots__} | {"confidentiality": ("MASQUE_PS",)})
