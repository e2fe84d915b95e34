"""Decisions drawn from a seed, for a developer who has no scenario at hand."""

from __future__ import annotations

import base64
import importlib
from datetime import UTC, datetime
from typing import Any

from conformance.core.errors import UsageError

MOST = 1000


def invented(count: object, seed: object, structure: str) -> list[dict[str, Any]]:
    """``count`` decisions directed to ``structure``, as members of a dossier; the same seed gives the same ones."""
    if not (isinstance(count, int) and isinstance(seed, int) and 0 <= count <= MOST):
        raise UsageError("services.control.bad-request", name="count, seed")
    fixtures = "conformance._bundled.fixtures"
    decisions = importlib.import_module(f"{fixtures}.orientation.decisions")
    cda = importlib.import_module(f"{fixtures}.orientation.cda")
    people = importlib.import_module(f"{fixtures}.people").Population(seed)
    now = datetime.now(UTC)
    made = []
    for number in range(count):
        person = people.person("desk", str(number))
        one = decisions.decision_of(seed, "desk", person, structure, today=now)
        made.append(
            {
                "document": one.document,
                "decision": one.decision,
                "national": one.national,
                "structure": one.structure,
                "content": base64.b64encode(cda.decision_document(one, now)).decode(),
                "evaluation_id": one.evaluation,
                "evaluation": base64.b64encode(cda.evaluation_document(one, now)).decode(),
            }
        )
    return made
