"""What a FHIR server does wrong when it is told to: so that a client's answer to it can be seen.

==========  ==========================================================================================
``slow``    answers after ``seconds``
``status``  answers ``status`` (4xx or 5xx) and an OperationOutcome, and does nothing else
``entry``   refuses the transaction for the entry of type ``type`` (any when left out)
``broken``  does what it was asked, and answers half of its answer
==========  ==========================================================================================

A fault bears on ``times`` requests whose method and path it fits, then goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.core.errors import UsageError
from conformance.services.fhir.entries import Step
from conformance.services.fhir.outcome import FhirFault

KINDS = ("slow", "status", "entry", "broken")
MAX_DELAY = 60.0


@dataclass
class FaultPlan:
    """One fault in force."""

    kind: str
    times: int = 1
    seconds: float = 5.0
    status: int = 503
    type: str = ""
    method: str = ""
    path: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> FaultPlan:
        """Read one; a member that makes no sense is a :class:`UsageError` that names it."""
        kind = str(asked.get("kind", ""))
        if kind not in KINDS:
            raise UsageError("services.control.bad-request", name="kind")
        numbers = {"times": (1, 10_000), "status": (400, 599), "seconds": (0, MAX_DELAY)}
        made = cls(kind)
        for name, (least, most) in numbers.items():
            value = asked.get(name, getattr(made, name))
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise UsageError("services.control.bad-request", name=name)
            setattr(made, name, type(getattr(made, name))(value))
        for name in ("type", "method", "path"):
            setattr(made, name, str(asked.get(name, "")))
        return made


class Faults:
    """The faults in force of one server, in the order they were put on."""

    def __init__(self) -> None:
        self._plans: list[FaultPlan] = []

    def put(self, asked: Mapping[str, Any]) -> None:
        """Put a fault on."""
        self._plans.append(FaultPlan.of(asked))

    def clear(self) -> None:
        """Take every fault off."""
        self._plans.clear()

    def take(self, method: str, path: str) -> FaultPlan | None:
        """The fault that bears on a request, once less; ``path`` is under the base, without its first slash."""
        for plan in self._plans:
            if plan.method in ("", method) and path.startswith(plan.path):
                plan.times -= 1
                if not plan.times:
                    self._plans.remove(plan)
                return plan
        return None


def refuse_entry(plan: FaultPlan, step: Step) -> None:
    """Refuse the entry that a fault of kind ``entry`` names."""
    if plan.type in ("", step.kind):
        expression = f"{step.place}.resource"
        raise FhirFault(422, "business-rule", "fhirserver.refused-entry", expression=expression, type=step.kind)
