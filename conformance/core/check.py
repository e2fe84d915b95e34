"""The register of checks: pure functions from a subject to findings.

A check is written once and read by requirement profiles, by ``conformance check`` and by the documentation::

    @check("mail.nil", source="Référentiel socle MSSanté #2 v1.0, ECO.2.4.3")
    def every_message_names_its_software(message: MailMessage, context: Context) -> Iterator[Finding]:
        \"\"\"Every message carries the product reference in ``X-MSS-NIL``.

        Pass: the header is there once and equals the declared product reference.
        Fail: it is missing, repeated, or names another product.
        \"\"\"

The type of the first parameter says what the check reads; a second parameter asks for the :class:`Context`.
The catalogue holds the French title under ``check.<id>``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, get_type_hints, runtime_checkable

from conformance.core.finding import Finding
from conformance.core.texts import Language, say
from conformance.core.words import Basis, Keyword

if TYPE_CHECKING:
    from conformance.evidence.observation import Observation


@runtime_checkable
class Subject(Protocol):
    """What a check reads: a frozen view of evidence that names the records it was read from."""

    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """Every such subject that an observation holds."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know besides its subject; all of it is evidence too.

    ``parameters`` are those of the referential (TLS floor, suites …), ``product`` is the product sheet,
    ``population`` the identities that the harness issued in this run (by matricule). All three are empty
    when a document is judged alone.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    product: Mapping[str, Any] = field(default_factory=dict)
    population: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alone: bool = False


CheckFunction = Callable[..., Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check and what the referential says of it."""

    id: str
    function: CheckFunction
    subject: type[Subject]
    level: Keyword
    source: str
    basis: Basis
    absence: bool
    alone: bool
    wants_context: bool

    def __call__(self, subject: Subject, context: Context) -> list[Finding]:
        """Every finding on one subject, signed; a generator that yields nothing is a conforming subject."""
        found = self.function(subject, context) if self.wants_context else self.function(subject)
        return [finding.of(self.id, subject.evidence) for finding in found]

    def title(self, lang: Language | None = None) -> str:
        """What must hold, in one sentence."""
        return say(f"check.{self.id}", lang)

    @property
    def contract(self) -> str:
        """The docstring: what must hold, what passes, what fails (English)."""
        return inspect.getdoc(self.function) or ""


class Registry:
    """Checks by id; an id is taken once."""

    checks: ClassVar[dict[str, Check]] = {}
    _by_subject: ClassVar[dict[type[Subject], list[Check]]] = {}

    @classmethod
    def add(cls, made: Check) -> None:
        """Register; an id registered twice raises :class:`ValueError`."""
        if made.id in cls.checks:
            raise ValueError(f"check {made.id!r} is registered twice")
        cls.checks[made.id] = made
        cls._by_subject.clear()

    @classmethod
    def get(cls, id: str) -> Check:
        """The check of this id, or :class:`KeyError`."""
        return cls.checks[id]

    @classmethod
    def for_subject(cls, subject: type[Subject]) -> list[Check]:
        """The checks that may judge such a document alone, in order of id."""
        known = cls._by_subject.get(subject)
        if known is None:
            meant = (c for c in cls.checks.values() if c.subject is subject and c.alone)
            known = cls._by_subject[subject] = sorted(meant, key=lambda c: c.id)
        return known


def check(
    id: str,
    *,
    source: str,
    level: Keyword = Keyword.DOIT,
    basis: Basis = Basis.REFERENTIAL,
    absence: bool = False,
    alone: bool = True,
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check.

    ``source`` names document, version and section. ``absence`` is for a check that concludes from what was
    *not* seen: it is judged only in a closed, gap-free window with its positive control. ``alone`` is false for
    a check that makes sense in a run only, not on a document given to ``conformance check``.
    """

    def register(function: CheckFunction) -> CheckFunction:
        parameters = list(inspect.signature(function).parameters)
        subject = get_type_hints(function)[parameters[0]]
        Registry.add(
            Check(
                id=id,
                function=function,
                subject=subject,
                level=level,
                source=source,
                basis=basis,
                absence=absence,
                alone=alone,
                wants_context=len(parameters) > 1,
            )
        )
        return function

    return register
