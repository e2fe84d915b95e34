"""What drawing a PDF would cost, counted before it is drawn: a hostile page can keep a renderer busy for hours.

Drawing is bounded by counting, not by a clock, so that the same file is always answered alike.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pikepdf

MAX_OBJECTS = 20_000
# Painting operators, each form counted as often as it is drawn (ISO 32000-1, table 51).
MAX_PAINTED = 60_000
MAX_PIXELS = 60_000_000
MAX_DEPTH = 12
_PAINT = re.compile(rb"(?<![A-Za-z/])(?:f\*?|F|B\*?|b\*?|S|s|sh|EI|Tj|TJ|'|\")(?![A-Za-z])")
_DO = re.compile(rb"/([^\s/<>()\[\]{}%]+)\s+Do(?![A-Za-z])")


def too_costly(opened: pikepdf.Pdf, pages: int) -> str | None:
    """Why the first ``pages`` pages are not drawn, or ``None``; raises what damaged objects raise."""
    if reason := next(_forbidden(opened), None):
        return reason
    budget = _Budget()
    for page in opened.pages[:pages]:
        budget.spend(_contents(page.obj), page.obj.get("/Resources"), 1, 0)
        for appearance in _appearances(page.obj):
            budget.spend(appearance.read_bytes(), appearance.get("/Resources"), 1, 1)
        if budget.spent > MAX_PAINTED:
            return f"operators > {MAX_PAINTED}"
    return None


class _Budget:
    """The painting operators met so far, and what each form costs."""

    def __init__(self) -> None:
        self.spent = 0

    def spend(self, content: bytes, resources: pikepdf.Object | None, times: int, depth: int) -> None:
        """Count the operators of a content stream, and of the forms that it draws, ``times`` over."""
        self.spent += times * len(_PAINT.findall(content))
        if depth > MAX_DEPTH:
            self.spent = MAX_PAINTED + 1
        forms = resources.get("/XObject") if resources is not None else None
        if self.spent > MAX_PAINTED or not isinstance(forms, pikepdf.Dictionary):
            return
        drawn: dict[str, int] = {}
        for match in _DO.finditer(content):
            name = "/" + match.group(1).decode("latin-1")
            drawn[name] = drawn.get(name, 0) + 1
        for name, count in drawn.items():
            form = forms.get(name)
            self.spent += times * count
            if self.spent > MAX_PAINTED:
                return
            if isinstance(form, pikepdf.Stream) and form.get("/Subtype") == "/Form":
                self.spend(form.read_bytes(), form.get("/Resources"), times * count, depth + 1)


def _contents(page: pikepdf.Object) -> bytes:
    held = page.get("/Contents")
    streams = list(held) if isinstance(held, pikepdf.Array) else [held]
    return b"\n".join(s.read_bytes() for s in streams if isinstance(s, pikepdf.Stream))


def _appearances(page: pikepdf.Object) -> Iterator[pikepdf.Stream]:
    notes = page.get("/Annots")
    for note in notes if isinstance(notes, pikepdf.Array) else []:
        shown = note.get("/AP") if isinstance(note, pikepdf.Dictionary) else None
        normal = shown.get("/N") if isinstance(shown, pikepdf.Dictionary) else None
        if isinstance(normal, pikepdf.Stream):
            yield normal


def _forbidden(opened: pikepdf.Pdf) -> Iterator[str]:
    """What cannot be counted: tiles, functions run for each pixel, glyphs that are drawings, huge images."""
    pixels = 0
    for number, held in enumerate(opened.objects):
        if number >= MAX_OBJECTS:
            yield f"objects > {MAX_OBJECTS}"
        if not isinstance(held, pikepdf.Dictionary | pikepdf.Stream):
            continue
        if held.get("/PatternType") == 1:
            yield "/PatternType 1"
        if held.get("/ShadingType") in {1, 4, 5, 6, 7}:
            yield f"/ShadingType {held.get('/ShadingType')}"
        if held.get("/Subtype") == "/Type3":
            yield "/Type3"
        if held.get("/Subtype") == "/Image":
            pixels += abs(int(held.get("/Width", 0)) * int(held.get("/Height", 0)))
            if pixels > MAX_PIXELS:
                yield f"pixels > {MAX_PIXELS}"


def cost_of(content: bytes, pages: int) -> str | None:
    """The same for the bytes of a file."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        return too_costly(opened, pages)
