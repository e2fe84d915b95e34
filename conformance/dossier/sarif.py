"""``results.sarif``: the findings of a run against the product sheet, for code hosting and editors' tools.

SARIF 2.1.0 (OASIS). A result points at ``dui.toml``, the file of the editor's repository that the run was
made from, with the requirement as logical location; where the finding lies in a message or a document is told
in the message and in the result's properties.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from conformance import __version__
from conformance.core.check import Registry
from conformance.core.finding import Finding
from conformance.core.texts import Language
from conformance.core.verdict import AspectVerdict, RequirementVerdict
from conformance.core.words import Level, Verdict
from conformance.dossier.card import card
from conformance.dossier.judged import Judged, JudgedProfile
from conformance.dossier.plain import canonical_json, one_line

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SHEET = "dui.toml"
LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}


def results_sarif(judged: Judged) -> bytes:
    """The document: one run, a rule per check that found something, a result per finding of a failed aspect."""
    results = [_result(judged, *found) for found in _found(judged)]
    checks = sorted({result["ruleId"] for result in results})
    for result in results:
        result["ruleIndex"] = checks.index(result["ruleId"])
    return canonical_json(
        {
            "$schema": SCHEMA_URI,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "dui-conformance",
                            "semanticVersion": __version__,
                            "rules": [_rule(id, judged.lang) for id in checks],
                        }
                    },
                    "language": judged.lang,
                    "columnKind": "unicodeCodePoints",
                    "artifacts": [{"location": {"uri": SHEET}}],
                    "results": results,
                }
            ],
        }
    )


def _found(judged: Judged) -> Iterator[tuple[JudgedProfile, RequirementVerdict, AspectVerdict, Finding]]:
    for profile, verdict in judged:
        for aspect in verdict.aspects:
            if aspect.verdict is Verdict.FAIL:
                yield from ((profile, verdict, aspect, finding) for finding in aspect.findings)


def _result(
    judged: Judged, profile: JudgedProfile, verdict: RequirementVerdict, aspect: AspectVerdict, finding: Finding
) -> dict[str, Any]:
    requirement = verdict.requirement
    name = "/".join(requirement.key)
    return {
        "ruleId": finding.check,
        "level": _level(verdict, finding),
        "kind": "fail",
        "message": {"text": f"{requirement.id}: {card(finding, judged.lang)}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": SHEET, "index": 0}, "region": {"startLine": 1}},
                "logicalLocations": [{"name": requirement.id, "fullyQualifiedName": name, "kind": "requirement"}],
            }
        ],
        "partialFingerprints": {"requirementFinding/v1": _fingerprint(name, aspect, finding)},
        "properties": {
            "profile": profile.profile.name,
            "aspect": aspect.aspect.id,
            "verdict": str(verdict.verdict),
            "code": finding.code,
            "where": finding.where.as_json(),
            "basis": str(finding.basis),
            "fault": str(finding.fault),
            "evidence": list(finding.evidence),
        },
    }


def _level(verdict: RequirementVerdict, finding: Finding) -> str:
    # A recommendation that is not met never breaks a build that stops at errors.
    if verdict.verdict is Verdict.DEVIATION and finding.level is Level.ERROR:
        return "warning"
    return LEVELS[finding.level]


def _fingerprint(name: str, aspect: AspectVerdict, finding: Finding) -> str:
    # Neither evidence ids nor values: they change at each run, the finding does not.
    parts = (name, aspect.aspect.id, finding.check, finding.code, finding.where.header or "", finding.where.xpath or "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _rule(id: str, lang: Language) -> dict[str, Any]:
    check = Registry.get(id)
    contract = check.contract or check.title(lang)
    return {
        "id": id,
        "name": "".join(part.capitalize() for part in id.replace("-", ".").split(".")),
        "shortDescription": {"text": one_line(check.title(lang))},
        "fullDescription": {"text": one_line(contract.split("\n\n", 1)[0])},
        "help": {"text": f"{contract}\n\n{check.source}"},
        "properties": {"source": check.source, "basis": str(check.basis), "level": str(check.level)},
    }
