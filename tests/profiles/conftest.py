"""Workbooks in each official layout, with texts of our own."""

import pytest
from openpyxl import Workbook

CONVERGENCE = (
    "Périmètre",
    "ID",
    "Chapitre",
    "Fonction",
    "Exigence",
    "Commentaire",
    "Profil",
    "N° scénario",
    "Scénario de conformité",
    "N° preuve",
    "Preuve",
    "Profil historique",
    "Criticité",
    "Ordre",
)
OLDER = (
    "ID",
    "Chapitre",
    "Fonction",
    "Exigence",
    "Profil",
    "N° scénario",
    "Scénario",
    "N° preuve",
    "Preuve",
    "Commentaire",
    "Statut publication",
)
PUBLIC = (
    "Exigence conditionnelle (OUI/NON)",
    "Profil",
    "ID Section",
    "Section",
    "Bloc",
    "Fonction",
    "Nature de l'exigence",
    "N° exigence",
    "Énoncé de l'exigence (DOIT) ou préconisation",
    "N° scénario",
    "Scénario de conformité",
    *(f"{head} {i}" for i in range(1, 11) for head in ("N° preuve", "Preuve")),
)
PREPUBLICATION = (
    *PUBLIC,
    "Bon pour publication",
    "Référence 1",
    "Référence 2",
    "Points de vérification",
    "Note interne",
    "Rem Ségur",
    "Divers",
)


class Books:
    """What the tests write their workbooks with."""

    CONVERGENCE, OLDER, PUBLIC, PREPUBLICATION = CONVERGENCE, OLDER, PUBLIC, PREPUBLICATION

    @staticmethod
    def book(path, headers, rows, title="Exigences", before=()):
        """Write one sheet; rows are tuples, or mappings from header to value."""
        made = Workbook()
        sheet = made.active
        sheet.title = title
        for line in before:
            sheet.append(line)
        sheet.append(headers)
        for row in rows:
            sheet.append([row.get(h) for h in headers] if isinstance(row, dict) else row)
        made.save(path)
        return path

    @staticmethod
    def convergence(id, statement, **more):
        return {
            "Périmètre": "Vague 1",
            "ID": id,
            "Chapitre": "Envoi",
            "Exigence": statement,
            "Profil": "Général",
            **more,
        }

    @staticmethod
    def public(id, statement, **more):
        return {
            "Exigence conditionnelle (OUI/NON)": "NON",
            "Profil": "Général",
            "ID Section": "MSS/CONF",
            "Nature de l'exigence": "EXIGENCE",
            "N° exigence": id,
            "Énoncé de l'exigence (DOIT) ou préconisation": statement,
            **more,
        }


@pytest.fixture
def books():
    """The writer of workbooks."""
    return Books
