"""The French national health identity (INS): the form of a matricule, its key, its OIDs. Pure helpers."""

from __future__ import annotations

import re
from dataclasses import dataclass

NIR = "1.2.250.1.213.1.4.8"
NIA = "1.2.250.1.213.1.4.9"
TEST = "1.2.250.1.213.1.4.10"
DEMO = "1.2.250.1.213.1.4.11"
# Référentiel INS and Guide d'implémentation INS: identities of production, of test and of demonstration.
OIDS = (NIR, NIA, TEST, DEMO)
PRODUCTION_OIDS = (NIR, NIA)
# The calculated identifier that the INS replaced; it must no longer be exchanged (Référentiel INS).
INS_C = "1.2.250.1.213.1.4.2"
ARC = "1.2.250.1.213.1.4."

# Year, month, department or letter of Corsica, commune, order: thirteen characters, then the key.
_NIR = re.compile(r"([1-478])(\d{2})(\d{2})(\d[\dAB])(\d{3})(\d{3})(\d{2})?", re.ASCII)
_MONTHS = frozenset(range(1, 13)) | frozenset(range(20, 43)) | frozenset(range(50, 100))


@dataclass(frozen=True, slots=True)
class Matricule:
    """A matricule of the right form; ``key`` is empty when only thirteen characters were given."""

    number: str
    key: str

    @property
    def sex(self) -> str | None:
        """``M`` or ``F`` as the first digit says (1, 3, 7 and 2, 4, 8)."""
        return {"1": "M", "3": "M", "7": "M", "2": "F", "4": "F", "8": "F"}.get(self.number[0])

    @property
    def year(self) -> str:
        """The two last digits of the birth year."""
        return self.number[1:3]

    @property
    def expected_key(self) -> str:
        """The key that belongs to the number."""
        return key_of(self.number)


def read(value: str) -> Matricule | None:
    """A matricule of thirteen or fifteen characters, or ``None`` when the form is wrong.

    The form is that of the NIR: sex, year, month (01 to 12, or the codes of an unknown month), place (2A and 2B for
    Corsica), order, key.
    """
    match = _NIR.fullmatch(value)
    if match is None:
        return None
    if ("A" in match.group(4) or "B" in match.group(4)) and not match.group(4).startswith("2"):
        return None
    if int(match.group(3)) not in _MONTHS:
        return None
    return Matricule(value[:13], match.group(7) or "")


def key_of(number: str) -> str:
    """The two digits of the key of thirteen characters: ``97 - (N mod 97)``, with 2A read as 19 and 2B as 18.

    Raises :class:`ValueError` for what is not a number of that form.
    """
    digits = number.replace("2A", "19", 1) if "A" in number else number.replace("2B", "18", 1)
    return f"{97 - int(digits) % 97:02d}"
