"""The Data Matrix symbols (ISO/IEC 16022) of a PDF: its first pages drawn in grey, then read.

Symbols come as images or as rectangles, and drawing a page costs a few milliseconds: so every page is drawn rather
than its images taken out. The symbol is due on the first page of a health document (INS implementation guide, rule 32).
"""

from __future__ import annotations

import ctypes
import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.checks.datamatrix.cost import cost_of
from conformance.checks.datamatrix.payload import is_ins
from conformance.checks.pdf import hostile, too_much

MAX_PAGES = 3
# A module of 0.25 mm is two pixels wide at 216 points an inch; a symbol found but not read is looked at closer.
SCALES = (3.0, 5.0)
MAX_PIXELS = 16_000_000
# The renderer offers to stop about every hundred objects that it has drawn: this many times, in all.
MAX_TURNS = 200
MAX_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Symbols:
    """The text of every symbol read, how many were seen but not read, and why nothing was looked for, if so."""

    texts: tuple[str, ...] = ()
    unread: int = 0
    unlooked: str | None = None


@lru_cache(maxsize=4)
def symbols_of(content: bytes) -> Symbols:
    """Look at the first pages, up to the first with an INS datamatrix; never raises."""
    if why := too_much(content):
        return Symbols(unlooked=why)
    try:
        if why := cost_of(content, MAX_PAGES):
            return Symbols(unlooked=why)
    except hostile() as exc:
        return Symbols(unlooked=type(exc).__name__)
    return _looked(content)


def _looked(content: bytes) -> Symbols:
    # Imported where they serve: a command that meets no PDF does not pay for a renderer.
    import pypdfium2

    texts: list[str] = []
    unread = 0
    turns = _Turns()
    try:
        with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
            for number in range(min(len(document), MAX_PAGES)):
                found, missed = _page(document, number, turns)
                texts += found
                unread += missed
                if any(is_ins(text) for text in found):
                    break
    except (pypdfium2.PdfiumError, ValueError, OverflowError, MemoryError) as exc:
        return Symbols(tuple(texts), unread, type(exc).__name__)
    return Symbols(tuple(texts), unread, f"turns > {MAX_TURNS}" if turns.over else None)


def _page(document: Any, number: int, turns: _Turns) -> tuple[list[str], int]:
    """The texts and the number of unread symbols of one page, at the first scale that reads all it finds."""
    page = document[number]
    texts: list[str] = []
    unread = 0
    try:
        width, height = page.get_size()
        if not (0 < width < 20_000 and 0 < height < 20_000):
            return [], 0
        for scale in SCALES:
            fitting = min(scale, (MAX_PIXELS / (width * height)) ** 0.5)
            texts, unread = _read(_drawn(page, int(width * fitting) or 1, int(height * fitting) or 1, turns))
            if not unread:
                break
    finally:
        page.close()
    return texts, unread


class _Turns:
    """How often the renderer has offered to stop."""

    def __init__(self) -> None:
        self.count = 0

    @property
    def over(self) -> bool:
        return self.count > MAX_TURNS

    def offered(self, _: Any) -> int:
        self.count += 1
        return int(self.over)


def _drawn(page: Any, width: int, height: int, turns: _Turns) -> memoryview:
    """The grey levels of a page, row by row; a page that was too long to draw comes as far as it was drawn."""
    from pypdfium2 import PdfBitmap, raw

    bitmap = PdfBitmap.new_native(width, height, raw.FPDFBitmap_Gray)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        pause = raw.IFSDK_PAUSE(version=1)
        pause.NeedToPauseNow = type(pause.NeedToPauseNow)(turns.offered)
        flags = raw.FPDF_GRAYSCALE | raw.FPDF_ANNOT
        raw.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, width, height, 0, flags, ctypes.byref(pause))
        raw.FPDF_RenderPage_Close(page)
        rows = memoryview(bytes(bitmap.buffer))
        return rows.cast("B", (height, bitmap.stride))
    finally:
        bitmap.close()


def _read(rows: memoryview) -> tuple[list[str], int]:
    import zxingcpp

    found = zxingcpp.read_barcodes(
        rows,
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix]),
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=True,
    )
    texts = [symbol.text[:MAX_TEXT] for symbol in found if symbol.valid]
    return texts, len(found) - len(texts)
