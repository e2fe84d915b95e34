"""The forms of HTML pages: found by the names of their fields, filled as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree, html

# A page nested deeper than this is no form that a person meets.
MAX_ELEMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form is, and what its page calls each member that is typed: several fields where it is typed again."""

    url: str
    fields: Mapping[str, tuple[str, ...]]

    def named(self, typed: Mapping[str, str]) -> dict[str, str]:
        """What is typed, by field; a member that the page does not ask for is left out."""
        return {name: value for member, value in typed.items() for name in self.fields.get(member, ())}


@dataclass(frozen=True, slots=True)
class Filled:
    """A form ready to be sent: where, how, and every field that the browser sends."""

    action: str
    method: str
    data: Mapping[str, str]


def fill(page: str, typed: Mapping[str, str]) -> Filled | None:
    """The form of a page that has all these fields, filled; ``None`` when it holds none."""
    try:
        root: Any = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, ValueError):
        return None
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        return None
    for form in root.forms:
        held: dict[str, Any] = dict(form.fields)
        if set(typed) <= set(held):
            # A box that is not ticked and a list without a choice say nothing, as in a browser.
            kept = {name: str(value) for name, value in held.items() if isinstance(value, str)}
            return Filled(form.action or "", "POST" if form.method == "POST" else "GET", {**kept, **typed})
    return None
