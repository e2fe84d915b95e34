"""Where one is in a resource: a chain of steps, told as a FHIRPath only when a finding needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Place:
    """One step: ``name`` as JSON spells it, ``index`` in an array, ``type`` the FHIR type found there.

    ``choice`` is the element's name without its type when the element is a choice (``value`` for ``valueCode``).
    ``resource`` marks the root of a resource; ``url`` is that of an extension.
    """

    above: Place | None
    name: str
    index: int | None = None
    type: str = ""
    choice: str = ""
    resource: bool = False
    url: str = ""

    def __str__(self) -> str:
        return ".".join(reversed([step.told for step in self.upwards()]))

    @property
    def told(self) -> str:
        """This step alone, as FHIRPath."""
        name = f"{self.choice}.ofType({self.type})" if self.choice else self.name
        return name if self.index is None else f"{name}[{self.index}]"

    def upwards(self) -> Iterator[Place]:
        """This step, then each one above it."""
        step: Place | None = self
        while step is not None:
            yield step
            step = step.above

    def contexts(self) -> set[str]:
        """Every name under which an extension may declare this place as its context (R4, StructureDefinition.context).

        ``Patient.contact.name`` is also ``HumanName``, and ``Element``; the root of a resource is ``Resource``.
        """
        names = {"Element"} if self.above and not self.resource else {"Element", "Resource", "DomainResource"}
        tail = ""
        for step in self.upwards():
            if step.type:
                names.add(f"{step.type}{tail}")
            if step.resource:
                break
            tail = f".{step.choice or step.name}{tail}"
        return names
