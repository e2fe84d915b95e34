"""What a stage needs of the population of a run."""

from __future__ import annotations

from typing import Protocol

from conformance.population import Correspondent, IdentityStatus, Person, Structure


class People(Protocol):
    """The fictitious population of a run (``fixtures/people.py``)."""

    @property
    def seed(self) -> int:
        """What everything fictitious of the run is drawn from."""
        ...

    @property
    def structure(self) -> Structure:
        """The structure that uses the product."""
        ...

    @property
    def professional(self) -> Correspondent:
        """The physician who writes and signs the structure's documents."""
        ...

    def person(self, scenario: str, role: str, *, status: IdentityStatus = "qualifiee") -> Person:
        """A person that no other scenario uses."""
        ...

    def correspondent(self, scenario: str, role: str, *, domain: str, kind: str = "PER") -> Correspondent:
        """A correspondent that no other scenario uses."""
        ...
