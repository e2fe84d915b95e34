"""The services that a run played, as their own tables in the evidence say them: what of each is real, and what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from conformance.core.fidelity import KIND, RECORDER, ROLE, Assumption, Fidelity, read_fidelity
from conformance.core.texts import Language
from conformance.core.words import Provenance
from conformance.evidence.evidence import Evidence
from conformance.evidence.store import Altered


@dataclass(frozen=True, slots=True)
class Simulated:
    """A service that the product met, and which of its hypotheses the run rested on."""

    fidelity: Fidelity
    in_force: tuple[Assumption, ...]
    settled: tuple[Assumption, ...]

    def as_json(self, lang: Language) -> dict[str, Any]:
        """The stable shape (``schemas/verdicts.json``)."""
        told = self.fidelity
        return {
            "service": told.service,
            "title": told.title.in_(lang),
            "source": told.source,
            "played": [one.in_(lang) for one in told.played],
            "absent": [one.in_(lang) for one in told.absent],
            "hypotheses": [
                {"id": one.id, "statement": one.statement.in_(lang), "in_force": one in self.in_force}
                for one in told.hypotheses
            ],
        }


def simulated(evidence: Evidence, product: Mapping[str, Any]) -> list[Simulated]:
    """Each service of the evidence that anybody exchanged a byte with, by name; ``product`` is the product sheet."""
    met = {record.service for record in evidence.records.values() if record.provenance is Provenance.WIRE}
    given = product.get("parameters", {})
    parameters = given if isinstance(given, Mapping) else {}
    found: dict[str, Simulated] = {}
    for told in _tables(evidence):
        if any(told.recorded(service) for service in met):
            force = tuple(one for one in told.hypotheses if one.in_force(parameters))
            found[told.service] = Simulated(told, force, tuple(one for one in told.hypotheses if one not in force))
    return [found[service] for service in sorted(found)]


def _tables(evidence: Evidence) -> list[Fidelity]:
    records = [r for r in evidence.records.values() if r.service == RECORDER and r.kind == KIND and ROLE in r.blobs]
    found = []
    for digest in dict.fromkeys(record.blobs[ROLE] for record in records):
        # A content that is lost stops the seal by itself: what is left is still worth a report.
        with suppress(Altered):
            found.append(read_fidelity(evidence.contents.get(digest)))
    return found
