"""What is kept of one document: one line of JSON, the same whatever judged it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from conformance.checks.documents import Judged, judge_bytes
from conformance.core.finding import error
from conformance.core.words import Fault, Level
from conformance.scale.item import Item, fingerprint

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one document. ``sha256`` is none for what could not be read; ``rules`` names the rules' version."""

    path: str
    sha256: str | None
    kind: str
    valid: bool
    opened: bool
    findings: tuple[Mapping[str, Any], ...]
    rules: str

    @property
    def key(self) -> str:
        """The document's hash, empty where there is none."""
        return self.sha256 or ""

    @classmethod
    def of(cls, judged: Judged, sha256: str | None, rules: str) -> Verdict:
        """From what the checks said."""
        found = tuple(finding.as_json() for finding in judged.findings)
        return cls(judged.path, sha256, judged.kind, judged.valid, judged.opened, found, rules)

    def line(self) -> bytes:
        """The line of JSON, with its end (``schemas/check_line.json``)."""
        told = {
            "schema": SCHEMA,
            "path": self.path,
            "sha256": self.sha256,
            "kind": self.kind,
            "valid": self.valid,
            "opened": self.opened,
            "findings": list(self.findings),
            "rules": self.rules,
        }
        try:
            return json.dumps(told, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        except UnicodeEncodeError:
            # A file name that is not UTF-8, or half a pair quoted from a document: spelt by number.
            return json.dumps(told, allow_nan=False).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Verdict:
        """Read a line again; :class:`ValueError` for one that is torn or is not ours."""
        told = json.loads(line)
        if not isinstance(told, dict) or told.pop("schema", None) != SCHEMA:
            raise ValueError("not a line of verdicts")
        try:
            return cls(**{**told, "findings": tuple(told["findings"])})
        except (TypeError, KeyError) as exc:
            raise ValueError("not a line of verdicts") from exc


Examine: TypeAlias = Callable[[Item, str | None, str], Verdict | None]


def examine(item: Item, known: str | None, rules: str) -> Verdict | None:
    """Read and judge one document; none when it is still the one judged under the hash ``known``."""
    content = item.read()
    sha256 = None if isinstance(content, Judged) else fingerprint(content)
    if known is not None and known == (sha256 or ""):
        return None
    judged = content if isinstance(content, Judged) else judge_bytes(content, item.path)
    return Verdict.of(judged, sha256, rules)


def fatal(item: Item, rules: str, code: str) -> Verdict:
    """The answer for a document that ended, or held, the process that judged it, twice and the second time alone."""
    content = item.read()
    sha256 = None if isinstance(content, Judged) else fingerprint(content)
    finding = error(code, fault=Fault.HARNESS).of("document")
    return Verdict(item.path, sha256, "unknown", finding.level is not Level.ERROR, True, (finding.as_json(),), rules)
