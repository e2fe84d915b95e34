"""The closed vocabularies of the harness: verdicts, levels, bases, provenances.

Every value that an output, an export or an auditor relies on is spelt here once.
"""

from __future__ import annotations

from enum import StrEnum


class Keyword(StrEnum):
    """The modal verb of a requirement in a REM."""

    DOIT = "DOIT"
    PEUT = "PEUT"


class Verification(StrEnum):
    """How an aspect or a requirement is verified."""

    AUTOMATIC = "automatic"
    GUIDED = "guided"
    ATTESTED = "attested"
    UNTESTABLE = "untestable"
    PLANNED = "planned"


class WireClass(StrEnum):
    """Where the proof of a requirement can be seen."""

    WIRE = "W"
    DOCUMENT = "D"
    DRIVEN = "A"
    PROOF = "P"


class Verdict(StrEnum):
    """The answer for one aspect or one requirement."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    DEVIATION = "deviation"
    NOT_IMPLEMENTED = "not_implemented"
    NOT_APPLICABLE = "not_applicable"
    ATTESTED = "attested"
    NEEDS_REVIEW = "needs_review"
    BLOCKED = "blocked"
    SETUP = "setup"
    HARNESS_ERROR = "harness_error"
    NOT_RUN = "not_run"


class Fault(StrEnum):
    """Who must act when a verdict is not good."""

    PRODUCT = "product"
    CONFIGURATION = "configuration"
    SERVICE = "service"
    HARNESS = "harness"
    NONE = "none"


class Basis(StrEnum):
    """What a judgement rests on, from the firmest to the weakest."""

    REFERENTIAL = "referential"
    GUIDE = "guide"
    PROGRAMME = "programme"
    HYPOTHESIS = "hypothesis"


class Provenance(StrEnum):
    """Who says so: how a piece of evidence reached the harness."""

    WIRE = "wire"
    PROBE = "probe"
    SCREEN = "screen"
    PRODUCT = "product"
    PERSON = "person"
    HARNESS = "harness"

    @property
    def independent(self) -> bool:
        """Whether it may carry an automatic pass: the product's own word may not."""
        return self in (Provenance.WIRE, Provenance.PROBE)


class Level(StrEnum):
    """The weight of a finding."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class ExitCode(int):
    """A documented exit code of the commands (``docs/commands.md``)."""


GOOD = ExitCode(0)
NON_CONFORMITIES = ExitCode(1)
USAGE = ExitCode(2)
SETUP = ExitCode(3)
HARNESS_ERROR = ExitCode(4)
INCOMPLETE = ExitCode(5)
