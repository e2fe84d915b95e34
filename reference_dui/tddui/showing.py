"""An item of a record as a line of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What tells an item best, then when it is, then how it is numbered; the first that it has.
_WORDS = ("title", "label", "text", "name", "family", "comment", "scope")
_MORE = ("report", "conclusion", "expected")
_DATES = ("start", "when", "authored", "date")
_NUMBERS = ("number", "national_id", "unique_id")


def row_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """``kind``, ``lines`` of text, ``when`` and ``number``; empty where the item does not say."""
    lines = [_first(item, _WORDS), *(str(item[name]) for name in _MORE if item.get(name))]
    lines += [f"{answer['text']} : {answer['answer']}" for answer in item.get("answers", ())]
    return {
        "kind": item["kind"],
        "lines": [line for line in lines if line],
        "when": _first(item, _DATES),
        "number": _first(item, _NUMBERS),
    }


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(item[name]) for name in names if item.get(name)), "")
