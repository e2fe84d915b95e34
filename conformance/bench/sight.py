"""What a page lets a person read without a click: its text and the alternative texts of its icons, not what it keeps folded.

HTML of others: parsed by lxml without network, up to a bound of elements; what cannot be parsed shows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from unicodedata import normalize
from urllib.parse import urldefrag, urljoin

from lxml import etree, html

MAX_ELEMENTS = 100_000
# What is never read: it is not displayed, or only once somebody opens it.
_UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "datalist"})
# What icons and abbreviations say to those who do not see them.
_ALTERNATIVES = ("alt", "aria-label", "title")
# Elements that end no word.
_INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "u"})
# What a link to the next page says where nothing marks it.
_NEXT = frozenset({"suivant", "suivante", "page suivante", "next", "next page", "\u203a", "»", "→", ">", ">>"})
_TAG = re.compile(r"<[^<>]{0,4000}>")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for on a page: texts in its source; texts to be read, alone and beside anchors; addresses of links.

    ``loosely`` looks for the letters and digits of ``texts`` only, without case nor accents: pages space and capitalise.
    ``displayed`` looks for ``texts`` in what can be read without a click only, not in the source.
    """

    texts: tuple[str, ...] = ()
    loosely: bool = False
    displayed: bool = False
    reads: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    def on(self, page: str, url: str) -> dict[str, Any]:
        """What of it a page has, as evidence keeps it."""
        sight = Sight(page, url)
        source = sight.text if self.displayed else unescape(page)
        told: dict[str, Any] = {"shows": _met(source, self.texts, loosely=self.loosely)}
        if self.reads or self.anchors or self.links:
            told |= {"reads": sight.reads(self.reads), "links": sight.links(self.links)}
            told |= {"beside": sight.beside(self.anchors, self.beside)}
        return told


class Sight:
    """One page, as it is displayed."""

    def __init__(self, page: str, url: str = "") -> None:
        self._url = url
        self._root: html.HtmlElement | None = None
        try:
            root = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True))
        except (etree.ParserError, etree.XMLSyntaxError, ValueError):
            return
        if sum(1 for _ in zip(root.iter(), range(MAX_ELEMENTS + 1), strict=False)) <= MAX_ELEMENTS:
            self._root = root

    @property
    def text(self) -> str:
        """All that can be read, white space folded."""
        return "" if self._root is None else _text(self._root)

    def reads(self, texts: Sequence[str]) -> list[str]:
        """Those of the texts that can be read somewhere."""
        shown = self.text
        return [text for text in texts if text and _flat(text) in shown]

    def beside(self, anchors: Sequence[str], texts: Sequence[str]) -> dict[str, list[str]]:
        """For each anchor that can be read, those of the texts that stand beside it.

        Beside means inside the largest element that holds this anchor and none of the others: its line, whatever the page
        makes lines of. An anchor that stands in several places has them all.
        """
        found: dict[str, list[str]] = {}
        for anchor in anchors:
            others = [_flat(other) for other in anchors if other != anchor]
            lines = [] if self._root is None else list(_lines(self._root, _flat(anchor), others))
            if lines:
                found[anchor] = [text for text in texts if any(_flat(text) in line for line in lines)]
        return found

    def links(self, urls: Sequence[str]) -> list[str]:
        """Those of the addresses that a link of the page leads to."""
        if self._root is None:
            return []
        links = (each.get("href", "") for each in self._root.iter("a") if not _hidden(each))
        held = {self._absolute(link) for link in links if link}
        return [url for url in urls if self._absolute(url) in held]

    @property
    def next(self) -> str:
        """Where the link to the next page of a list leads: ``rel=next`` (HTML Living Standard, 4.6.7), else by its words; or nothing."""
        links = () if self._root is None else self._root.iter("a")
        shown = [each for each in links if each.get("href") and not _hidden(each)]
        marked = [each for each in shown if "next" in each.get("rel", "").casefold().split()]
        spoken = [each for each in shown if _text(each).casefold() in _NEXT]
        return next((self._absolute(each.get("href", "")) for each in (*marked, *spoken)), "")

    def _absolute(self, url: str) -> str:
        try:
            return urldefrag(urljoin(self._url, url)).url
        except ValueError:
            return url


def _lines(element: html.HtmlElement, anchor: str, others: Sequence[str]) -> Iterator[str]:
    text = _text(element)
    if anchor not in text:
        return
    if not any(other in text for other in others):
        yield text
        return
    for child in element:
        yield from _lines(child, anchor, others)


def _hidden(element: html.HtmlElement) -> bool:
    """Whether an element, or one around it, is not displayed."""
    return any(_unseen(each) for each in (element, *element.iterancestors()))


def _unseen(element: html.HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or element.get("hidden") is not None:
        return True
    if element.tag == "option":
        return element.get("selected") is None
    around = element.getparent()
    return around is not None and _folded(around) and element.tag != "summary"


def _folded(element: html.HtmlElement) -> bool:
    return element.tag == "details" and element.get("open") is None


def _text(element: html.HtmlElement) -> str:
    return _flat("".join(_pieces(element)))


def _pieces(element: html.HtmlElement) -> Iterator[str]:
    if _unseen(element):
        return
    apart = "" if element.tag in _INLINE else " "
    yield apart
    yield from (f" {element.get(name)} " for name in _ALTERNATIVES if element.get(name))
    folded = _folded(element)
    yield "" if folded else element.text or ""
    for child in element:
        yield from _pieces(child)
        yield "" if folded else child.tail or ""
    yield apart


def _flat(text: str) -> str:
    return " ".join(text.split())


def _met(page: str, wanted: tuple[str, ...], *, loosely: bool) -> list[str]:
    """Those of the texts that a page holds; without its tags too when they are looked for loosely."""
    if not loosely:
        return [text for text in wanted if text in page]
    read = (_bare(page), _bare(_TAG.sub(" ", page)))
    return [text for text in wanted if any(_bare(text) in one for one in read)]


def _bare(text: str) -> str:
    """Letters and digits only, without case nor accents."""
    return "".join(c for c in normalize("NFKD", text).casefold() if c.isalnum())
