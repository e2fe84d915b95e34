"""The data types of a header, by name: the rules of each, and the type that it extends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from conformance.checks.cda.datatypes import codes, shapes, values
from conformance.checks.cda.datatypes.rule import Rule

# The rules of each type, then those of the type that it extends.
_OWN: Mapping[str, tuple[str | None, tuple[Rule, ...]]] = {
    "ANY": (None, values.ANY),
    "AD": ("ANY", shapes.AD),
    "BL": ("ANY", ()),
    "BIN": ("ANY", values.BIN),
    "ED": ("BIN", values.ED),
    "ST": ("ED", values.ST),
    "SC": ("ST", codes.SC),
    "CD": ("ANY", codes.CD),
    "CE": ("CD", codes.CE),
    "CV": ("CE", ()),
    "CR": ("ANY", codes.CR),
    "CS": ("ANY", codes.CS),
    "EN": ("ANY", shapes.EN),
    "PN": ("EN", shapes.PN),
    "ON": ("EN", shapes.ON),
    "II": ("ANY", values.II),
    "QTY": ("ANY", values.QTY),
    "INT": ("QTY", values.INT),
    "INT.POS": ("INT", values.INT_POS),
    "TS": ("QTY", shapes.TS),
    "SXCM_TS": ("TS", shapes.SXCM_TS),
    "IVXB_TS": ("TS", shapes.IVXB_TS),
    "IVL_TS": ("SXCM_TS", shapes.IVL_TS),
    "URL": ("ANY", values.URL),
    "TEL": ("URL", values.TEL),
}


@cache
def rules_of(name: str) -> tuple[Rule, ...]:
    """The rules of a type and of those that it extends; an unknown name raises :class:`KeyError`."""
    parent, own = _OWN[name]
    return own if parent is None else (*rules_of(parent), *own)
