"""What a product answered to an operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from conformance.drivers.operations import Operation


class Answered(StrEnum):
    """How an operation ended."""

    DONE = "done"
    REFUSED = "refused"
    NOT_OFFERED = "not_offered"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an operation: ``status`` is the HTTP status or 0, ``body`` the parsed JSON answer.

    ``content`` holds the bytes of an answer that is not JSON (a document).
    """

    answered: Answered
    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None

    @property
    def done(self) -> bool:
        """Whether the product did what was asked."""
        return self.answered is Answered.DONE


class Driver(Protocol):
    """How the product is made to act."""

    guided: bool

    def perform(self, operation: Operation) -> Outcome:
        """Ask for one operation and wait for its end, within the limits of the product sheet."""
        ...

    def prepare(self, defects: tuple[str, ...]) -> None:
        """Put the reference DUI's named defects in force; nothing to do for a real product."""
        ...
