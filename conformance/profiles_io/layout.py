"""Which workbook it is, told by its headers (dui-rem.md §2.3 and §2.4), whatever their accents, case and blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Header, once normalised, to the field that it names.
HEADERS = {
    "scope": r"perimetre",
    "id": r"id( exigence)?|n(o|um|umero)? ?(de l )?exigence|reference( exigence)?",
    "chapter": r"chapitre",
    "section_id": r"id section",
    "section": r"section",
    "bloc": r"bloc",
    "fonction": r"fonction",
    "statement": r"exigence|enonce.*",
    "nature": r"nature( de l exigence)?",
    "conditional": r"exigence conditionnelle.*",
    "profile": r"profil",
    "old_profile": r"profil historique",
    "scenario_id": r"n(o|um|umero)? ?(du |de )?scenario",
    "scenario": r"scenario( de conformite)?",
    "comment": r"commentaires?",
    "criticality": r"criticite",
    "order": r"ordre",
    "publication": r"statut (de )?publication|bon pour publication",
}
PROOF_ID = re.compile(r"n(o|um|umero)? ?(de )?preuve( \d+)?")
PROOF = re.compile(r"(description )?(de la )?preuve( \d+)?")

NEEDED = ("id", "statement", "profile")
DEEP = 20  # rows searched for headers: a public REM may open with a title


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in one sheet. Columns count from 0, ``row`` from 1; ``proofs`` pairs id and text columns."""

    kind: str
    sheet: str
    row: int
    columns: dict[str, int]
    proofs: tuple[tuple[int, int], ...]

    @property
    def marked_up(self) -> bool:
        """Whether its cells are HTML: those of Convergence are."""
        return self.kind.startswith("convergence")


def normalised(header: object) -> str:
    """A header without accents, case, punctuation or needless blanks: ``N° Scénario`` gives ``n scenario``."""
    text = unicodedata.normalize("NFKD", str(header or "").replace("º", "°"))
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def find(sheet: str, rows: Iterable[Sequence[object]]) -> Layout | None:
    """The layout of a sheet, from its first rows; ``None`` where no row holds the needed headers."""
    for number, row in enumerate(rows, 1):
        if number > DEEP:
            break
        headers = [normalised(cell) for cell in row]
        columns = _columns(headers)
        proofs = _proofs(headers)
        if all(field in columns for field in NEEDED) and (proofs or "scenario" in columns):
            return Layout(_kind(columns, proofs), sheet, number, columns, proofs)
    return None


def missing(rows: Iterable[Sequence[object]]) -> list[str]:
    """The needed fields that the best row of headers lacks."""
    best: list[str] = list(NEEDED)
    for number, row in enumerate(rows, 1):
        if number > DEEP:
            break
        columns = _columns([normalised(cell) for cell in row])
        lacking = [field for field in NEEDED if field not in columns]
        best = min(best, lacking, key=len)
    return best


def _columns(headers: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, header in enumerate(headers):
        for field, pattern in HEADERS.items():
            if field not in found and re.fullmatch(pattern, header):
                found[field] = index
                break
    return found


def _proofs(headers: list[str]) -> tuple[tuple[int, int], ...]:
    # A pair is an id column and the first text column after it; an id column without text is left out.
    pairs = []
    waiting: int | None = None
    for index, header in enumerate(headers):
        if PROOF_ID.fullmatch(header):
            waiting = index
        elif PROOF.fullmatch(header) and waiting is not None:
            pairs.append((waiting, index))
            waiting = None
    return tuple(pairs)


def _kind(columns: dict[str, int], proofs: tuple[tuple[int, int], ...]) -> str:
    if "nature" in columns or len(proofs) > 1:
        return "rem-prepublication" if "publication" in columns else "rem-public"
    return "convergence-11" if "publication" in columns and "scope" not in columns else "convergence"
