"""Checks on the wording of a message: its shape and its encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lxml import etree

from conformance.checks.mail.common import unreadable
from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.mime import Leaf
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning

UTF8 = ("utf-8", "utf8")
# The other charsets that French messages use; a name out of a message is never handed to the codec registry.
LEGACY = ("iso-8859-1", "iso-8859-15", "windows-1252")
# How much of a wording is read, in bytes: a message to people is shorter.
MAX_TEXT = 1024 * 1024
_ENCODED_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?[bqBQ]\?")
_WORDS = re.compile(r"\w+")
# What a reader of HTML never sees.
_SILENT = ("head", "script", "style", "title")
_WORDED = ("Subject", "From", "To", "Cc", "Reply-To")
# Under this share of common words, two wordings are no longer the same message.
COMMON_WORDS = 0.5


@check("mail.text-body", source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.4 (MSS/va1.11)")
def the_wording_can_be_read_as_plain_text(message: MailMessage) -> Iterator[Finding]:
    """The body is plain text, or ``multipart/alternative`` with plain text first, then HTML of the same wording.

    Pass: a ``text/plain`` body that is not empty; an HTML body, if any, follows it as its alternative.
    Fail: no plain text, an empty one, HTML first, HTML that is not an alternative, or that says something else.
    """
    yield from unreadable(message)
    if message.fault is not None:
        return
    plain, html = message.text_part, message.html_part
    if plain is None:
        got = html.content_type if html is not None else "-"
        yield error("mail.text-body.missing", expected="text/plain", got=got, where=Where(header="Content-Type"))
        return
    if not plain.content.strip():
        yield error("mail.text-body.empty", expected="text/plain", got="0")
    if html is None:
        return
    if message.body.index(html) < message.body.index(plain):
        yield error("mail.text-body.order", expected="text/plain, text/html", got="text/html, text/plain")
    if not set(plain.choices) & set(html.choices):
        yield error("mail.text-body.apart", expected="multipart/alternative", got="multipart/mixed")
    yield from _wordings(words_of(text_in(plain)), words_of(html_text(text_in(html))))


@check("mail.charset", source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.3 (MSS/CONF.19)")
def every_message_is_in_utf8(message: MailMessage) -> Iterator[Finding]:
    """Every text of a message is in UTF-8, says so, and arrives intact.

    Pass: each text of the body declares ``charset=utf-8`` and decodes; the headers use UTF-8 where they leave ASCII;
    a wording that the scenario asked for is found in the body.
    Fail: no charset, another one, bytes that do not decode, a header in another charset, or an altered wording.
    """
    yield from unreadable(message)
    if message.fault is not None:
        return
    for part in message.body:
        yield from _charset_faults(part)
    for name in _WORDED:
        for nth, value in enumerate(message.raw_values(name)):
            yield from _header_faults(value, message.where(name, nth))
    wanted = next((str(e["text"]) for e in message.expectations if e.get("text") and not message.transmits), "")
    if wanted and message.text_part is not None and _spaced(wanted) not in _spaced(text_in(message.text_part)):
        yield error("mail.charset.altered", expected=wanted, got=_spaced(text_in(message.text_part))[:200])


def text_in(part: Leaf) -> str:
    """The beginning of the text of a part: UTF-8 where it decodes, else its declared charset, else with losses."""
    content = part.content[:MAX_TEXT]
    try:
        # Not final: the cut may fall within a character.
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return content.decode(part.charset if part.charset in LEGACY else "utf-8", "replace")


def html_text(html: str) -> str:
    """What an HTML text says, without its tags, styles and scripts."""
    # libxml2 and not html.parser, whose time grows with the square of some hostile texts (python/cpython 135462).
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return html
    if root is None:
        return ""
    etree.strip_elements(root, *_SILENT, with_tail=False)
    return " ".join(str(text) for text in root.itertext())


def words_of(text: str) -> list[str]:
    """The words of a text, compared without case."""
    return [word.casefold() for word in _WORDS.findall(text)]


def _wordings(plain: list[str], html: list[str]) -> Iterator[Finding]:
    if plain == html:
        return
    either = set(plain) | set(html)
    only = sorted(set(plain) ^ set(html))
    share = len(set(plain) & set(html)) / len(either) if either else 1.0
    tell = error if share < COMMON_WORDS else warning
    yield tell("mail.text-body.differs", expected="text/plain = text/html", got=", ".join(only[:12]) or "order")


def _charset_faults(part: Leaf) -> Iterator[Finding]:
    where = Where(part=part.content_type, header="Content-Type")
    if part.charset is None:
        yield error("mail.charset.undeclared", expected="utf-8", got="-", where=where)
    elif part.charset not in UTF8:
        yield error("mail.charset.other", expected="utf-8", got=part.charset, where=where)
    try:
        part.content.decode("utf-8")
    except UnicodeDecodeError as exc:
        place = Where(part=part.content_type, offset=exc.start)
        yield error("mail.charset.undecodable", expected="utf-8", got=f"0x{exc.object[exc.start]:02X}", where=place)


def _header_faults(value: str, where: Where) -> Iterator[Finding]:
    others = [c for c in _ENCODED_WORD.findall(value) if c.lower() not in UTF8]
    if others:
        yield error("mail.charset.header", expected="utf-8", got=", ".join(dict.fromkeys(others)), where=where)
    try:
        value.encode("ascii", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError as exc:
        yield error("mail.charset.header", expected="utf-8", got=f"0x{exc.object[exc.start]:02X}", where=where)
    except UnicodeEncodeError:
        return


def _spaced(text: str) -> str:
    return " ".join(text.split())
