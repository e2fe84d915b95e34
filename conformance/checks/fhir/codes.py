"""Whether a code belongs to a list; a list that is not whole answers "not known" rather than "no"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.checks.fhir.definitions import CodeList

# A list may give codes whatever their system (see conformance.fhir_packs.terminology).
ANY = "*"
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
_MEDIA = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]{0,126}/[A-Za-z0-9][\w!#$&^.+-]{0,126}(?:\s*;.*)?")
# Systems that are grammars: their codes are not listed anywhere, but their form is known.
# BCP 47: RFC 5646 section 2.1, without grandfathered tags; BCP 13: RFC 6838 section 4.2, parameters allowed.
GRAMMARS: Mapping[str, re.Pattern[str]] = {"urn:ietf:bcp:47": _LANGUAGE, "urn:ietf:bcp:13": _MEDIA}
# Systems whose codes are not at hand, but have a form: what breaks it is no code, what keeps it is not checkable.
# Communes: INSEE, Code officiel géographique, 2A and 2B for the departments of Corsica; ISO 4217 and ISO 3166-1;
# UCUM section 2.1, printable ASCII without blanks.
FORMS: Mapping[str, re.Pattern[str]] = {
    "urn:iso:std:iso:4217": re.compile(r"[A-Z]{3}"),
    "urn:iso:std:iso:3166": re.compile(r"[A-Z]{2,3}|\d{3}"),
    "http://unitsofmeasure.org": re.compile(r"[!-~]+"),
    "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM": re.compile(r"(?:\d{2}|2[AB])\d{3}"),
}


def holds(listed: CodeList, value: Any) -> bool | None:
    """Whether a code, Coding, CodeableConcept or Quantity is in the list; ``None`` when that cannot be told."""
    if isinstance(value, str):
        known = _any(_bare(listed, system, value) for system in listed.codes)
        return _absent(listed) if known is False else known
    if not isinstance(value, dict):
        return False
    if "coding" in value or "text" in value:
        codings = value.get("coding")
        codings = codings if isinstance(codings, list) else []
        return _any(_coding(listed, c) for c in codings if isinstance(c, dict))
    return _coding(listed, value)


def _coding(listed: CodeList, value: Mapping[str, Any]) -> bool | None:
    code = value.get("code")
    if not isinstance(code, str):
        return False
    if code in (listed.codes.get(ANY) or ()):
        return True
    system = value.get("system")
    if not isinstance(system, str) or system not in listed.codes:
        return _absent(listed, system)
    known = _bare(listed, system, code)
    return _absent(listed, system) if known is False and listed.codes[system] is not None else known


def _bare(listed: CodeList, system: str, code: str) -> bool | None:
    codes = listed.codes[system]
    if codes is not None:
        return code in codes
    if (grammar := GRAMMARS.get(system)) is not None:
        return bool(grammar.fullmatch(code))
    form = FORMS.get(system)
    return False if form is not None and not form.fullmatch(code) else None


def _absent(listed: CodeList, system: object = None) -> bool | None:
    """What to say of a code that the known part of the list does not hold."""
    if not listed.unknown:
        return False
    # The unknown part may hold it, unless it is named after other systems only.
    named = [u for u in listed.unknown if "/ValueSet/" not in u]
    return False if system is not None and len(named) == len(listed.unknown) and system not in named else None


def _any(answers: Iterable[bool | None]) -> bool | None:
    """True beats unknown, unknown beats false."""
    best: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            best = None
    return best
