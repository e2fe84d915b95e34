"""Checks on what a message carries: one archive, and the same documents as PDF."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from conformance.checks.mail.common import label_length, unaccented, unreadable, without_document
from conformance.checks.parameters import parameter
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.message import ARCHIVE, MailMessage
from conformance.checks.subjects.mime import Leaf
from conformance.core.check import Context, check
from conformance.core.finding import Finding, Where, error

# Above this total size, the operator of the citizens' boxes returns the message (wire.md §1.8).
SIZE_LIMIT = 25 * 1024 * 1024
# What file systems refuse in a name, and the separator itself: a product may replace or drop it in a label.
_UNSAFE = frozenset('\\/:*?"<>|_')


@check("mail.xdm-attached", source="Référentiel socle MSSanté #2 v1.0, ECO.2.1.1 (MSS/CONF.23)")
def documents_travel_in_an_archive(message: MailMessage, context: Context) -> Iterator[Finding]:
    """A message that transmits documents carries one archive ``IHE_XDM.ZIP`` with at least one CDA document.

    Pass: one readable archive of that name, with a document; a message to a citizen stays within the size limit.
    Fail: no archive, several, another name, an unreadable or empty one, or a message to a citizen that is too large.
    """
    yield from unreadable(message)
    if not message.transmits or message.fault is not None:
        return
    if message.xdm is None:
        got = ", ".join(a.name or a.content_type for a in message.attachments) or "-"
        yield error("mail.xdm-attached.missing", expected=ARCHIVE, got=got)
        return
    names = [archive.name or "-" for archive in message.archives]
    if len(names) > 1:
        yield error("mail.xdm-attached.several", expected="1", got=", ".join(names))
    if not any(name.upper() == ARCHIVE for name in names):
        yield error("mail.xdm-attached.name", expected=ARCHIVE, got=", ".join(names))
    if message.xdm.fault is not None:
        yield error(
            "mail.xdm-attached.unreadable", expected="ZIP", got=message.xdm.fault.code, where=Where(part=ARCHIVE)
        )
    elif not message.documents:
        yield error("mail.xdm-attached.empty", expected="CDA R2", got="0", where=Where(part=ARCHIVE))
    limit = int(parameter(context, "mail.size_limit", SIZE_LIMIT))
    if message.audience == "citizen" and len(message.raw) > limit:
        yield error("mail.xdm-attached.size", expected=str(limit), got=str(len(message.raw)))


@check("mail.pdf-twin", source="Référentiel socle MSSanté #2 v1.0, ECO.2.1.1 and ECO.2.1.5 (MSS/CONF.23, MSS/CONF.26)")
def each_document_has_its_pdf(message: MailMessage) -> Iterator[Finding]:
    """The documents of the archive are attached as PDF too; that of an N1 document is the PDF that it encapsulates.

    Pass: as many PDF files as CDA documents, and for each N1 document one of them with the very same bytes.
    Fail: another number of PDF files, or an N1 document whose PDF is not attached as it is.
    """
    yield from without_document(message)
    if not message.documents:
        return
    if len(message.pdfs) != len(message.documents):
        yield error("mail.pdf-twin.count", expected=str(len(message.documents)), got=str(len(message.pdfs)))
    attached = [hashlib.sha256(pdf.content).hexdigest() for pdf in message.pdfs]
    for document in message.documents:
        if document.pdf is None:
            continue
        digest = hashlib.sha256(document.pdf).hexdigest()
        if digest not in attached:
            got = ", ".join(d[:16] for d in attached) or "-"
            yield error("mail.pdf-twin.differs", expected=digest[:16], got=got, where=Where(part=document.part))


@check("mail.pdf-name", source="Référentiel socle MSSanté #2 v1.0, ECO.2.1.6")
def a_pdf_is_named_after_its_document(message: MailMessage, context: Context) -> Iterator[Finding]:
    """A PDF is named by the date of the act, the type, the birth name and the first name, joined by underscores.

    ``<AAAAMMJJ>_<type>_<NOM>_<prénom>[_<number>].pdf``: the date is the beginning of the act in the CDA, the type
    the display name of its code, cut (forty characters), the birth name in capitals. Accents may stay.
    Pass: every PDF bears the name that a document of the archive calls for.
    Fail: a PDF without a name, or with another one.
    """
    yield from without_document(message)
    if not message.documents:
        return
    length = label_length(context)
    for pdf in message.pdfs:
        candidates = _twins(pdf, message.documents)
        wanted = [name for document in candidates if (name := expected_name(document, length))]
        if not pdf.name:
            yield error("mail.pdf-name.missing", expected=" | ".join(wanted) or "-", got="-")
        elif not any(_is_named_after(pdf.name, document, length) for document in candidates):
            yield error("mail.pdf-name.differs", expected=" | ".join(wanted) or "-", got=pdf.name)


def expected_name(document: CdaDocument, length: int) -> str | None:
    """The file name that a document calls for, without the optional number; ``None`` when its header lacks a part."""
    parts = _name_parts(document, length)
    return None if parts is None else "_".join(parts) + ".pdf"


def _name_parts(document: CdaDocument, length: int) -> tuple[str, str, str, str] | None:
    day, label = document.serviced_on, (document.code_label or "")[:length].strip()
    family, given = (document.birth_name or "").upper(), document.first_name or ""
    if day is None or not (label and family and given):
        return None
    return f"{day:%Y%m%d}", label, family, given


def _twins(pdf: Leaf, documents: tuple[CdaDocument, ...]) -> list[CdaDocument]:
    """The documents that encapsulate a PDF, or all of them when none does."""
    return [d for d in documents if d.pdf == pdf.content] or list(documents)


def _is_named_after(name: str, document: CdaDocument, length: int) -> bool:
    parts = _name_parts(document, length)
    if parts is None:
        return False
    day, label, family, given = (unaccented(part) for part in parts)
    spelt = "".join(".?" if c in _UNSAFE else re.escape(c) for c in label)
    form = rf"{day}_{spelt}_{re.escape(family)}_(?i:{re.escape(given)})(?:_[^_]+)?(?i:\.pdf)"
    return re.fullmatch(form, " ".join(unaccented(name).split())) is not None
