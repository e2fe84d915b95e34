"""Structured documents as they leave: with coded sections, and with a style sheet that displays every one."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.pdf_text import words_of
from conformance.checks.subjects.cda_element import text_of
from conformance.checks.subjects.rendered import AddedSections, RenderedDocument, StructuredSending, sections_of
from conformance.core.check import check
from conformance.core.finding import Finding, error


@check("mail.structured", source="REM-MS1-DUI Va1, SC.MSS.17.MS1, SC.DOC.07.MS1; CI-SIS, volet DLU", alone=False)
def a_structured_document_leaves_as_such(sending: StructuredSending) -> Iterator[Finding]:
    """A document that is due with coded sections is sent to professionals in that form.

    Pass: its CDA has a structured body with sections.
    Fail: it is a PDF in a CDA, or has no section.
    """
    document = sending.document
    if next(sections_of(document), None) is None:
        got = "nonXMLBody" if document.body_text is not None else "-"
        yield error("mail.structured.none", where=document.where(), expected="structuredBody", got=got)


@check(
    "cda.presented",
    source="REM-MS1-DUI Va1, SC.DOC.08.MS1; CI-SIS, volet structuration minimale, 3.3.2 et 3.9",
    alone=False,
)
def the_style_sheet_displays_every_section(rendered: RenderedDocument) -> Iterator[Finding]:
    """A structured document brings the style sheet of its producer, which displays each narrative section.

    Pass: the sheet that comes with the document, applied to it, displays the words of each section's text.
    Fail: no sheet comes with it, it cannot be applied, or the words of a section do not show.
    """
    if rendered.outcome != "rendered":
        yield _undisplayed(rendered)
        return
    for section, pieces in rendered.sections():
        hidden = [piece for piece in pieces if not rendered.shows(piece)]
        if hidden:
            title = rendered.document.first("h:title", section)
            named = text_of(title) if title is not None else "-"
            got = " ".join(hidden[0].split())[:80]
            yield error("cda.presented.hidden", where=rendered.document.where(section), got=got, section=named)


@check("cda.added-sections", source="REM vague 2, CDA/INT.16", alone=False)
def the_style_sheet_displays_added_sections(added: AddedSections) -> Iterator[Finding]:
    """The style sheet that comes with a structured document displays sections added beyond those of its volet too.

    Pass: each added section is in the document, and its words show once the sheet is applied.
    Fail: it is not in the document, no sheet can be applied, or its words do not show.
    """
    if added.outcome != "rendered":
        yield _undisplayed(added)
        return
    held = {" ".join(words_of(" ".join(pieces))) for _, pieces in added.sections()}
    for row in added.added:
        text, where = str(row["text"]), added.document.where()
        if not any(" ".join(words_of(text)) in words for words in held):
            yield error("cda.added-sections.absent", where=where, expected=text[:80], section=row["title"])
        elif not added.shows(text):
            yield error("cda.added-sections.hidden", where=where, expected=text[:80], section=row["title"])


def _undisplayed(rendered: RenderedDocument) -> Finding:
    where = rendered.document.where()
    if rendered.sheet == "none":
        return error("cda.presented.no-sheet", where=where, expected="xml-stylesheet", got=rendered.reason or "-")
    return error("cda.presented.fails", where=where, got=rendered.reason or rendered.outcome)
