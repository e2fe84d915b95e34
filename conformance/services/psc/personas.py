"""The professionals who may be authenticated: all fictitious.

Their RPPS numbers carry a valid check digit and a prefix (``999``) that no register of ours knows as issued.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Persona:
    """A professional as Pro Santé Connect knows one.

    ``subject_name_id`` is the national id, ``8`` + RPPS. ``subject`` is the opaque ``sub``: ``f:<uuid>:<id>``.
    """

    subject_name_id: str
    given_name: str
    family_name: str

    @property
    def subject(self) -> str:
        """The ``sub`` claim; the same in every run."""
        return f"f:{uuid.uuid5(uuid.NAMESPACE_OID, 'psc.test')}:{self.subject_name_id}"

    def claims(self) -> dict[str, Any]:
        """What tokens and introspection say of the person."""
        return {
            "sub": self.subject,
            "SubjectNameID": self.subject_name_id,
            "preferred_username": self.subject_name_id,
            "given_name": self.given_name,
            "family_name": self.family_name,
        }


PERSONAS: Mapping[str, Persona] = {
    persona.subject_name_id: persona
    for persona in (
        Persona("899900000011", "CAMILLE", "FICTIVE-LEBANC"),
        Persona("899900000029", "SACHA", "FICTIF-DELESSAI"),
        Persona("899900000037", "ALIX", "FICTIVE-DUTEST"),
    )
}
DEFAULT_PERSONA = "899900000011"
