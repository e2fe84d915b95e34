"""``from conformance import check_document``: a document judged inside an editor's own tests.

::

    from conformance import check_document


    def test_the_letter_conforms():
        check_document(product.export_letter()).raise_if_invalid()
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from conformance.checks.documents import Judged, judge_bytes, judge_file
from conformance.core.finding import Finding
from conformance.core.texts import Language, language, say
from conformance.core.words import Level
from conformance.dossier.card import cards

__all__ = ["CheckedDocument", "InvalidDocument", "assert_conforming", "check_document"]


class InvalidDocument(AssertionError):
    """A document that does not conform; its text is the error cards, and :attr:`checked` holds them as data."""

    def __init__(self, checked: CheckedDocument) -> None:
        self.checked = checked
        super().__init__(checked.told())


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What was said of one document. ``kind`` is what the content is, whatever its name.

    ``path`` is the path given, or empty for bytes. A file that cannot be opened is not valid, and says why.
    """

    path: str
    kind: str
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing is an error."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that break a requirement."""
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that a person should look at."""
        return tuple(finding for finding in self.findings if finding.level is Level.WARNING)

    def failed(self, check: str) -> bool:
        """Whether one check, by its id (``cda.ins``), found an error."""
        return any(finding.check == check for finding in self.errors)

    def told(self, lang: Language | None = None) -> str:
        """A sentence and the error cards: code, expected, got, place, likely cause, remedy."""
        lang = lang or language()
        kind = say(f"documents.kind.{self.kind}", lang)
        head = say("api.valid" if self.valid else "api.invalid", lang, kind=kind, count=len(self.errors))
        return "\n\n".join(part for part in (head, cards(self.errors, lang)) if part)

    def raise_if_invalid(self) -> CheckedDocument:
        """Answer itself when valid; else raise :class:`InvalidDocument`, whose message is the error cards."""
        __tracebackhide__ = True
        if not self.valid:
            raise InvalidDocument(self)
        return self


def check_document(document: bytes | str | os.PathLike[str]) -> CheckedDocument:
    """Judge one document, given as bytes or as the path of a file; never raises for what the document holds.

    A CDA, an XDM archive, an MSSanté message (RFC 5322) or a PDF is recognised by its content and taken apart down
    to its last piece, as ``conformance check`` does.
    """
    if not isinstance(document, bytes | str | os.PathLike):
        raise TypeError(f"a document is bytes or a path, not {type(document).__name__}")
    hush_parsers()
    judged: Judged = judge_bytes(document) if isinstance(document, bytes) else judge_file(Path(document))
    return CheckedDocument(judged.path, judged.kind, judged.findings)


def hush_parsers() -> None:
    """Keep the parsers of PDF from writing to the log what is told as findings."""
    for name in ("pikepdf", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def assert_conforming(document: bytes | str | os.PathLike[str]) -> CheckedDocument:
    """Judge one document and raise :class:`InvalidDocument` if it does not conform."""
    __tracebackhide__ = True
    return check_document(document).raise_if_invalid()
