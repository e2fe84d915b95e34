"""The public extraction ``PS_LibreAcces_Personne_activite``: a zip of one text file, columns parted by ``|``.

The 56 columns are those of the file as re-users read it in September 2026 (public repositories that parse it; wire.md §5);
the department of the structure is empty there, and is here too.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from conformance.services.annuaire.professional import PROFESSIONS, Professional

COLUMNS: tuple[str, ...] = (
    "Type d'identifiant PP",
    "Identifiant PP",
    "Identification nationale PP",
    "Code civilité d'exercice",
    "Libellé civilité d'exercice",
    "Code civilité",
    "Libellé civilité",
    "Nom d'exercice",
    "Prénom d'exercice",
    "Code profession",
    "Libellé profession",
    "Code catégorie professionnelle",
    "Libellé catégorie professionnelle",
    "Code type savoir-faire",
    "Libellé type savoir-faire",
    "Code savoir-faire",
    "Libellé savoir-faire",
    "Code mode exercice",
    "Libellé mode exercice",
    "Numéro SIRET site",
    "Numéro SIREN site",
    "Numéro FINESS site",
    "Numéro FINESS établissement juridique",
    "Identifiant technique de la structure",
    "Raison sociale site",
    "Enseigne commerciale site",
    "Complément destinataire (coord. structure)",
    "Complément point géographique (coord. structure)",
    "Numéro Voie (coord. structure)",
    "Indice répétition voie (coord. structure)",
    "Code type de voie (coord. structure)",
    "Libellé type de voie (coord. structure)",
    "Libellé Voie (coord. structure)",
    "Mention distribution (coord. structure)",
    "Bureau cedex (coord. structure)",
    "Code postal (coord. structure)",
    "Code commune (coord. structure)",
    "Libellé commune (coord. structure)",
    "Code pays (coord. structure)",
    "Libellé pays (coord. structure)",
    "Téléphone (coord. structure)",
    "Téléphone 2 (coord. structure)",
    "Télécopie (coord. structure)",
    "Adresse e-mail (coord. structure)",
    "Code Département (structure)",
    "Libellé Département (structure)",
    "Ancien identifiant de la structure",
    "Autorité d'enregistrement",
    "Code secteur d'activité",
    "Libellé secteur d'activité",
    "Code section tableau pharmaciens",
    "Libellé section tableau pharmaciens",
    "Code rôle",
    "Libellé rôle",
    "Code genre activité",
    "Libellé genre activité",
)
# The type of identifier of an RPPS in the file.
RPPS_TYPE = "8"


def archive(professionals: Iterable[Professional], stamp: str) -> bytes:
    """The zip; ``stamp`` (``AAAAMMJJHHMM``) dates the file inside."""
    lines = ["|".join(COLUMNS)]
    lines += [_line(professional) for professional in professionals]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"PS_LibreAcces_Personne_activite_{stamp}.txt", "\n".join(lines) + "\n")
    return out.getvalue()


def _line(professional: Professional) -> str:
    values = {
        "Type d'identifiant PP": RPPS_TYPE,
        "Identifiant PP": professional.rpps,
        "Identification nationale PP": professional.identifier,
        "Code civilité": professional.civility,
        "Nom d'exercice": professional.family,
        "Prénom d'exercice": professional.given,
        "Code profession": professional.profession,
        "Libellé profession": PROFESSIONS.get(professional.profession, ""),
        "Code catégorie professionnelle": "C",
        "Libellé catégorie professionnelle": "Civil",
        "Code type savoir-faire": "S" if professional.specialty else "",
        "Code savoir-faire": professional.specialty,
        "Code mode exercice": "S",
        "Libellé mode exercice": "Salarié",
        "Numéro FINESS site": professional.finess,
        "Identifiant technique de la structure": f"F{professional.finess}",
        "Raison sociale site": professional.structure,
        "Code postal (coord. structure)": professional.postal_code,
        "Code commune (coord. structure)": professional.insee,
        "Libellé commune (coord. structure)": professional.city,
        "Code secteur d'activité": professional.sector,
    }
    return "|".join(values.get(column, "") for column in COLUMNS)
