"""The published chain on documents: schema, families of rules, rules of the document's type, in one warm worker."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.checks.document_kinds import kind_of
from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.xdm import XdmArchive
from conformance.checks.subjects.xml import Element, XmlFault, parse_xml
from conformance.core.finding import Finding, Where
from conformance.core.words import Level
from conformance.official.compiled import Compiler
from conformance.official.layout import HL7, Rules, kind_of_document, named_schematrons
from conformance.official.outcome import OfficialVerdict, Outcome
from conformance.official.pack import Pack
from conformance.official.places import where_of
from conformance.official.process import Limits, Worker, WorkerLost, saxon_or_card
from conformance.official.schematron import Uncompilable

PARSE = "PARSE"
XSD = "XSD"
NOT_XML = frozenset({"document.empty", "document.not-well-formed", "document.not-xml", "document.undecodable"})
TYPE = "VOLET"
# Words of ``@role`` that make a failure less than an error, in the French and English of the published rules.
WARNINGS = frozenset({"warning", "warn", "alerte", "avertissement"})
NOTES = frozenset({"info", "information", "hint", "note"})
# A worker that dies on a document is started again once for it: a second death is the document's.
ATTEMPTS = 2


@dataclass(slots=True)
class OfficialChain:
    """The rules of a pack, ready to judge; close it, or use it as a context, to end its worker."""

    pack: Pack
    limits: Limits = field(default_factory=Limits)
    worker: Worker = field(init=False)
    compiler: Compiler = field(init=False)
    _folder: tempfile.TemporaryDirectory[str] = field(init=False)
    _judged: int = 0

    def __post_init__(self) -> None:
        saxon_or_card()
        self.worker = Worker(self.limits)
        self.compiler = Compiler(self.pack, self._compile)
        self._folder = tempfile.TemporaryDirectory(prefix="conformance-official-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the worker and forget the documents it was given."""
        self.worker.stop()
        self._folder.cleanup()

    def judge(self, content: bytes, part: str | None = None) -> OfficialVerdict:
        """Judge one CDA document; one that our guard refuses is never given to Saxon, and has no verdict of the chain."""
        parsed = parse_xml(content)
        if parsed.root is None:
            return self._verdict([_unread(parsed.fault)], part)
        # A name of its own: the worker keeps the last document by name.
        self._judged += 1
        document = Path(self._folder.name, f"{self._judged}.xml")
        document.write_bytes(content)
        outcomes = [self._schema(document)] if self.pack.layout.schema else []
        outcomes += [self._rules(each, each.id, document, parsed.root) for each in self.pack.layout.rules if each.every]
        outcomes += self._typed(document, parsed.root, content)
        document.unlink()
        self.worker.document_done()
        return self._verdict(outcomes, part)

    def judge_all(self, content: bytes) -> Iterator[OfficialVerdict]:
        """Judge a CDA document, or every one inside an archive or a message; nothing for any other content."""
        for part, document in cda_documents(content):
            yield self.judge(document, part)

    def rules_for(self, root: Element, content: bytes) -> tuple[Rules | None, str]:
        """The rules of a document's type, or the catalogue key that says why none was chosen."""
        if root.find(f"{{{HL7}}}component/{{{HL7}}}nonXMLBody") is not None:
            return None, ""
        typed = {rules.path.rpartition("/")[2]: rules for rules in self.pack.layout.rules if not rules.every}
        named = named_schematrons(content[:65536].decode("utf-8", "replace"))
        code, templates = kind_of_document(root)
        if not named & typed.keys():
            alike = [each for each in self.pack.layout.examples if each.templates == templates and each.code == code]
            named = frozenset(name for each in alike for name in each.schematrons)
        chosen = sorted(named & typed.keys())
        if len(chosen) == 1:
            return typed[chosen[0]], ""
        return None, "official.type.ambiguous" if chosen else "official.type.unknown"

    def _typed(self, document: Path, root: Element, content: bytes) -> list[Outcome]:
        if not any(not rules.every for rules in self.pack.layout.rules):
            return []
        rules, why = self.rules_for(root, content)
        if rules is not None:
            return [self._rules(rules, f"{TYPE} {rules.id}", document, root)]
        return [Outcome(TYPE, reason=why, detail=kind_of_document(root)[0])] if why else []

    def _schema(self, document: Path) -> Outcome:
        schema = str(self.pack.path_of(self.pack.layout.schema))
        return self._asked(XSD, None, do="validate", schema=schema, document=str(document))

    def _rules(self, rules: Rules, family: str, document: Path, root: Element) -> Outcome:
        try:
            sheet = self.compiler.sheet(rules)
        except Uncompilable as exc:
            return Outcome(family, reason="official.uncompilable", detail=str(exc))
        except WorkerLost as exc:
            return Outcome(family, reason=f"official.lost.{exc.reason}", detail=rules.path)
        return self._asked(family, root, do="run", sheet=str(sheet), document=str(document))

    def _asked(self, family: str, root: Element | None, **request: Any) -> Outcome:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self.worker.ask(**request)
                break
            except WorkerLost as exc:
                if exc.reason != "died" or attempt == ATTEMPTS:
                    return Outcome(family, reason=f"official.lost.{exc.reason}", detail=family)
        if not answer["ok"]:
            return Outcome(family, reason="official.aborted", detail=str(answer["error"]))
        findings = tuple(_finding(each, family, root) for each in answer["found"])
        return Outcome(family, findings, int(answer["fired"]))

    def _compile(self, source: Path, sheets: list[Path], result: Path) -> None:
        answer = self.worker.ask(do="compile", source=str(source), sheets=[str(s) for s in sheets], result=str(result))
        if not answer["ok"]:
            raise Uncompilable(str(answer["error"]))

    def _verdict(self, outcomes: list[Outcome], part: str | None) -> OfficialVerdict:
        engine = f"{self.worker.version or 'SaxonC'}; {self.compiler.name}"
        return OfficialVerdict(self.pack.name, self.pack.digest, engine, tuple(outcomes), part)


