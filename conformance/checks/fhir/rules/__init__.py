"""Our own rules: what guides say in prose, or say in a way that no engine can evaluate.

None is a requirement of a REM; each is namespaced by its guide and version (``ig:tddui#2.3/…``).
"""

from __future__ import annotations

from conformance.checks.fhir.rules import identities, pdsm, sdo, tddui
from conformance.checks.fhir.rules.register import RULES, Rule, own_rules

__all__ = ["RULES", "Rule", "identities", "own_rules", "pdsm", "sdo", "tddui"]
