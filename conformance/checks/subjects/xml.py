"""XML read under guard: no DOCTYPE, no entity, no network, and a bound on everything that can grow.

A DOCTYPE is refused before libxml2 sees the document. The official CDA chain resolves external entities
(measured on published mutants), so a document that declares any is refused here rather than half understood.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name

# Encodings that French health documents use and that Python and libxml2 both decode, byte for byte alike.
ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
_SIGNATURES = (
    # Longest first: the UTF-32 mark begins like the UTF-16 one (XML 1.0 fifth edition, appendix F).
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (b"\x00\x00\x00<", "utf-32"),
    (b"<\x00\x00\x00", "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(r"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["'][^>]*\?>""")
# What may stand before the root element: white space, comments, processing instructions (XML 1.0, production 22).
_PROLOG = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_BLANK = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"
# Faults of namespaces that libxml2 tells and passes over (Namespaces in XML 1.0, sections 3, 5 and 6.3).
_UNBOUND = frozenset(
    {"NS_ERR_UNDEFINED_NAMESPACE", "NS_ERR_ATTRIBUTE_REDEFINED", "NS_ERR_XML_NAMESPACE", "NS_ERR_QNAME", "NS_ERR_COLON"}
)
_WIDE = ("latin-1", "iso8859-15", "cp1252")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a document may weigh: bytes, and marks (``<`` and ``=``, so elements and attributes).

    Nesting (256) and one text (10 MB) are bounded by libxml2 itself, as long as ``huge_tree`` is off.
    """

    size: int = 20 * 1024 * 1024
    marks: int = 2_000_000


@dataclass(frozen=True, slots=True)
class XmlFault:
    """Why a document was not read: a catalogue code, its place (line and column from 1), its values."""

    code: str
    line: int | None = None
    column: int | None = None
    expected: str | None = None
    got: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A root element, or the fault that stands in its place; ``mojibake`` when UTF-8 was declared as something else."""

    root: Element | None
    fault: XmlFault | None = None
    encoding: str = "utf-8"
    mojibake: bool = False


def parse_xml(content: bytes, bounds: Bounds | None = None) -> Parsed:
    """Read one document; never raises, whatever the bytes."""
    codec, fault = _before_decoding(content, bounds or Bounds())
    if fault:
        return Parsed(None, fault, codec)
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as exc:
        return Parsed(None, _undecodable(content, codec, exc), codec)
    if line := _doctype_line(text):
        return Parsed(None, XmlFault("document.doctype", line=line, got="<!DOCTYPE"), codec)
    return _parsed(content, codec)


def line_of(element: Element) -> int | None:
    """The line of an element, from 1 (the published stubs of lxml mistype it)."""
    return cast("int | None", element.sourceline)


def _before_decoding(content: bytes, bounds: Bounds) -> tuple[str, XmlFault | None]:
    # The head first: stripping copies.
    if not content[:64].strip(_BLANK) and not content.strip(_BLANK):
        return "", XmlFault("document.empty")
    if len(content) > bounds.size:
        return "", _too_much("size", bounds.size, len(content))
    # Counted in bytes, which is quicker than in text: every encoding read here writes both marks as these bytes.
    marks = content.count(b"<") + content.count(b"=") if len(content) > bounds.marks else 0
    if marks > bounds.marks:
        return "", _too_much("marks", bounds.marks, marks)
    return _codec_of(content)


def _parsed(content: bytes, codec: str) -> Parsed:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=False,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as exc:
        return Parsed(None, _malformed(exc), codec)
    except (ValueError, LookupError, etree.LxmlError) as exc:
        return Parsed(None, XmlFault("document.not-xml", got=str(exc)[:200]), codec)
    if fault := _unbound(parser):
        return Parsed(None, fault, codec)
    if root.getroottree().docinfo.internalDTD is not None:
        return Parsed(None, XmlFault("document.doctype", got="<!DOCTYPE"), codec)
    return Parsed(root, None, codec, codec in _WIDE and _is_utf8_beyond_ascii(content))


def _unbound(parser: etree.XMLParser) -> XmlFault | None:
    """A prefix that no declaration binds, or binds wrongly: libxml2 goes on with a name that is none."""
    for entry in parser.error_log:
        if entry.type_name in _UNBOUND:
            reason = entry.message[:200]
            return XmlFault("document.not-well-formed", entry.line, entry.column, got=reason, values={"reason": reason})
    return None


def _codec_of(content: bytes) -> tuple[str, XmlFault | None]:
    signed = next((codec for mark, codec in _SIGNATURES if content.startswith(mark)), None)
    if signed == "utf-32":
        return signed, XmlFault("document.encoding", line=1, expected=", ".join(ENCODINGS), got="utf-32")
    if signed:
        return signed, _unknown_beside_mark(content, signed)
    declared = _DECLARED.match(content[:400].decode("latin-1").lstrip())
    if declared is None:
        return "utf-8", None
    name = declared.group(1).lower()
    if name not in ENCODINGS or name.startswith("utf-16"):
        # UTF-16 without its byte order mark and without its pattern is not UTF-16.
        return name, XmlFault("document.encoding", line=1, expected=", ".join(ENCODINGS), got=declared.group(1))
    return ENCODINGS[name], None


def _unknown_beside_mark(content: bytes, codec: str) -> XmlFault | None:
    """A byte order mark does not excuse the declaration of an encoding that does not exist: libxml2 would ignore it."""
    declared = _DECLARED.match(content[:800].decode(codec, "ignore").lstrip("\ufeff \t\r\n"))
    if declared is None or declared.group(1).lower() in ENCODINGS:
        return None
    return XmlFault("document.encoding", line=1, expected=", ".join(ENCODINGS), got=declared.group(1))


def _doctype_line(text: str) -> int | None:
    position = 1 if text.startswith("\ufeff") else 0
    while match := _PROLOG.match(text, position):
        position = match.end()
    if text[position : position + 9].upper() != "<!DOCTYPE":
        return None
    return text.count("\n", 0, position) + 1


def _undecodable(content: bytes, codec: str, exc: UnicodeDecodeError) -> XmlFault:
    before = content[: exc.start]
    line = before.count(b"\n") + 1
    column = exc.start - (before.rfind(b"\n") + 1) + 1
    got = f"0x{content[exc.start : exc.start + 1].hex().upper()}"
    return XmlFault("document.undecodable", line=line, column=column, expected=codec, got=got)


def _malformed(exc: etree.XMLSyntaxError) -> XmlFault:
    line, column = exc.position
    reason = (exc.msg or "").split(", line ")[0]
    if "XML_PARSE_HUGE" in reason:
        expected = "depth ≤ 256" if "depth" in reason else "text ≤ 10 MB"
        return XmlFault("document.too-much", line=line, column=column, expected=expected, got=reason.split(",")[0])
    return XmlFault("document.not-well-formed", line=line, column=column, got=reason, values={"reason": reason})


def _too_much(what: str, limit: int, got: int) -> XmlFault:
    return XmlFault("document.too-much", expected=f"{what} ≤ {limit}", got=str(got))


def _is_utf8_beyond_ascii(content: bytes) -> bool:
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
