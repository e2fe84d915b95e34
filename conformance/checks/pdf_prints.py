"""What else a print owes: the site's information notice at its foot, and to be the same on paper as on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.checks.pdf_identity import unread
from conformance.checks.pdf_text import text_of_pdf, words_of
from conformance.checks.subjects.prints import NoticedPrint, PaperPrint
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.words import Basis

if TYPE_CHECKING:
    from conformance.checks.datamatrix.symbols import Symbols


@check("pdf.footer", source="REM-MS1-DUI Va1, SC.DOC.06.MS1; RGPD, articles 13 et 14", alone=False)
def the_notice_stands_at_the_foot(printed: NoticedPrint) -> Iterator[Finding]:
    """The information notice that the site wrote stands at the foot of every document that leaves.

    Pass: its words can be read, in their order, in the lower third of a page.
    Fail: they cannot, or only elsewhere on the page. A PDF without text is left to a person.
    """
    text, place = text_of_pdf(printed.pdf.content), Where(part=printed.pdf.part)
    if text.unread is not None:
        yield unread(text, place)
        return
    wanted = f" {' '.join(words_of(printed.notice))} "
    if any(wanted in f" {' '.join(foot)} " for foot in text.feet):
        return
    code = "pdf.footer.elsewhere" if text.spells(printed.notice) else "pdf.footer.missing"
    yield error(code, where=place, expected=printed.notice[:120], got="-")


@check("pdf.paper", source="Socle vague 1, SC.INS.57; guide d'implémentation INS, règle 32", alone=False)
def the_paper_is_what_was_sent(printed: PaperPrint) -> Iterator[Finding]:
    """What is printed of a document is what was sent, datamatrix included.

    Pass: the print is one of the PDFs that left, or says the same words and has the symbols of one of them.
    Fail: a symbol that is missing or another. Other words, such as the day of the print, are for a person to look at.
    It rests on what the product gives as its print.
    """
    # Imported where it serves, as in pdf_datamatrix.py.
    from conformance.checks.datamatrix.symbols import symbols_of

    if printed.paper in printed.sent:
        return
    words, symbols = text_of_pdf(printed.paper).words, symbols_of(printed.paper)
    same = [content for content in printed.sent if text_of_pdf(content).words == words]
    if not same:
        got = " ".join(words)[:80] or "-"
        yield warning("pdf.paper.words", expected="=", got=got, basis=Basis.HYPOTHESIS)
    due = [symbols_of(content) for content in same or printed.sent]
    if not any(set(one.texts) <= set(symbols.texts) for one in due):
        yield error("pdf.paper.symbol", expected=_shown(due[0]), got=_shown(symbols))


def _shown(symbols: Symbols) -> str:
    return ", ".join(symbols.texts)[:80] or "-"