def cda_documents(content: bytes) -> Iterator[tuple[str | None, bytes]]:
    """The CDA documents of a content, each with its name inside an archive."""
    kind = kind_of(content)
    if kind in {"cda", "xml"}:
        yield None, content
        return
    archive = None
    if kind == "xdm":
        archive = XdmArchive.from_bytes(content)
    elif kind == "message":
        message = MailMessage.from_bytes(content)
        archive = message.xdm if message.fault is None else None
    if archive is not None:
        yield from ((name, held) for name, held in archive.files.items() if kind_of(held) == "cda")


def _unread(fault: XmlFault | None) -> Outcome:
    """No parser reads what is not XML; what only our guard refuses (DOCTYPE, size) the chain might have accepted."""
    code = fault.code if fault else "document.not-xml"
    if code not in NOT_XML:
        return Outcome(PARSE, reason="official.guarded", detail=code)
    if fault is None:
        return Outcome(PARSE, (Finding(code).of(f"official.{PARSE}"),))
    where = Where(line=fault.line, column=fault.column)
    finding = Finding(code, expected=fault.expected, got=fault.got, where=where, values=fault.values)
    return Outcome(PARSE, (finding.of(f"official.{PARSE}"),))


def _finding(raw: Mapping[str, Any], family: str, root: Element | None) -> Finding:
    where = Where(line=raw.get("line") or None) if raw["kind"] == "xsd" else where_of(root, raw["location"])
    code = "official.schema" if raw["kind"] == "xsd" else "official.rule"
    values = {"family": family, "text": raw["text"]}
    return Finding(code, _level(raw), expected=raw.get("test") or None, where=where, values=values).of(
        f"official.{family}"
    )


def _level(raw: Mapping[str, Any]) -> Level:
    """By ``@role``; without one, a failed assert is an error and a report that speaks up is a note."""
    role = str(raw.get("role", "")).strip().lower()
    if role in WARNINGS:
        return Level.WARNING
    if role in NOTES or (raw["kind"] == "report" and not role):
        return Level.INFO
    return Level.ERROR
