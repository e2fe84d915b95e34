"""Extensions: a url that resolves to a definition, used where the definition allows it.

Sources: FHIR R4 4.0.1, extensibility.html, defining-extensions.html#context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.checks.fhir.definitions import HL7, Structure, Tables
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.report import Report

# Elements of other FHIR versions, as extensions (R4, versions.html#extensions): their definitions are generated.
CROSS_VERSION = "http://hl7.org/fhir/"


def definition_of(url: Any, place: Place, tables: Tables, report: Report) -> Structure | None:
    """The definition of an extension, judged for being known and allowed here; ``None`` when there is nothing to walk."""
    if not isinstance(url, str) or not url:
        return None
    if not _absolute(url):
        if not _inside_extension(place):
            report.error("fhir.extension.url", place, "http(s)://… | urn:…", url)
        return None
    found = tables.structure(url.partition("|")[0])
    if found is None or found.type != "Extension":
        _unknown(url, place, tables, report)
        return None
    _context(found, place, report)
    return found


def shape_fault(value: Mapping[str, Any]) -> bool:
    """Whether an extension has both a value and extensions, or neither (ext-1)."""
    valued = any(k.startswith(("value", "_value")) for k in value)
    return valued == bool(value.get("extension"))


def _unknown(url: str, place: Place, tables: Tables, report: Report) -> None:
    if place.name == "modifierExtension":
        report.error("fhir.extension.modifier-unknown", place, None, url)
    elif url.startswith(CROSS_VERSION) and url[len(CROSS_VERSION) :][:1].isdigit():
        report.not_checkable("extension-version", place, url)
    elif url.startswith((HL7, *tables.namespaces)) or _misspelt(url).startswith((HL7, *tables.namespaces)):
        # Whoever owns the name has published its definitions, and this is none of them.
        report.error("fhir.extension.unknown", place, None, url)
    else:
        report.warning("fhir.extension.undefined", place, None, url)
        report.not_checkable("extension", place, url)


def _misspelt(url: str) -> str:
    """The same address under the other scheme: ``http`` for ``https`` is the commonest slip."""
    scheme, _, rest = url.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"


def _context(found: Structure, place: Place, report: Report) -> None:
    if not found.contexts or place.above is None:
        return
    above = place.above
    names = {name.replace("[x]", "") for name in above.contexts()}
    other = False
    for kind, expression in found.contexts:
        if kind == "element":
            if expression.split("#")[-1].replace("[x]", "") in names:
                return
        elif kind == "extension":
            if above.url == expression:
                return
        else:
            other = True
    if other:
        report.not_checkable("context", place, found.url)
        return
    report.error("fhir.extension.context", place, ", ".join(e for _, e in found.contexts), str(above), url=found.url)


def _absolute(url: str) -> bool:
    return "://" in url or url.startswith("urn:")


def _inside_extension(place: Place) -> bool:
    return place.above is not None and place.above.type == "Extension"
