"""Identifiers as the exports leave them, put back together.

The ANS plug-in removes any prefix of three letters (``PSC.01.01`` comes out as ``01.01``; dui-rem.md §1.2), and
wave 1 writes its proofs by numbers alone (``3.1.1``: requirement, scenario, proof).
"""

from __future__ import annotations

import re

NUMBER = re.compile(r"(\d+)")
TRUNCATED = re.compile(r"^\d+(\.\d+)*$")


def truncated(id: str) -> bool:
    """Whether an identifier lost its prefix."""
    return bool(TRUNCATED.match(id))


def child(id: str, parent: str) -> str:
    """A scenario's id under its requirement, or a proof's id under its scenario; empty stays empty.

    ``01.02`` under ``PSC.01`` is ``PSC.01.02``; ``02`` under ``MSS/UX.39`` is ``MSS/UX.39.02``.
    """
    if not id or not truncated(id):
        return id
    head, _, rest = id.partition(".")
    if rest and _number(parent) == int(head):
        return f"{parent}.{rest}"
    return f"{parent}.{id}"


def proof(id: str, requirement: str, scenario: str) -> str:
    """A proof's id: ``08.01.01`` under ``CDA/INT.08`` and its scenario ``CDA/INT.08.01`` is ``CDA/INT.08.01.01``."""
    if not id or not truncated(id):
        return id
    if id.count(".") >= 2 or scenario in ("", requirement):
        return child(id, requirement)
    return f"{scenario}.{id.rpartition('.')[2]}"


def requirement(id: str, section: str, others: list[str]) -> str | None:
    """A requirement's id, rebuilt from its section or from its scenarios' and proofs' ids; ``None`` where nothing tells."""
    if not truncated(id):
        return id
    for other in others:
        prefix, found, _ = other.partition(id)
        if found and re.fullmatch(r"[A-Za-z][\w./]*[./]", prefix):
            return prefix + id
    if re.fullmatch(r"[A-Za-z][\w/]*", section):
        return f"{section}.{id}"
    return None


def bare(id: str) -> str:
    """What two editions of one id share: no ``SC.``, ``CH.`` or ``REM.`` before it, no blanks, one case."""
    return re.sub(r"^(SC|CH|REM)\.", "", re.sub(r"\s+", "", id).upper())


def _number(id: str) -> int | None:
    # The number follows the last letters that open a segment: 03 in SC.DOC.03.MS1, 14 in MSS/CONF.14.
    for part in reversed(re.split(r"[./]", id)):
        if NUMBER.fullmatch(part):
            return int(part)
    return None
