"""Addresses, telecoms and names of people, wherever they stand in a header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks.cda.rules import at
from conformance.checks.cda.tables.header_codes import CIVILITY, TITLE
from conformance.checks.cda.tables.value_set import ValueSet
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import HL7, text_of
from conformance.checks.subjects.xml import Element
from conformance.core.finding import Finding, error

# Rules SM-0109, SM-0138 (addr) and SM-0144 to SM-0146 (telecom) of the structuration minimale, repeated for each role.
ADDRESS_USES = frozenset({"H", "HP", "HV", "WP", "TMP"})
TELECOM_USES = frozenset({"H", "HP", "HV", "WP", "DIR", "PUB", "EC", "MC", "PG"})
TELECOM_NULLS = frozenset({"UNK", "NASK", "ASKU", "NAV", "MSK"})
TELECOM_SCHEMES = ("tel", "fax", "mailto", "http", "ftp", "mllp")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DIGIT = re.compile(r"\d", re.ASCII)
_TELECOM = re.compile(rf"({'|'.join(TELECOM_SCHEMES)}):\S+", re.IGNORECASE)


def contacts(document: CdaDocument, paths: tuple[str, ...]) -> Iterator[Finding]:
    """Every fault of the addresses and telecoms that lie under the elements of these paths."""
    for path in paths:
        for role in document.find(path):
            for element in role.iter(f"{{{HL7}}}addr"):
                yield from _address(document, element)
            for element in role.iter(f"{{{HL7}}}telecom"):
                yield from _telecom(document, element)


def unusable(value: str | None) -> str | None:
    """The form that a telecom misses: ``mailto:`` needs an address (RFC 6068), ``tel:`` and ``fax:`` a number (RFC 3966)."""
    scheme, _, rest = (value or "").partition(":")
    if scheme.lower() == "mailto" and not _MAIL.fullmatch(rest):
        return "mailto:…@…"
    if scheme.lower() in ("tel", "fax") and not _DIGIT.search(rest):
        return "tel:[0-9]…"
    return None


def people(document: CdaDocument, path: str, rule: str) -> Iterator[Finding]:
    """Every fault of the names of people at a path: one family name, known civility and title."""
    for person in document.find(path):
        named = [n for n in document.find("h:name", person) if document.find("h:family", n)]
        if not named and not any(n.get("nullFlavor") for n in document.find("h:name", person)):
            yield error(
                "cda.missing", where=document.where(person), expected="name/family", element="name/family", rule=rule
            )
        for name in named:
            if name.get("nullFlavor") is not None:
                expected = f"@nullFlavor={name.get('nullFlavor')}"
                yield error("cda.n3.null", where=document.where(name), expected=expected, got="…", beyond=True)
            yield from _of_set(document, name, "prefix", CIVILITY)
            yield from _of_set(document, name, "suffix", TITLE)
            for family in document.find("h:family", name):
                if not text_of(family) and family.get("nullFlavor") is None:
                    values: dict[str, Any] = {"element": "family", "attribute": "text", "rule": rule}
                    yield error("cda.blank", where=document.where(family), beyond=True, **values)


def _of_set(document: CdaDocument, name: Element, part: str, known: ValueSet) -> Iterator[Finding]:
    for element in document.find(f"h:{part}", name):
        value = text_of(element)
        if value and value not in known:
            expected = f"{known.name} {known.oid}"
            more: dict[str, Any] = {"element": part, "rule": "SM-0282/SM-0283", "values_name": known.name}
            yield error("cda.unknown-code", where=document.where(element), expected=expected, got=value, **more)


def _address(document: CdaDocument, element: Element) -> Iterator[Finding]:
    use = element.get("use")
    if use is not None and use not in ADDRESS_USES:
        expected = " | ".join(sorted(ADDRESS_USES))
        more: dict[str, Any] = {"element": "addr", "attribute": "use", "rule": "SM-0109/SM-0138"}
        yield error("cda.value", where=at(document, element, "use"), expected=expected, got=use, **more)


def _telecom(document: CdaDocument, element: Element) -> Iterator[Finding]:
    value, null, use = element.get("value"), element.get("nullFlavor"), element.get("use")
    more: dict[str, Any] = {"element": "telecom", "attribute": "value", "rule": "SM-0144/SM-0146"}
    if (value is None) == (null is None):
        got = f"value={value!r} nullFlavor={null!r}" if value else None
        yield error("cda.telecom.one", where=document.where(element), expected="@value | @nullFlavor", got=got, **more)
    elif value is not None and not _TELECOM.fullmatch(value):
        expected = "|".join(TELECOM_SCHEMES) + ":…"
        yield error("cda.telecom.form", where=at(document, element, "value"), expected=expected, got=value, **more)
    elif null is not None and null not in TELECOM_NULLS:
        expected = " | ".join(sorted(TELECOM_NULLS))
        yield error("cda.value", where=at(document, element, "nullFlavor"), expected=expected, got=null, **more)
    elif value is not None and (fault := unusable(value)):
        place = at(document, element, "value")
        yield error("cda.telecom.form", where=place, expected=fault, got=value, beyond=True, **more)
    if use is not None and use not in TELECOM_USES:
        expected = " | ".join(sorted(TELECOM_USES))
        yield error(
            "cda.value", where=at(document, element, "use"), expected=expected, got=use, **{**more, "attribute": "use"}
        )
