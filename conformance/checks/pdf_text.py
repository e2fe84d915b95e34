"""The text of a PDF, as whoever selects it reads it: bounded like the drawing of it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from conformance.checks.mail.common import folded
from conformance.checks.pdf import hostile, too_much

MAX_PAGES = 30
MAX_CHARACTERS = 400_000
# How high the foot of a page reaches, as a part of its height.
FOOT = 1 / 3


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of the first pages, folded as :func:`~conformance.checks.mail.common.folded` does; ``unread`` says why not.

    ``feet`` are the words in the lower third of each page.
    """

    text: str = ""
    unread: str | None = None
    feet: tuple[tuple[str, ...], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the text, in order."""
        return words_of(self.text)

    def places(self, sequence: Sequence[str]) -> list[int]:
        """Where these words follow each other: the place of the first one, each time."""
        words, wanted = self.words, tuple(sequence)
        starts = [at for at, word in enumerate(words) if wanted and word == wanted[0]]
        return [at for at in starts if words[at : at + len(wanted)] == wanted]

    def spells(self, phrase: str) -> bool:
        """Whether the words of a phrase follow each other somewhere, whatever stands between them."""
        return bool(self.places(words_of(phrase)))

    def says(self, words: str) -> bool:
        """Whether each word is there, in any order: a print may put names in columns or break a line."""
        return all(word in self.text for word in folded(words).split())


@lru_cache(maxsize=8)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text: letters and figures, folded."""
    return tuple(re.findall(r"[^\W_]+", folded(text)))


@lru_cache(maxsize=4)
def text_of_pdf(content: bytes) -> PdfText:
    """Read the first pages; never raises. A PDF whose pages are images has no text, which ``unread`` says."""
    # Imported where it serves, like the reader below: it loads pikepdf.
    from conformance.checks.datamatrix.cost import cost_of

    if why := too_much(content):
        return PdfText(unread=why)
    try:
        if why := cost_of(content, MAX_PAGES):
            return PdfText(unread=why)
    except hostile() as exc:
        return PdfText(unread=type(exc).__name__)
    return _read(content)


def _read(content: bytes) -> PdfText:
    # Imported where it serves: a command that meets no PDF does not pay for it.
    import pypdfium2

    found: list[str] = []
    feet: list[tuple[str, ...]] = []
    try:
        with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
            for number in range(min(len(document), MAX_PAGES)):
                sheet = document[number]
                page = sheet.get_textpage()
                count = min(page.count_chars(), MAX_CHARACTERS)
                found.append(page.get_text_range(0, count) if count else "")
                foot = page.get_text_bounded(top=sheet.get_height() * FOOT) if count else ""
                feet.append(words_of(foot[:MAX_CHARACTERS]))
                if sum(map(len, found)) > MAX_CHARACTERS:
                    return PdfText(unread=f"characters > {MAX_CHARACTERS}")
    except (pypdfium2.PdfiumError, ValueError, OverflowError, MemoryError) as exc:
        return PdfText(unread=type(exc).__name__)
    text = folded(" ".join(found))
    return PdfText(text, None if text else "-", tuple(feet))
