"""Judge a document alone: known by its content, never by its name, and taken apart down to its last piece.

Whatever the bytes, :func:`judge_bytes` answers with findings; reading files is the last section, for commands.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from conformance.checks.cda.echo import told_once
from conformance.checks.document_kinds import BLANK, kind_of
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.pdf import MAGIC, PdfFile, encapsulated
from conformance.checks.subjects.printed_identity import PrintedIdentity, filed, printed
from conformance.checks.subjects.xdm import XdmArchive
from conformance.checks.subjects.xds_request import XdsRequest
from conformance.core.check import Context, Registry, Subject
from conformance.core.collector import collector_at_rest
from conformance.core.finding import Finding, error
from conformance.core.words import Fault, Level

if TYPE_CHECKING:
    from conformance.checks.fhir.validator import Validator

Document: TypeAlias = CdaDocument | ModelledBody | XdmArchive | MailMessage | PdfFile | PrintedIdentity | XdsRequest

# Above every bound of the parsers: a message weighs 25 MB at most (wire.md §1.8).
MAX_BYTES = 64 * 1024 * 1024
ALONE = Context(alone=True)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one file. ``opened`` is false when it could not be read at all."""

    path: str
    kind: str
    findings: tuple[Finding, ...]
    opened: bool = True

    @property
    def valid(self) -> bool:
        """Known, and without an error."""
        return not any(f.level is Level.ERROR for f in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/check.json``)."""
        return {
            "path": self.path,
            "kind": self.kind,
            "valid": self.valid,
            "findings": [finding.as_json() for finding in self.findings],
        }


def judge_bytes(content: bytes, path: str = "", *, fhir: Validator | None = None) -> Judged:
    """Judge one content; never raises. ``fhir`` knows the packages of the machine; by default, those of the bench."""
    kind = kind_of(content)
    if kind == "fhir":
        return _fhir(content, path, fhir)
    judging = {
        "cda": _cda,
        "xml": _cda,
        "xdm": lambda raw: _archive(XdmArchive.from_bytes(raw)),
        "xds": lambda raw: _request(XdsRequest.from_bytes(raw)),
        "message": _message,
        "pdf": lambda raw: _run(PdfFile.from_bytes(raw)),
        "unknown": _unknown,
    }[kind]
    with collector_at_rest():
        return Judged(path, kind, tuple(_without_echo(judging(content))))


def _fhir(content: bytes, path: str, validator: Validator | None) -> Judged:
    # Imported where it serves: a command that meets no resource starts without the engine of FHIRPath.
    from conformance.checks.fhir.judge import bundled_validator, judge_resource
    from conformance.checks.fhir.subject import FhirResource
    from conformance.checks.fhir.validator import CHECK

    judging = validator or bundled_validator()
    resource = FhirResource.from_bytes(content, tables=judging.tables)
    try:
        found = judge_resource(resource, judging)
    except Exception as exc:  # noqa: BLE001 - a user's file never ends the command
        values = {"check": CHECK, "reason": type(exc).__name__}
        found = [Finding("document.crashed", fault=Fault.HARNESS, values=values).of(CHECK)]
    return Judged(path, resource.kind, tuple(found))


def _cda(content: bytes) -> Iterator[Finding]:
    document = CdaDocument.from_bytes(content)
    yield from _document(document)
    for pdf in encapsulated(document):
        yield from _run(pdf)
    for each in printed([document]):
        yield from _run(each)


def _document(document: CdaDocument) -> Iterator[Finding]:
    """The document, then its body where that has a content model."""
    yield from _run(document)
    for body in ModelledBody.within(document):
        yield from _run(body)


def _archive(archive: XdmArchive, beside: Sequence[PdfFile] = ()) -> Iterator[Finding]:
    """An archive, its documents and its PDFs; ``beside`` are the prints that a message adds to it."""
    if archive.fault is not None:
        # Every other check of an archive would only say again that it did not open.
        yield from (finding for finding in _run(archive) if finding.check == "xdm.safe")
        return
    yield from _run(archive)
    for document in archive.documents:
        for finding in _document(document):
            yield _inside(finding, document.part)
        for pdf in encapsulated(document):
            yield from _run(pdf)
    for name, content in archive.files.items():
        if content.startswith(MAGIC):
            yield from _run(PdfFile(content, name))
    for each in printed(archive.documents, [*filed(archive), *beside]):
        yield from _run(each)


def _request(request: XdsRequest) -> Iterator[Finding]:
    """The request, then each document that it carries."""
    if request.submission is None:
        # Every other check of a request would only say again that it did not read.
        yield from (finding for finding in _run(request) if finding.check == "xds.request")
        return
    yield from _run(request)
    for id, document in request.documents.items():
        for finding in _document(document):
            yield _inside(finding, id)
        for pdf in encapsulated(document):
            yield from _run(pdf)
        for each in printed([document]):
            yield from _run(each)


def _message(content: bytes) -> Iterator[Finding]:
    message = MailMessage.from_bytes(content)
    if message.fault is not None:
        yield error("document.message-unreadable", got=str(message.fault.got)).of("document")
        return
    yield from _run(message)
    prints = [PdfFile(attachment.content, attachment.name) for attachment in message.pdfs]
    if message.xdm is not None:
        yield from _archive(message.xdm, prints)
    for pdf in prints:
        yield from _run(pdf)


def _unknown(content: bytes) -> Iterator[Finding]:
    code = "document.unknown" if content.strip(BLANK) else "document.empty"
    yield error(code).of("document")


def _run(subject: Document) -> Iterator[Finding]:
    """Every check that may judge this subject alone; one that breaks is our fault, and said so."""
    # The protocol of subjects declares a settable member, which no frozen subject has.
    judged = cast("Subject", subject)
    for check in Registry.for_subject(type(judged)):
        try:
            yield from check(judged, ALONE)
        except Exception as exc:  # noqa: BLE001 - a user's file never ends the command
            reason = type(exc).__name__
            values = {"check": check.id, "reason": reason}
            yield Finding("document.crashed", fault=Fault.HARNESS, values=values).of(check.id)


def _inside(finding: Finding, part: str | None) -> Finding:
    return finding if finding.where.part else replace(finding, where=replace(finding.where, part=part))


def _without_echo(found: Iterable[Finding]) -> list[Finding]:
    """The findings, less those that only repeat that something did not read, or what another says better."""
    told = told_once(list(found))
    causes = [f for f in told if not f.code.endswith(".unreadable")]
    return causes if any(f.level is Level.ERROR for f in causes) else told


def judge_file(path: Path, *, fhir: Validator | None = None) -> Judged:
    """Judge one file; one that cannot be opened answers so, with ``opened`` false."""
    name = os.fspath(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return _unopened(name, "not a regular file")
        if status.st_size > MAX_BYTES:
            expected, got = f"≤ {MAX_BYTES}", str(status.st_size)
            return Judged(name, "unknown", (error("document.oversized", expected=expected, got=got).of("document"),))
        content = path.read_bytes()
    except (OSError, ValueError) as exc:
        return _unopened(name, getattr(exc, "strerror", None) or str(exc))
    return judge_bytes(content, name, fhir=fhir)


def files_under(path: Path) -> Iterator[Path]:
    """The file itself, or every file of a folder in order of name; hidden names are left out, loops are walked once."""
    if not path.is_dir():
        yield path
        return
    seen: set[tuple[int, int]] = set()
    _first_time(path, seen)
    for folder, folders, names in os.walk(path, followlinks=True):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and _first_time(Path(folder, n), seen))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def judge_path(path: Path, *, fhir: Validator | None = None) -> Iterator[Judged]:
    """Judge a file, or every file of a folder; a folder without any answers that it could not be judged."""
    count = 0
    for count, each in enumerate(files_under(path), start=1):  # noqa: B007 - counted to know whether there was any
        yield judge_file(each, fhir=fhir)
    if not count:
        yield Judged(os.fspath(path), "unknown", (error("document.no-file").of("document"),), opened=False)


def _unopened(name: str, reason: str) -> Judged:
    finding = error("document.unreadable-path", reason=reason).of("document")
    return Judged(name, "unknown", (finding,), opened=False)


def _first_time(folder: Path, seen: set[tuple[int, int]]) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return False
    key = (status.st_dev, status.st_ino)
    known = key in seen
    seen.add(key)
    return not known
