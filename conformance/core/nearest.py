"""The nearest known name to one that is not known, as the end of a sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from conformance.core.texts import say

SHOWN = 3  # near names told; more would hide the one that was meant


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that begins by a space and names what is near; empty where nothing is, for it would mislead."""
    near = difflib.get_close_matches(name, list(known), n=SHOWN)
    return " " + say("nearest", names=", ".join(near)) if near else ""
