"""The form that codes take in the code systems a body uses: their own syntax and check digits.

Sources: WHO ATC index (levels), ICD-10 vol. 2 (category and subcategory), LOINC Users' Guide (mod 10 check digit),
SNOMED CT Release File Specifications 4 (Verhoeff), CCAM (Assurance maladie, structure du code), BDPM (code CIS).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from conformance.checks.cda.forms import luhn

_ATC = re.compile(r"[ABCDGHJLMNPRSV](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", re.ASCII)
_CIM10 = re.compile(r"[A-Z]\d\d(\.?[0-9+-][0-9.+-]*)?", re.ASCII)
_LOINC = re.compile(r"(\d{1,7})-(\d)", re.ASCII)
# Answer lists, parts and groups have their own letters; codes under study begin with X (LOINC Users' Guide).
_LOINC_OTHER = re.compile(r"(LA|LL|LP|LG|XX|X)[A-Z0-9-]*", re.ASCII | re.IGNORECASE)
_SNOMED = re.compile(r"[1-9]\d{5,17}", re.ASCII)
_CCAM = re.compile(r"[A-Z]{4}\d{3}(-[A-Z0-9-]+)?", re.ASCII)
_CIS = re.compile(r"[1-9]\d{7}", re.ASCII)
# Verhoeff: multiplication in the dihedral group D5, and the permutation of each place.
_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
# The permutation of a place is that of the place before turned once more; the eighth is the first again.
_TURNS: list[tuple[int, ...]] = [tuple(range(10))]
for _ in range(7):
    _TURNS.append(tuple(_TURN[n] for n in _TURNS[-1]))


def _loinc(code: str) -> bool:
    return bool(_LOINC_OTHER.fullmatch(code)) or ((m := _LOINC.fullmatch(code)) is not None and luhn(m[1] + m[2]))


def _snomed(code: str) -> bool:
    return _SNOMED.fullmatch(code) is not None and verhoeff(code)


def verhoeff(digits: str) -> bool:
    """Whether a number passes the Verhoeff key."""
    check = 0
    for place, char in enumerate(reversed(digits)):
        check = _D5[check][_TURNS[place % 8][int(char)]]
    return check == 0


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda code: pattern.fullmatch(code) is not None


# By OID of the code system: its name, and whether a code has its form.
SYSTEMS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "2.16.840.1.113883.6.73": ("ATC", _matches(_ATC)),
    "2.16.840.1.113883.6.3": ("CIM-10", _matches(_CIM10)),
    "2.16.840.1.113883.6.1": ("LOINC", _loinc),
    "2.16.840.1.113883.6.96": ("SNOMED CT", _snomed),
    "1.2.250.1.213.2.5": ("CCAM", _matches(_CCAM)),
    "1.2.250.1.213.2.3.1": ("CIS", _matches(_CIS)),
}


# Bounded: most codes of a document are those of the last one.
@lru_cache(maxsize=4096)
def has_form(system: str, code: str) -> bool:
    """Whether a code has the form of its system; any code has that of a system that is not in our table."""
    known = SYSTEMS.get(system)
    return known is None or known[1](code)
