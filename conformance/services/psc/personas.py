"""The professionals who may be authenticated: all fictitious.

Their RPPS numbers carry a valid check digit and a prefix (``999``) that no register of ours knows as issued.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# OIDs and codes of the claims, as wire.md §4.5 gives them.
PROFESSIONS_OID = "1.2.250.1.213.1.1.5.5"
SECTORS_OID = "1.2.250.1.71.4.2.4"
LEVEL = "APPPRIP3^1.2.250.1.213.1.5.1.1.1"


@dataclass(frozen=True, slots=True)
class Persona:
    """A professional as Pro Santé Connect knows one.

    ``subject_name_id`` is the national id, ``8`` + RPPS (``0`` + ADELI for one without RPPS). ``subject`` is the opaque
    ``sub``: ``f:<uuid>:<id>``. ``structures`` are the (FINESS, name) where the professional works: none, one or several;
    ``profession`` is a code of TRE_G15, empty for one of whom Pro Santé Connect knows no exercise (no ``SubjectRefPro``).
    """

    subject_name_id: str
    given_name: str
    family_name: str
    profession: str = "10"
    structures: tuple[tuple[str, str], ...] = (("960000019", "RESIDENCE D'ESSAI"),)

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

    def userinfo(self) -> dict[str, Any]:
        """What the userinfo endpoint says (wire.md §4.5)."""
        told = {**self.claims(), "Palier_Authentification": LEVEL, "codeCivilite": "M", "codeGenreActivite": "GENR01"}
        told["otherIds"] = [{"identifiant": self.subject_name_id, "origine": "RPPS", "qualite": 1}]
        if not self.profession:
            return told
        told["SubjectRole"] = [f"{self.profession}^{PROFESSIONS_OID}"]
        if self.structures:
            finess, name = self.structures[0]
            told |= {"SubjectOrganization": name, "SubjectOrganizationID": f"1{finess}"}
            told["Secteur_Activite"] = f"SA17^{SECTORS_OID}"
        exercise = {
            "codeProfession": self.profession,
            "codeCategorieProfessionnelle": "C",
            "nomDexercice": self.family_name,
            "prenomDexercice": self.given_name,
            "activities": [_activity(finess, name) for finess, name in self.structures],
        }
        return {**told, "SubjectRefPro": {"codeCivilite": "M", "exercices": [exercise]}}


def _activity(finess: str, name: str) -> dict[str, str]:
    return {
        "codeModeExercice": "S",
        "codeSecteurDactivite": "SA17",
        "raisonSocialeSite": name,
        "numeroFinessSite": finess,
        "identifiantTechniqueDeLaStructure": f"F{finess}",
    }


_TWO = (("960000019", "RESIDENCE D'ESSAI"), ("960000027", "SERVICE A DOMICILE D'ESSAI"))
PERSONAS: Mapping[str, Persona] = {
    persona.subject_name_id: persona
    for persona in (
        Persona("899900000011", "CAMILLE", "FICTIVE-LEBANC"),
        Persona("899900000029", "SACHA", "FICTIF-DELESSAI", "60", _TWO),
        Persona("899900000037", "ALIX", "FICTIVE-DUTEST", "", ()),
        Persona("0969000017", "MORGAN", "FICTIF-DADELI", "93"),
        # Nobody makes an account for this one: the product does not know them.
        Persona("899900000045", "INCONNU", "FICTIF-DAILLEURS"),
    )
}
DEFAULT_PERSONA = "899900000011"
UNKNOWN_PERSONA = "899900000045"
