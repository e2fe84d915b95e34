"""Why two values differ, and whether anything was lost by it.

*Equivalent* differences lose nothing: a label beside the same code, an instant written with another offset, a local identifier
that the other software numbers its own way, the order of a list.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

from conformance.portability.units import Target

# Local identifiers of the medico-social sector (ANS, IG TDDUI 2.3.0-ballot): the software that receives renumbers.
LOCAL_IDENTIFIERS = "https://identifiant-medicosocial-"
EQUIVALENT = frozenset({"display", "same-instant", "renumbered", "order", "reference-text"})


def why_changed(path: tuple[str, ...], before: Any, after: Any, system: str = "") -> str:
    """The code of the reason (``portability.why.<code>``) for a value that is not the same; ``system`` is its sibling."""
    name = path[-1]
    if name == "reference" or isinstance(before, Target) or isinstance(after, Target):
        return "target"
    if name == "display":
        return "display" if "reference" not in path else "reference-text"
    if name == "value" and system.startswith(LOCAL_IDENTIFIERS):
        return "renumbered"
    if name in ("data", "hash", "size"):
        return "content"
    if isinstance(before, str) and isinstance(after, str):
        return _texts(name, before, after)
    return "kind" if type(before) is not type(after) else "value"


def _texts(name: str, before: str, after: str) -> str:
    one, other = _instant(before), _instant(after)
    if one and other:
        return _dates(before, after, same=one == other)
    if name == "code":
        return "code"
    if after and before.startswith(after):
        return "truncated"
    return "spelling" if _plain(before) == _plain(after) else "value"


def _dates(before: str, after: str, *, same: bool) -> str:
    if same and len(before) >= 19 and len(after) >= 19:
        return "same-instant"
    return "precision" if before[:10] == after[:10] or before.startswith(after) else "date"


def _instant(text: str) -> datetime | None:
    if len(text) < 10 or text[4:5] != "-":
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else read


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    return "".join(c for c in folded if not unicodedata.combining(c) and not c.isspace()).casefold()
