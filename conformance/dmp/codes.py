"""Names and codes of the DMP interface.

Source, unless a line says otherwise: interface « DMP-LPS » of GIE SESAM-Vitale (SEL-MP-037), as its WSDL 2.01.04 of
11/06/2024 and its examples 2.05 show it.
"""

from __future__ import annotations

from typing import Final

PATH: Final = "/si-dmp-server/v2/services"
HL7: Final = "urn:hl7-org:v3"
HABILITATIONS: Final = "urn:si-dmp-habilitations"
PATIENTS: Final = "urn:si-dmp-patients"
LCM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
RIM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
RS: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
XDSB: Final = "urn:ihe:iti:xds-b:2007"

# Root element of a request -> transaction.
TRANSACTIONS: Final = {
    f"{{{HL7}}}PRPA_IN201307UV02": "TD0.2",
    f"{{{HABILITATIONS}}}setAuthorization": "TD0.3",
    f"{{{PATIENTS}}}patientList": "TD0.4",
    f"{{{XDSB}}}ProvideAndRegisterDocumentSetRequest": "TD2.1",
    f"{{{QUERY}}}AdhocQueryRequest": "TD3.1",
    f"{{{XDSB}}}RetrieveDocumentSetRequest": "TD3.2",
    f"{{{LCM}}}SubmitObjectsRequest": "TD3.3",
}
# Transaction -> the service path that plays it.
PLACES: Final = {
    "TD0.2": "patients",
    "TD0.3": "habilitations",
    "TD0.4": "patients",
    "TD2.1": "repository",
    "TD3.1": "registry",
    "TD3.2": "repository",
    "TD3.3": "registry",
}
# Transaction -> the record kind of its exchanges.
KINDS: Final = {
    "TD0.2": "dmp.test",
    "TD0.3": "dmp.authorisation",
    "TD0.4": "dmp.patients",
    "TD2.1": "dmp.submission",
    "TD3.1": "dmp.search",
    "TD3.2": "dmp.retrieval",
    "TD3.3": "dmp.update",
}

SENDER: Final = "1.2.250.1.213.4.1.1.1"
REPOSITORY: Final = "1.2.250.1.213.4.1.1.1.2"
INS_C: Final = "1.2.250.1.213.1.4.2"
REASON_TEST: Final = ("TEST_EXST", "1.2.250.1.213.1.1.4.11")

# INS identifiers: NIR, NIA, and the two test ranges (Guide d'implémentation de l'INS; wire.md §3.6).
INS_OIDS: Final = frozenset(
    {"1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"}
)

# ``VALIDE`` was seen in an example; the other values of the set are hypotheses of ours (docs/services/dmp.md).
AUTHORISED: Final = "VALIDE"
AUTHORISATION_STATES: Final = {"valid": AUTHORISED, "none": "INEXISTANTE", "expired": "EXPIREE", "blocked": "INTERDITE"}

SUCCESS: Final = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE: Final = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
PARTIAL: Final = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
ERROR: Final = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
WARNING: Final = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning"

APPROVED: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED: Final = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED: Final = "urn:asip:ci-sis:2010:StatusType:Deleted"

HAS_MEMBER: Final = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
REPLACES: Final = "urn:ihe:iti:2007:AssociationType:RPLC"
SIGNS: Final = "urn:ihe:iti:2007:AssociationType:signs"
UPDATES_STATUS: Final = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"

# The slot of other identifiers of a document (IHE ITI TF-3, 4.2.3.2.28).
REFERENCES: Final = "urn:ihe:iti:xds:2013:referenceIdList"

# Format of an unstructured CDA around a PDF (JDV_J60; wire.md §2.6).
N1: Final = "urn:ihe:iti:xds-sd:pdf:2008"

# Digital signature of the submission set: IHE DSG as the DMP uses it.
SIGNATURE_FORMAT: Final = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE_TYPE: Final = "E1762"

# What an entry says of itself (IHE ITI TF-3, 4.2.5), attribute -> scheme.
CLASSIFICATIONS: Final = {
    "class_code": "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
    "confidentiality": "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
    "event": "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
    "format_code": "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "facility": "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "practice_setting": "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
    "type_code": "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
}
ENTRY_AUTHOR: Final = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
ENTRY_PATIENT: Final = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
ENTRY_UNIQUE: Final = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
SET_NODE: Final = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
SET_AUTHOR: Final = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SET_CONTENT: Final = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SET_PATIENT: Final = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_SOURCE: Final = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_UNIQUE: Final = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"

# Masking and visibility codes beside ``N`` (JDV_J58).
VISIBILITY_SYSTEM: Final = "1.2.250.1.213.1.1.4.13"
VISIBILITIES: Final = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
