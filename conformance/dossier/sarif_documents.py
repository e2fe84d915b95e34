"""SARIF 2.1.0 of judged documents: each finding at the line of its document.

A finding inside an archive or a message is told at the container, with the piece as logical location: a line of a
piece is no line of the container.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance import __version__
from conformance.checks.documents import Judged
from conformance.core.check import Registry
from conformance.core.finding import Finding
from conformance.core.texts import Language, language
from conformance.dossier.card import card
from conformance.dossier.plain import canonical_json, one_line
from conformance.dossier.sarif import LEVELS, SCHEMA_URI


def documents_sarif(judged: Sequence[Judged], lang: Language | None = None) -> bytes:
    """The document: one run, one artifact per file, one result per finding."""
    lang = lang or language()
    rules = sorted({f.check for each in judged for f in each.findings})
    results = [
        _result(index, each, finding, rules, lang) for index, each in enumerate(judged) for finding in each.findings
    ]
    run = {
        "tool": {
            "driver": {
                "name": "dui-conformance",
                "semanticVersion": __version__,
                "rules": [_rule(id, lang) for id in rules],
            }
        },
        "language": lang,
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": uri_of(each.path)}} for each in judged],
        "invocations": [{"executionSuccessful": all(each.opened for each in judged)}],
        "results": results,
    }
    return canonical_json({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]})


def uri_of(path: str) -> str:
    """A path as a URI reference: relative stays relative, absolute becomes ``file:``."""
    given = Path(path)
    return given.as_uri() if given.is_absolute() else quote(given.as_posix().encode("utf-8", "surrogateescape"))


def _result(index: int, each: Judged, finding: Finding, rules: Sequence[str], lang: Language) -> dict[str, Any]:
    where = finding.where
    place: dict[str, Any] = {"artifactLocation": {"uri": uri_of(each.path), "index": index}}
    if where.part is None and where.line is not None:
        place["region"] = {"startLine": where.line, **({"startColumn": where.column} if where.column else {})}
    location: dict[str, Any] = {"physicalLocation": place}
    if logical := _logical(finding):
        location["logicalLocations"] = [logical]
    return {
        "ruleId": finding.check,
        "ruleIndex": rules.index(finding.check),
        "level": LEVELS[finding.level],
        "message": {"text": card(finding, lang)},
        "locations": [location],
        "partialFingerprints": {"documentFinding/v1": _fingerprint(finding)},
        "properties": {
            "kind": each.kind,
            "code": finding.code,
            "where": where.as_json(),
            "expected": finding.expected,
            "got": finding.got,
            "basis": str(finding.basis),
            "beyond": finding.beyond,
        },
    }


def _logical(finding: Finding) -> dict[str, str] | None:
    where = finding.where
    steps = [step for step in (where.part, where.xpath or where.header) if step]
    if not steps:
        return None
    return {"name": steps[-1].rpartition("/")[2], "fullyQualifiedName": "#".join(steps)}


def _fingerprint(finding: Finding) -> str:
    # Neither values nor lines: they move when the document is edited, the finding does not.
    where = finding.where
    parts = (finding.check, finding.code, where.part or "", where.xpath or "", where.header or "")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _rule(id: str, lang: Language) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": id}
    check = Registry.checks.get(id)
    if check is not None:
        rule["shortDescription"] = {"text": one_line(check.title(lang))}
        rule["fullDescription"] = {"text": one_line((check.contract or check.title(lang)).split("\n\n", 1)[0])}
        rule["properties"] = {"source": check.source}
    return rule
