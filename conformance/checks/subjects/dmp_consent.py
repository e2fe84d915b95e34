"""The traces of a person's choices on the DMP."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.told import Told, place_of, told
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class ConsentTraced:
    """One choice that was recorded: the traces about the person that came between the readings around it."""

    opposed: bool
    traces: tuple[Mapping[str, Any], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ConsentTraced]:
        """Every expectation ``dmp-consent`` that the product recorded between two readings of its traces."""
        readings = [one for one in told(observation, "read_traces") if one.lists("traces")]
        for expected in observation.expected("dmp-consent"):
            place = place_of(observation, expected["evidence"])
            before = [r for r in readings if r.place < place][-1:]
            recorded = list(told(observation, "record_opposition", after=place))[:1]
            after = [r for r in readings if recorded and r.place > recorded[0].place][:1]
            if before and after and recorded[0].parameters.get("person") == expected["person"]:
                names = {str(name).lower() for name in expected["names"] if name}
                cited = (str(expected["evidence"]), *(r.record.id for r in (*before, *recorded, *after)))
                new = tuple(_new(before[0], after[0], names))
                yield cls(bool(expected["opposed"]), new, (*observation.frame_evidence, *cited))


def _new(before: Told, after: Told, names: set[str]) -> Iterator[Mapping[str, Any]]:
    """The rows that name the person and that are in the later reading more often than in the earlier one."""
    known = Counter(_written(row) for row in before.listed("traces"))
    for row in after.listed("traces"):
        known[_written(row)] -= 1
        text = " ".join(str(value).lower() for value in row.values())
        if known[_written(row)] < 0 and any(name in text for name in names):
            yield row


def _written(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, default=str)
