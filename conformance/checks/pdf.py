"""PDF/A-1 screening of the PDFs that messages and N1 documents carry.

Screening, not validation: pikepdf's allow-list examiner approves only what it knows to conform (ISO 19005-1, level B),
so its approval can be relied on, while what it does not know is told as not checked. A validator such as veraPDF decides
in that case.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from conformance.checks.subjects.pdf import MAGIC, PdfFile
from conformance.core.check import Context, check
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.words import Basis

if TYPE_CHECKING:
    import pikepdf
    from pikepdf.pdfa import Finding as Examined

    from conformance.checks.pdf_forbidden import Forbidden

FLAVOUR = "1b"
# A message weighs 25 MB at most (wire.md §1.8); the other bounds keep the examiner within seconds and megabytes.
MAX_BYTES = 25 * 1024 * 1024
MAX_UNPACKED = 256 * 1024 * 1024
MAX_STREAMS = 20_000
MAX_TOLD = 8
_STREAM = re.compile(rb"stream\r?\n")
_TWICE = re.compile(rb"/Fl(?:ateDecode)?\s*/Fl(?:ateDecode)?\b")


@check("pdf.a1", source="MSS/CONF.23 (ECO.2.1.1) ; ISO 19005-1:2005, niveau B ; wire.md §2.8")
def the_pdf_passes_screening(pdf: PdfFile, context: Context) -> Iterator[Finding]:
    """A PDF passes the PDF/A-1 screening.

    Pass: the examiner approves every construct of the file for PDF/A-1b.
    Fail: it is no PDF, is encrypted, or holds a construct that PDF/A-1 forbids. Judged alone, a forbidden construct is a
    warning: the published N1 examples hold ordinary PDFs. What the examiner does not know is a warning: not checked.
    """
    place = Where(part=pdf.part)
    if not pdf.content.startswith(MAGIC):
        yield error("pdf.not-pdf", where=place, expected="%PDF-", got=ascii(pdf.content[:8]))
        return
    if bound := too_much(pdf.content):
        yield _unchecked(place, bound)
        return
    read = _examined(pdf.content)
    if read.fault:
        yield error(read.fault, where=place, got=read.got or None)
        return
    tell = warning if context.alone else error
    if read.part != "1":
        yield tell("pdf.a1.undeclared", where=place, expected="pdfaid:part = 1", got=read.part)
    for found in read.named:
        if found.clause == "6.1.3":
            yield error("pdf.encrypted", where=place)
            continue
        got = f"obj {found.number}: {found.what}"[:300]
        yield tell("pdf.a1.violation", where=place, got=got, rule=f"ISO 19005-1 {found.clause}")
    if not read.named:
        yield from _told(read.findings, place, context)


@dataclass(frozen=True, slots=True)
class _Examination:
    """What the examiner read of a file, or the ``fault`` that kept it from reading."""

    fault: str = ""
    got: str = ""
    part: str | None = None
    named: tuple[Forbidden, ...] = ()
    findings: tuple[Examined, ...] = ()


# One file is judged for several requirements, under several profiles.
@lru_cache(maxsize=8)
def _examined(content: bytes) -> _Examination:
    # Imported where they serve: qpdf, the examiner and the font libraries that it brings are half of a command's start.
    import pikepdf
    from pikepdf.pdfa import validate_written

    from conformance.checks.pdf_forbidden import forbidden

    try:
        with pikepdf.open(io.BytesIO(content)) as opened:
            part = _declared(opened)
            named = tuple(islice(forbidden(opened), MAX_TOLD))
            report = validate_written(io.BytesIO(content), FLAVOUR)
    except pikepdf.PasswordError:
        return _Examination("pdf.encrypted")
    except hostile() as exc:
        return _Examination("pdf.damaged", _told_of(exc))
    return _Examination(part=part, named=named, findings=tuple(report.findings))


@cache
def hostile() -> tuple[type[Exception], ...]:
    """What qpdf and its Python side raise on damaged objects; names that are not UTF-8 among them."""
    import pikepdf

    own = (ValueError, RuntimeError, OSError, TypeError, KeyError, AttributeError, AssertionError, UserWarning)
    return (pikepdf.PdfError, *own)


def _told_of(exc: Exception) -> str:
    """What went wrong, in one line and without the address that qpdf names the file by."""
    first = str(exc).rpartition(">: ")[2].splitlines()
    return (first[0] if first else type(exc).__name__)[:200]


def _declared(opened: pikepdf.Pdf) -> str | None:
    """The part of PDF/A that the metadata declares (ISO 19005-1, 6.7.11); ``None`` without a readable declaration."""
    import pikepdf

    try:
        with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            part = metadata.get("pdfaid:part")
    except (ValueError, KeyError, TypeError, RuntimeError, pikepdf.PdfError):
        return None
    return None if part is None else str(part)


def _told(found: Iterable[Examined], place: Where, context: Context) -> Iterator[Finding]:
    """The first of each broken rule, then what was left unchecked in one warning."""
    tell = warning if context.alone else error
    broken: dict[str, Examined] = {}
    for finding in found:
        if finding.kind == "violation":
            broken.setdefault(finding.rule, finding)
    for rule, finding in list(broken.items())[:MAX_TOLD]:
        yield tell("pdf.a1.violation", where=place, got=f"{finding.where}: {finding.message}"[:300], rule=rule)
    if len(broken) > MAX_TOLD:
        yield tell("pdf.a1.more", where=place, got=str(len(broken) - MAX_TOLD))
    unknown = sorted({finding.rule for finding in found if finding.kind != "violation"})
    if unknown and not broken:
        yield _unchecked(place, ", ".join(unknown)[:200])


def _unchecked(place: Where, why: str) -> Finding:
    return warning("pdf.a1.unchecked", where=place, got=why, basis=Basis.HYPOTHESIS)


@lru_cache(maxsize=4)
def too_much(content: bytes) -> str | None:
    """Why a file is not examined at all: its weight, packed or unpacked."""
    if len(content) > MAX_BYTES:
        return f"{len(content)} > {MAX_BYTES}"
    if _TWICE.search(content):
        return "FlateDecode FlateDecode"
    budget = MAX_UNPACKED
    for count, match in enumerate(_STREAM.finditer(content)):
        if count >= MAX_STREAMS:
            return f"streams > {MAX_STREAMS}"
        budget -= _unpacked(content, match.end(), budget)
        if budget <= 0:
            return f"unpacked > {MAX_UNPACKED}"
    return None


def _unpacked(content: bytes, start: int, limit: int) -> int:
    """How many bytes a deflated stream unpacks to, counted up to ``limit`` by pieces; 0 when it is not deflated."""
    unpack = zlib.decompressobj()
    piece, total = content[start : start + 65536], 0
    try:
        while piece and total < limit and not unpack.eof:
            total += len(unpack.decompress(piece, 1024 * 1024))
            start += len(piece) - len(unpack.unconsumed_tail)
            piece = content[start : start + 65536]
    except zlib.error:
        return total
    return total
