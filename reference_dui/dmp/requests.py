"""The bodies of the product's calls to the DMP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from conformance._bundled.fixtures.documents.metadata import cx
from lxml import etree

from conformance.population import Person

from .. import facts

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
HABILITATIONS = "urn:si-dmp-habilitations"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
XDSB = "urn:ihe:iti:xds-b:2007"
DMP = "1.2.250.1.213.4.1.1.1"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name


def test_of_existence(person: Person) -> Element:
    """TD0.2: ask whether a person has a record, and whether the user may open it."""
    root = etree.Element(
        f"{{{HL7}}}PRPA_IN201307UV02", nsmap={"hl7": HL7, "xsi": XSI}, attrib={"ITSVersion": "XML_1.0"}
    )
    _hl7(root, "id", root=facts.SOURCE_ID, extension=str(uuid4()))
    _hl7(root, "creationTime", value=f"{datetime.now(UTC):%Y%m%d%H%M%S}")
    _hl7(root, "interactionId", root="2.16.840.1.113883.1.6", extension="PRPA_IN201307UV02")
    _hl7(root, "processingCode", code="D")
    _hl7(root, "processingModeCode", code="T")
    _hl7(root, "acceptAckCode", code="AL")
    for kind, code, device, name in (("receiver", "RCV", DMP, "DMP"), ("sender", "SND", facts.SOURCE_ID, facts.NAME)):
        holder = _hl7(_hl7(root, kind, typeCode=code), "device", classCode="DEV", determinerCode="INSTANCE")
        _hl7(holder, "id", root=device)
        _hl7(holder, "softwareName").text = name
    act = _hl7(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    _hl7(act, "reasonCode", code="TEST_EXST", codeSystem="1.2.250.1.213.1.1.4.11")
    query = _hl7(act, "queryByParameter")
    _hl7(query, "queryId", root=facts.SOURCE_ID, extension=str(uuid4()))
    _hl7(query, "statusCode", code="new")
    who = _hl7(_hl7(query, "parameterList"), "patientIdentifier")
    _hl7(who, "value", root=person.oid, extension=person.ins)
    _hl7(who, "semanticsText").text = "Patient.id"
    return root


def read_test(body: Element) -> tuple[str, str]:
    """What TD0.2 answers: state of the record (``open``, ``closed``, ``absent``) and the authorisation's own word."""
    status = body.find(f".//{{{HL7}}}patient/{{{HL7}}}statusCode")
    state = "absent" if status is None else "open" if status.get("code") == "active" else "closed"
    for line in body.iterfind(f"{{{HL7}}}attentionLine"):
        keyword, value = line.find(f"{{{HL7}}}keyWordText"), line.find(f"{{{HL7}}}value")
        if keyword is not None and value is not None and keyword.get("code") == "AUTORISATION":
            return state, value.get("code", "")
    return state, ""


def set_authorisation(action: str) -> Element:
    """TD0.3: add (``AJOUT``) or remove (``SUPPRESSION``) the user's authorisation."""
    root = etree.Element(f"{{{HABILITATIONS}}}setAuthorization", nsmap={"hab": HABILITATIONS})
    etree.SubElement(root, f"{{{HABILITATIONS}}}action").text = action
    return root


def find_documents(person: Person, criteria: Mapping[str, Sequence[str]]) -> Element:
    """TD3.1: the documents of a person that meet criteria, by the names of ITI-18's parameters without their prefix."""
    given: dict[str, Sequence[str]] = {
        "$XDSDocumentEntryPatientId": [cx(person.ins, person.oid)],
        "$XDSDocumentEntryStatus": ["urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"],
    }
    given |= {f"$XDSDocumentEntry{name}": values for name, values in criteria.items()}
    return _query(FIND_DOCUMENTS, given, single={"$XDSDocumentEntryPatientId"})


def get_documents(unique_ids: Sequence[str]) -> Element:
    """TD3.1: the entries of documents known by their unique ids."""
    return _query(GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": unique_ids})


def retrieve(repository: str, unique_ids: Sequence[str]) -> Element:
    """TD3.2: the documents themselves."""
    root = etree.Element(f"{{{XDSB}}}RetrieveDocumentSetRequest", nsmap={"xds": XDSB})
    for unique_id in unique_ids:
        one = etree.SubElement(root, f"{{{XDSB}}}DocumentRequest")
        etree.SubElement(one, f"{{{XDSB}}}RepositoryUniqueId").text = repository
        etree.SubElement(one, f"{{{XDSB}}}DocumentUniqueId").text = unique_id
    return root


def _query(kind: str, given: Mapping[str, Sequence[str]], single: set[str] | None = None) -> Element:
    root = etree.Element(f"{{{QUERY}}}AdhocQueryRequest", nsmap={"query": QUERY, "rim": RIM})
    etree.SubElement(root, f"{{{QUERY}}}ResponseOption", returnComposedObjects="true", returnType="LeafClass")
    query = etree.SubElement(root, f"{{{RIM}}}AdhocQuery", id=kind)
    for name, values in given.items():
        slot = etree.SubElement(etree.SubElement(query, f"{{{RIM}}}Slot", name=name), f"{{{RIM}}}ValueList")
        if name.endswith(("From", "To")):
            etree.SubElement(slot, f"{{{RIM}}}Value").text = values[0]
            continue
        quoted = ",".join("'" + value.replace("'", "''") + "'" for value in values)
        etree.SubElement(slot, f"{{{RIM}}}Value").text = quoted if name in (single or set()) else f"({quoted})"
    return root


def _hl7(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{HL7}}}{tag}", attributes)
