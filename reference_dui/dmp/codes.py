"""What a document of the DMP may be (IHE ITI TF-3, 4.2.3.2.2; CI-SIS, volet partage de documents de santé)."""

from __future__ import annotations

APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
