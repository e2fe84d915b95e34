"""Rules of text, codes, identifiers and quantities: ANY, BIN, ED, ST, SC, CD and its kin, II, INT, URL, TEL."""

from __future__ import annotations

import re
from collections.abc import Mapping

from conformance.checks.cda.datatypes.rule import (
    LANGUAGE,
    XSI,
    Rule,
    When,
    bears,
    childless,
    children,
    comes_with,
    differs,
    each,
    elements,
    not_beside,
    null,
    text,
    valued,
    when_null,
    without,
    words,
)
from conformance.checks.cda.forms import OID_OR_UUID
from conformance.checks.subjects.xml import Element
from conformance.core.words import Level

# What stays beside a nullFlavor: the code system and the words of what has no code, the part of an identifier known.
_KEPT: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "OTH": (frozenset({"codeSystem"}), frozenset({"originalText", "translation"})),
    "NA": (frozenset({"codeSystem"}), frozenset({"originalText", "translation"})),
    "UNC": (frozenset({"extension"}), frozenset({"originalText"})),
}
# Characters that no URI bears (RFC 3986, 2; IRI escaping leaves the others as they are).
_NOT_URI = re.compile(r'[^!-~]|[<>"{}|\\^`]')
_UPPER_UUID = re.compile(r"[^a-f]*")


def _alone(element: Element) -> bool:
    flavor = element.get("nullFlavor")
    if flavor is None:
        return True
    attributes, elements = _KEPT.get(flavor, (frozenset(), frozenset()))
    others = {str(name) for name in element.attrib if not str(name).startswith(f"{{{XSI}}}")}
    names = {str(child.tag).rpartition("}")[2] for child in element.iterchildren("*")}
    return others <= {"nullFlavor", *attributes} and names <= elements and not text(element)


def language(element: Element) -> bool:
    language = element.get("language")
    return language is None or LANGUAGE.fullmatch(language) is not None


ANY = (Rule("dtr1-1-ANY", "@nullFlavor", _alone, when=When.NULL),)
BIN = (Rule("dtr1-1-BIN", "@nullFlavor | …", lambda e: null(e) or bool(text(e)) or bool(children(e))),)
ED = (
    comes_with("dtr1-2-ED", "integrityCheck", "integrityCheckAlgorithm"),
    Rule(
        "dtr1-3-ED",
        "thumbnail: @nullFlavor | reference",
        each("thumbnail", lambda t: not (null(t) and children(t))),
        holding=elements("thumbnail"),
    ),
    Rule(
        "dtr1-4-ED", "thumbnail/thumbnail: 0", each("thumbnail", childless("thumbnail")), holding=elements("thumbnail")
    ),
    Rule(
        "dtr1-5-ED",
        "@compression → reference | @representation='B64'",
        lambda e: e.get("compression") is None or e.get("representation") == "B64" or bool(children(e, "reference")),
        needs=words("compression"),
    ),
    Rule("dtr1-10-ED", "@nullFlavor → ¬@mediaType", when_null("mediaType", allowed="text/plain"), when=When.NULL),
    Rule(
        "dtr1-11-ED…dtr1-14-ED",
        "@nullFlavor → …",
        when_null("charset", "language", "compression", "integrityCheck"),
        when=When.NULL,
    ),
    Rule(
        "dtr1-15-ED",
        "@nullFlavor → ¬@integrityCheckAlgorithm",
        when_null("integrityCheckAlgorithm", allowed="SHA-1"),
        when=When.NULL,
    ),
    Rule(
        "dtr1-16-ED/dtr1-17-ED",
        "@nullFlavor → ¬(thumbnail | translation)",
        lambda e: not null(e) or not children(e, "thumbnail", "translation"),
        when=When.NULL,
    ),
    Rule("dtr1-18-ED", "@language: RFC 3066", language, needs=words("language")),
)
ST = (
    Rule(
        "dtr1-3-ST/dtr1-4-ST",
        "¬(reference | thumbnail)",
        childless("reference", "thumbnail"),
        holding=elements("reference thumbnail"),
    ),
    Rule(
        "dtr1-5-ST",
        "@representation='TXT'",
        lambda e: e.get("representation") in (None, "TXT"),
        needs=words("representation"),
    ),
    Rule(
        "dtr1-6-ST",
        "@mediaType='text/plain'",
        lambda e: e.get("mediaType") in (None, "text/plain"),
        needs=words("mediaType"),
    ),
    without("dtr1-7-ST/dtr1-8-ST", "compression", "integrityCheck"),
)
II = (
    bears("dtr1-1-II", "root", "nullFlavor"),
    Rule("dtr1-2-II", "@nullFlavor → ¬@root", when_null("root"), when=When.NULL),
    Rule(
        "dtr1-4-II…dtr1-7-II",
        "@nullFlavor → …",
        when_null("identifierName", "displayable", "reliability", "assigningAuthorityName"),
        when=When.NULL,
    ),
    Rule("dtr1-8-II", "@root ≤ 128", lambda e: len(e.get("root", "")) <= 128, Level.WARNING, needs=words("root")),
    Rule(
        "dtr1-9-II",
        "@extension ≤ 64",
        lambda e: len(e.get("extension", "")) <= 64,
        Level.WARNING,
        needs=words("extension"),
    ),
    Rule("dtr1-10-II", "@root: OID | UUID", lambda e: OID_OR_UUID.accepts(e.get("root", "")), needs=words("root")),
    Rule("dtr1-12-II", "≠", differs("root", "extension"), when=When.VALUED | When.TWIN),
    Rule(
        "dtr1-13-II",
        "@root: UUID [0-9A-F-]",
        lambda e: "-" not in e.get("root", "") or _UPPER_UUID.fullmatch(e.get("root", "")) is not None,
        Level.INFO,
        needs=words("root"),
    ),
)
QTY = (
    Rule("dtr1-3-QTY", "@nullFlavor ∉ …", not_beside, when=When.NULL | When.TWIN),
    Rule("dtr1-4-QTY", "≠", differs("value"), when=When.VALUED | When.TWIN),
)
INT = (
    *valued("dtr1-1-INT"),
    Rule("dtr1-2-INT", "uncertainty: 0", childless("uncertainty"), holding=elements("uncertainty")),
)
INT_POS = (
    Rule("dtr1-2-INT.POS", "@value > 0", lambda e: re.fullmatch(r"\+?0*[1-9]\d*", e.get("value", "1")) is not None),
)
URL = (
    bears("dtr1-1-URL", "value", "nullFlavor"),
    Rule("dtr1-2-URL", "@value: URI", lambda e: _NOT_URI.search(e.get("value", "")) is None, needs=words("value")),
    Rule("dtr1-4-URL", "@nullFlavor ∉ …", not_beside, when=When.NULL | When.TWIN),
    Rule("dtr1-5-URL", "≠", differs("use", "value"), when=When.VALUED | When.TWIN),
)
TEL = (
    Rule(
        "dtr1-1-TEL",
        "@nullFlavor → useablePeriod: 0",
        lambda e: not null(e) or not children(e, "useablePeriod"),
        when=When.NULL,
    ),
)
