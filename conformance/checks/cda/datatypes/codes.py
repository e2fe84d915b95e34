"""Rules of codes: SC, CD and its kin (CE, CV, CR, CS)."""

from __future__ import annotations

import re

from conformance.checks.cda.datatypes.rule import (
    Rule,
    When,
    childless,
    children,
    comes_with,
    differs,
    each,
    elements,
    implies,
    null,
    when_null,
    without,
    words,
)
from conformance.checks.cda.datatypes.values import language
from conformance.checks.subjects.xml import Element
from conformance.core.words import Level

_BREAKS = re.compile(r"[\r\n\t]")


def _distinct_translations(element: Element) -> bool:
    keys = [(t.get("code"), t.get("codeSystem")) for t in children(element, "translation")]
    return len(keys) == len(set(keys))


_SYSTEM = "@codeSystem"
SC = (
    comes_with("dtr1-2-SC", "code", "codeSystem"),
    comes_with("dtr1-3-SC", "codeSystemName", "codeSystem"),
    comes_with("dtr1-4-SC", "codeSystemVersion", "codeSystem"),
    comes_with("dtr1-5-SC", "displayName", "code"),
    Rule(
        "dtr1-6-SC/dtr1-7-SC", "@nullFlavor → ¬(@code | @displayName)", when_null("code", "displayName"), when=When.NULL
    ),
)
CD = (
    Rule(
        "dtr1-1-CD",
        "@nullFlavor | @code | originalText",
        lambda e: any(not null(o) for o in children(e, "originalText")),
        lacks=words("nullFlavor code"),
    ),
    comes_with("dtr1-2-CD", "code", "codeSystem"),
    comes_with("dtr1-3-CD", "codeSystemName", "codeSystem"),
    comes_with("dtr1-4-CD", "codeSystemVersion", "codeSystem"),
    comes_with("dtr1-5-CD", "displayName", "code"),
    Rule(
        "dtr1-6-CD/dtr1-7-CD", "@nullFlavor → ¬(@code | @displayName)", when_null("code", "displayName"), when=When.NULL
    ),
    Rule(
        "dtr1-10-CD",
        "translation: ¬@nullFlavor",
        each("translation", lambda t: not null(t)),
        holding=elements("translation"),
    ),
    Rule(
        "dtr1-11-CD",
        f"translation: {_SYSTEM} → @code",
        each("translation", implies("codeSystem", "code")),
        holding=elements("translation"),
    ),
    Rule(
        "dtr1-12-CD",
        "translation: @codeSystemName → …",
        each("translation", implies("codeSystemName", "codeSystem")),
        holding=elements("translation"),
    ),
    Rule(
        "dtr1-13-CD",
        "translation: @codeSystemVersion → …",
        each("translation", implies("codeSystemVersion", "codeSystem")),
        holding=elements("translation"),
    ),
    Rule(
        "dtr1-14-CD",
        "translation: @displayName → @code",
        each("translation", implies("displayName", "code")),
        holding=elements("translation"),
    ),
    Rule(
        "dtr1-15-CD",
        "@displayName: ¬(CR | LF | TAB)",
        lambda e: _BREAKS.search(e.get("displayName", "")) is None,
        Level.WARNING,
        needs=words("displayName"),
    ),
    Rule("dtr1-18-CD", "≠", differs("code", "codeSystem"), when=When.VALUED | When.TWIN),
    Rule("dtr1-19-CD", "translation ≠ translation", _distinct_translations, holding=elements("translation")),
    Rule(
        "dtr1-20-CD",
        "originalText/@language: RFC 3066",
        each("originalText", language),
        holding=elements("originalText"),
    ),
)
CE = (Rule("dtr1-1-CE", "qualifier: 0", childless("qualifier"), holding=elements("qualifier")),)
CR = (Rule("dtr1-1-CR", "@nullFlavor | name, value", lambda e: null(e) != bool(children(e))),)
# Timing events are the only CS with a system of their own.
_EVENTS = "2.16.840.1.113883.5.139"
CS = (
    Rule(
        "dtr1-1-CS",
        "@code | @nullFlavor",
        lambda e: (e.get("code") is None and e.get("typeCode") is None) == null(e),
    ),
    Rule("dtr1-2-CS", "¬@codeSystem", lambda e: e.get("codeSystem") in (None, _EVENTS), needs=words("codeSystem")),
    Rule(
        "dtr1-3-CS",
        "¬@codeSystemName",
        lambda e: e.get("codeSystemName") in (None, "TimingEvent"),
        needs=words("codeSystemName"),
    ),
    without("dtr1-4-CS/dtr1-5-CS", "codeSystemVersion", "displayName"),
    Rule(
        "dtr1-6-CS…dtr1-8-CS",
        "¬(originalText | qualifier | translation)",
        childless("originalText", "qualifier", "translation"),
        holding=elements("originalText qualifier translation"),
    ),
)
