"""The schemes of XDS attributes (IHE ITI TF-3, 4.2.5), all seen in published messages of the DMP (wire.md §2.6)."""

from __future__ import annotations

from conformance.checks.subjects.xdm_metadata import (
    ENTRY_PATIENT,
    ENTRY_UNIQUE_ID,
    HAS_MEMBER,
    SET_PATIENT,
    SET_SOURCE,
    SET_UNIQUE_ID,
    TYPE_CODE,
)

__all__ = ["ENTRY_PATIENT", "ENTRY_UNIQUE_ID", "HAS_MEMBER", "SET_PATIENT", "SET_SOURCE", "SET_UNIQUE_ID", "TYPE_CODE"]

ENTRY_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASS_CODE = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
FORMAT_CODE = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
FACILITY = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
PRACTICE_SETTING = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
# Object type of a stable document entry.
STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
# What signs a submission rather than tells the person's care (IHE DSG; wire.md §2.6): other codes, no CDA.
SIGNATURE_FORMAT = "http://www.w3.org/2000/09/xmldsig#"
