"""Requirements, their aspects, and the profiles that gather them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.core.texts import Text
from conformance.core.words import Basis, Keyword, Verification, WireClass

# Referentials that are implementation guides, not REMs: their ids never look like those of a programme.
GUIDE_PREFIX = "ig:"


@dataclass(frozen=True, slots=True)
class Aspect:
    """One verifiable claim of a requirement (point de contrôle).

    An automatic aspect names the checks that prove it and the scenarios whose observations they read.
    ``reason`` is mandatory for an untestable aspect; ``needs`` tells a planned one what it waits for.
    """

    id: str
    statement: Text
    verification: Verification
    checks: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the referential asks the editor to file, whatever the harness says."""

    id: str
    statement: Text
    due_to: str = "ANS"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One DOIT or PEUT of a REM, keyed by (referential, version, id)."""

    referential: str
    version: str
    id: str
    level: Keyword
    statement: Text
    source: str
    chapter: str
    wire_class: WireClass
    aspects: tuple[Aspect, ...]
    section: str = ""
    bloc: str = ""
    fonction: str = ""
    condition: str | None = None
    aliases: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()
    assumed: bool = False
    basis: Basis = Basis.REFERENTIAL
    criticality: str = "Non définie"

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it; an id alone never does."""
        return (self.referential, self.version, self.id)

    @property
    def verification(self) -> Verification:
        """How it is verified as a whole: the least settled way of its aspects."""
        order = (
            Verification.PLANNED,
            Verification.GUIDED,
            Verification.AUTOMATIC,
            Verification.ATTESTED,
            Verification.UNTESTABLE,
        )
        ways = {aspect.verification for aspect in self.aspects}
        return next(way for way in order if way in ways)


@dataclass(frozen=True, slots=True)
class Condition:
    """When a requirement applies: a question answered once in the product sheet."""

    id: str
    question: Text
    label: str


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A row of the source that the profile leaves out, and why."""

    id: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Profile:
    """The requirements, versions and parameters that a product is judged against.

    ``hypotheses`` names the parameters (``table.name``) that no source settles: a product sheet may set them;
    the others are the referential's, and no sheet moves them.
    """

    name: str
    title: Text
    referential: str
    version: str
    notice: Text
    sources: tuple[str, ...]
    parameters: Mapping[str, Any]
    conditions: Mapping[str, Condition]
    requirements: tuple[Requirement, ...]
    out_of_scope: tuple[OutOfScope, ...] = ()
    hypotheses: tuple[str, ...] = ()
    digest: str = ""
    scenarios: frozenset[str] = field(default_factory=frozenset)

    @property
    def of_guide(self) -> bool:
        """Whether it states an implementation guide (``ig:…``), which no REM asks for by itself."""
        return self.referential.startswith(GUIDE_PREFIX)

    def aspects_of(self, scenario: str) -> list[tuple[Requirement, Aspect]]:
        """What a scenario exercises in this profile."""
        return [(r, a) for r in self.requirements for a in r.aspects if scenario in a.scenarios]
