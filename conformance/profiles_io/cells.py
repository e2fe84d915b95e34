"""The text of a cell: plain in a public REM, HTML with entities in a Convergence export (dui-rem.md §2.3)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BREAKS = frozenset({"br", "p", "div", "tr", "ul", "ol", "h1", "h2", "h3", "h4"})
KNOWN = BREAKS | {"li", "span", "b", "i", "u", "em", "strong", "a", "sup", "sub", "font", "table", "tbody", "td", "th"}


def plain(value: object) -> str:
    """A cell's text, trimmed, with one kind of line break and no trailing blanks."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def unmarked(value: object) -> str:
    """The same for a cell of HTML: tags gone, items starred, entities decoded.

    What looks like a tag and is none (``<NOM>`` in the subject of a message) is text, and stays.
    """
    reader = _Reader()
    reader.feed(plain(value))
    reader.close()
    return plain("".join(reader.parts))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "li":
            self.parts.append("\n* ")
        elif tag in BREAKS:
            self.parts.append("\n")
        elif tag not in KNOWN:
            self.parts.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
