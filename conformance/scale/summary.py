"""What all verdicts say together: by kind and by rule, drawn from what is kept, never from memory of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from conformance.core.texts import say
from conformance.core.words import GOOD, NON_CONFORMITIES, USAGE, Level
from conformance.scale.verdict import SCHEMA, Verdict

Rule = tuple[str, str, str]


@dataclass(slots=True)
class Summary:
    """Documents by kind; documents and findings by rule (level, check, code). ``judged`` in this run, ``kept`` from before."""

    rules: str
    judged: int = 0
    kept: int = 0
    unopened: int = 0
    valid: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    documents: Counter[Rule] = field(default_factory=Counter)
    findings: Counter[Rule] = field(default_factory=Counter)

    def add(self, verdicts: Iterable[Verdict]) -> Summary:
        """Count verdicts in."""
        for verdict in verdicts:
            (self.valid if verdict.valid else self.invalid)[verdict.kind] += 1
            self.unopened += not verdict.opened
            told = [(str(each["level"]), str(each["check"]), str(each["code"])) for each in verdict.findings]
            self.findings.update(told)
            self.documents.update(set(told))
        return self

    @property
    def exit_code(self) -> int:
        """As for documents judged one by one: 2 when one could not be opened, else 1 when one is not valid, else 0."""
        if self.unopened:
            return int(USAGE)
        return int(NON_CONFORMITIES if self.invalid.total() else GOOD)

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/check_summary.json``)."""
        return {
            "schema": SCHEMA,
            "rules": self.rules,
            "documents": self.valid.total() + self.invalid.total(),
            "judged": self.judged,
            "kept": self.kept,
            "valid": self.valid.total(),
            "invalid": self.invalid.total(),
            "unopened": self.unopened,
            "kinds": {
                kind: {"valid": self.valid[kind], "invalid": self.invalid[kind]}
                for kind in sorted({*self.valid, *self.invalid})
            },
            "findings": [
                {"level": level, "check": check, "code": code, "documents": count, "findings": self.findings[rule]}
                for rule, count in self._ranked()
                for level, check, code in [rule]
            ],
        }

    def as_text(self) -> str:
        """The same for a person."""
        total = self.valid.total() + self.invalid.total()
        lines = [say("scale.total", total=total, valid=self.valid.total(), invalid=self.invalid.total())]
        if self.kept:
            lines.append(say("scale.kept", judged=self.judged, kept=self.kept))
        for kind in sorted({*self.valid, *self.invalid}):
            name = say(f"documents.kind.{kind}")
            lines.append(say("scale.kind", kind=name, valid=self.valid[kind], invalid=self.invalid[kind]))
        if self.documents:
            lines += ["", say("scale.by-rule")]
        for (level, check, code), count in self._ranked():
            label = say(f"documents.level.{level}")
            found = self.findings[level, check, code]
            lines.append(f"  {label:<8} {check:<28} {code:<34} {say('scale.rule', documents=count, findings=found)}")
        if self.unopened:
            lines += ["", say("documents.unopened", count=self.unopened)]
        return "\n".join(lines)

    def _ranked(self) -> list[tuple[Rule, int]]:
        weight = {level: number for number, level in enumerate(Level)}
        return sorted(self.documents.items(), key=lambda each: (weight[Level(each[0][0])], -each[1], each[0]))
