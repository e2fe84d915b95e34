"""What a check says: a finding, with its place, what was expected and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.core.texts import Language, known, say
from conformance.core.words import Basis, Fault, Level


@dataclass(frozen=True, slots=True)
class Where:
    """A place that a developer can open; only what is known is set.

    ``part`` names the piece inside a container (``IHE_XDM/SUBSET01/DOC00001.XML``), ``line`` counts from 1,
    ``offset`` counts bytes from 0.
    """

    part: str | None = None
    line: int | None = None
    column: int | None = None
    xpath: str | None = None
    fhirpath: str | None = None
    header: str | None = None
    offset: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The set members only."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or remark, in data; sentences come from the catalogue under :attr:`code`.

    The catalogue entry ``code`` is the message; ``code.cause`` and ``code.fix``, where they exist, complete
    the error card. ``expected`` and ``got`` are values, not sentences. ``beyond`` is true for a rule of ours
    that the official chain does not have. ``evidence`` is filled by the judge.
    """

    code: str
    level: Level = Level.ERROR
    expected: str | None = None
    got: str | None = None
    where: Where = field(default_factory=Where)
    basis: Basis = Basis.REFERENTIAL
    fault: Fault = Fault.PRODUCT
    beyond: bool = False
    values: Mapping[str, object] = field(default_factory=dict)
    check: str = ""
    evidence: tuple[str, ...] = ()

    def message(self, lang: Language | None = None) -> str:
        """What is wrong, in one sentence."""
        return say(self.code, lang, expected=self.expected, got=self.got, **self.values)

    def cause(self, lang: Language | None = None) -> str | None:
        """The likely cause, where the catalogue knows one."""
        return self._more("cause", lang)

    def fix(self, lang: Language | None = None) -> str | None:
        """How to mend it, where the catalogue knows."""
        return self._more("fix", lang)

    def of(self, check: str, evidence: tuple[str, ...] = ()) -> Finding:
        """The same finding, signed by its check."""
        return replace(self, check=check, evidence=evidence)

    def as_json(self, lang: Language | None = None) -> dict[str, Any]:
        """The stable shape of outputs (``schemas/finding.json``)."""
        return {
            "check": self.check,
            "code": self.code,
            "level": str(self.level),
            "where": self.where.as_json(),
            "expected": self.expected,
            "got": self.got,
            "message": self.message(lang),
            "cause": self.cause(lang),
            "fix": self.fix(lang),
            "basis": str(self.basis),
            "fault": str(self.fault),
            "beyond": self.beyond,
            "evidence": list(self.evidence),
        }

    def _more(self, what: str, lang: Language | None) -> str | None:
        key = f"{self.code}.{what}"
        if not known(key):
            return None
        return say(key, lang, expected=self.expected, got=self.got, **self.values)


def error(code: str, *, where: Where | None = None, **rest: Any) -> Finding:
    """A finding that breaks the requirement."""
    return _finding(code, Level.ERROR, where, rest)


def warning(code: str, *, where: Where | None = None, **rest: Any) -> Finding:
    """A finding that a person should look at, without breaking the requirement."""
    return _finding(code, Level.WARNING, where, rest)


def info(code: str, *, where: Where | None = None, **rest: Any) -> Finding:
    """A remark, kept for the record."""
    return _finding(code, Level.INFO, where, rest)


_MEMBERS = ("expected", "got", "basis", "fault", "beyond")


def _finding(code: str, level: Level, where: Where | None, rest: dict[str, Any]) -> Finding:
    members = {name: rest.pop(name) for name in _MEMBERS if name in rest}
    return Finding(code, level, where=where or Where(), values=rest, **members)
