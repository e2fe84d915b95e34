"""Rules of addresses, names and times: AD, EN, PN, ON, TS and its intervals."""

from __future__ import annotations

from conformance.checks.cda.datatypes.rule import (
    TIME_UNITS,
    Rule,
    When,
    childless,
    children,
    differs,
    each,
    elements,
    not_beside,
    null,
    text,
    valued,
    when_null,
    words,
)
from conformance.checks.cda.forms import moment
from conformance.checks.subjects.cda_element import HL7, text_of
from conformance.checks.subjects.xml import Element
from conformance.core.words import Level

_DELIMITER = f"{{{HL7}}}delimiter"
_BOUNDS = ("low", "center", "high", "width")


_INTERVAL = elements(" ".join(_BOUNDS))
_PERIODS = (f"{{{HL7}}}useablePeriod", f"{{{HL7}}}validTime")


def _parts(element: Element) -> list[Element]:
    return [c for c in element.iterchildren("*") if c.tag not in _PERIODS]


def _has_parts(element: Element) -> bool:
    for child in element.iterchildren("*"):  # noqa: SIM110 - the first one settles nearly all: a generator costs more
        if child.tag not in _PERIODS:
            return True
    return False


def _one_kind(element: Element) -> bool:
    """Null, or parts, or text: never two of them."""
    return null(element) + _has_parts(element) + bool(text(element)) <= 1


def _no_empty_part(element: Element) -> bool:
    return all(
        ((own := part.text) and not own.isspace()) or null(part) or text_of(part) or part.tag == _DELIMITER
        for part in _parts(element)
    )


def _repeats(part: Element) -> bool:
    tokens = (part.get("qualifier") or "").split()
    return len(tokens) > 1 and len(tokens) != len(set(tokens))


def _bound(element: Element, name: str) -> str | None:
    return next((c.get("value") for c in children(element, name)), None)


def _in_order(element: Element) -> bool:
    """The beginning is not after the end, where both are written alike."""
    low, high = moment(_bound(element, "low")), moment(_bound(element, "high"))
    if low is None or high is None or low.digits != high.digits or low.zoned != high.zoned:
        return True
    return low.at <= high.at


def _same_precision(element: Element) -> bool:
    low, high = _bound(element, "low"), _bound(element, "high")
    return low is None or high is None or len(low) == len(high)


def _unit(element: Element) -> bool:
    return all(w.get("unit") is None or w.get("unit") in TIME_UNITS for w in children(element, "width"))


def _dated(element: Element) -> bool:
    value = element.get("value")
    return value is None or moment(value) is not None


AD = (
    Rule("dtr1-1-AD", "@nullFlavor | … | text()", _one_kind),
    Rule(
        "dtr1-5-AD…dtr1-7-AD",
        "useablePeriod: |low| = |high|, low ≤ high, width/@unit: us … a",
        each("useablePeriod", lambda p: _same_precision(p) and _in_order(p) and _unit(p)),
        holding=elements("useablePeriod"),
    ),
    Rule("dtr1-8-AD", "…", _no_empty_part, Level.WARNING, When.PARENT),
    Rule("dtr1-9-AD", "@nullFlavor ∉ …", not_beside, when=When.NULL | When.TWIN),
    Rule("dtr1-10-AD", "≠", differs("use", read=True), when=When.VALUED | When.TWIN),
)
EN = (
    Rule("dtr1-1.1-EN", "@nullFlavor", lambda e: not null(e) or not (_has_parts(e) or text(e)), when=When.NULL),
    Rule("dtr1-1.2-EN", "… | text()", lambda e: not (_has_parts(e) and text(e)), when=When.PARENT),
    Rule("dtr1-1.3-EN", "@nullFlavor | …", lambda e: null(e) or _has_parts(e) or bool(text(e))),
    Rule("dtr1-3-EN", "…", _no_empty_part, Level.WARNING, When.PARENT),
    Rule("dtr1-4-EN", '¬"', lambda e: not text(e).startswith('"'), Level.WARNING),
    Rule("dtr1-5-EN", "@nullFlavor ∉ …", not_beside, when=When.NULL | When.TWIN),
    Rule("dtr1-6-EN", "≠", differs("use", read=True), when=When.VALUED | When.TWIN),
    Rule("dtr1-7-EN", "@qualifier ≠", lambda e: not any(_repeats(part) for part in _parts(e)), when=When.PARENT),
)
PN = (
    Rule(
        "dtr1-1-PN",
        "@qualifier ≠ LS",
        lambda e: all("LS" not in p.get("qualifier", "").split() for p in _parts(e)),
        when=When.PARENT,
    ),
)
ON = (Rule("dtr1-1-ON/dtr1-2-ON", "text()", lambda e: not _has_parts(e), when=When.PARENT),)
TS = (
    *valued("dtr1-1-TS"),
    Rule("dtr1-2-TS", "YYYYMMDDhhmmss+hhmm", _dated, needs=words("value")),
)
SXCM_TS = (Rule("dtr1-1-SXCM_TS", "@nullFlavor → ¬@operator", when_null("operator", allowed="I"), when=When.NULL),)
IVXB_TS = (Rule("dtr1-1-IVXB_TS", "@nullFlavor → ¬@inclusive", when_null("inclusive", allowed="true"), when=When.NULL),)
IVL_TS = (
    Rule(
        "dtr1-2-IVL_TS",
        "@nullFlavor | @value",
        lambda e: all(not null(b) or b.get("value") is None for b in children(e, *_BOUNDS)),
        holding=_INTERVAL,
    ),
    Rule(
        "dtr1-3-IVL_TS/dtr1-4-2-IVL_TS",
        "@value | low, high",
        lambda e: e.get("value") is None or not children(e, *_BOUNDS),
        holding=_INTERVAL,
        needs=words("value"),
    ),
    Rule(
        "dtr1-4-3-IVL_TS",
        "center | low, high, width",
        lambda e: not (children(e, "center") and children(e, "low", "high", "width")),
        holding=elements("center"),
    ),
    Rule(
        "dtr1-4-4-IVL_TS",
        "width → low | high",
        lambda e: not (children(e, "width") and children(e, "low") and children(e, "high")),
        holding=elements("width"),
    ),
    Rule(
        "dtr1-6-IVL_TS",
        "low ≠ high",
        lambda e: _bound(e, "low") is None or _bound(e, "low") != _bound(e, "high"),
        holding=_INTERVAL,
    ),
    Rule("dtr1-7-IVL_TS", "low ≤ high", _in_order, holding=_INTERVAL),
    Rule(
        "dtr1-7-1-IVL_TS", "low ≠ PINF", each("low", lambda b: b.get("nullFlavor") != "PINF"), holding=elements("low")
    ),
    Rule(
        "dtr1-7-2-IVL_TS",
        "high ≠ NINF",
        each("high", lambda b: b.get("nullFlavor") != "NINF"),
        holding=elements("high"),
    ),
    Rule("dtr1-8-IVL_TS", " | ".join(sorted(TIME_UNITS)), _unit, holding=elements("width")),
    Rule(
        "dtr1-1-PQR",
        "width: @unit → @value",
        each("width", lambda w: w.get("unit") is None or w.get("value") is not None),
        holding=elements("width"),
    ),
    Rule("dtr1-2-PQR", "width/translation: 0", each("width", childless("translation")), holding=elements("width")),
    Rule(
        "dtr1-9-IVL_TS",
        "YYYYMMDDhhmmss+hhmm",
        lambda e: all(_dated(b) for b in children(e, "low", "center", "high")),
        holding=_INTERVAL,
    ),
)
