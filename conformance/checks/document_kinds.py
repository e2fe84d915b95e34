"""What a content is, known by its first bytes and never by its name."""

from __future__ import annotations

import re

from conformance.checks.subjects.mtom import looks_like_parts
from conformance.checks.subjects.pdf import MAGIC
from conformance.checks.subjects.xdm import is_archive

KINDS = ("cda", "fhir", "xml", "xdm", "xds", "message", "pdf", "unknown")
# What may stand before a text, its byte order mark included.
BLANK = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"
_ROOT = b"ClinicalDocument"
_OPENED = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?ClinicalDocument[\s/>]")
# What every FHIR resource carries (R4, formats JSON and XML).
_FHIR_NAMESPACE = b"http://hl7.org/fhir"
_FHIR_MEMBER = b'"resourceType"'
# The request that feeds a repository, or the metadata of one alone (IHE ITI-41); a CDA never holds these elements.
_SUBMITTED = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(?:ProvideAndRegisterDocumentSet|SubmitObjects)Request[\s/>]")
_SUBMISSION = b"SubmitObjectsRequest"
_SUBMITTING = (b"DocumentSetRequest", _SUBMISSION)
_HEAD = 64 * 1024
# A message begins with a header field (RFC 5322, 2.2), which may be folded at its colon, or with the line of an mbox file.
_FIELD = re.compile(rb"[!-9;-~]{1,76}:[ \t\r\n]")
_KNOWN_FIELD = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-type|received|return-path|x-mss-[a-z]+):",
    re.IGNORECASE | re.MULTILINE,
)


def kind_of(content: bytes) -> str:
    """One of :data:`KINDS`, by the first bytes."""
    head = content[:_HEAD]
    text = head.lstrip(BLANK)
    if text.startswith(b"<"):
        return _kind_of_xml(head, content)
    known = {
        "fhir": text.startswith(b"{") and _FHIR_MEMBER in content,
        "xdm": is_archive("", content),
        "pdf": content.startswith(MAGIC),
        "xds": looks_like_parts(content),
        "message": content.startswith(b"From ") or (_FIELD.match(content) and _KNOWN_FIELD.search(head)),
    }
    return next((kind for kind, is_one in known.items() if is_one), "unknown")


def _kind_of_xml(head: bytes, content: bytes) -> str:
    # UTF-16 puts a zero between the letters.
    plain = head.replace(b"\x00", b"")
    # A request stands around its documents, never inside one; the words first: finding none costs a fraction of the search.
    opened = _OPENED.search(plain)
    around = plain[: opened.start()] if opened else plain
    if any(word in around for word in _SUBMITTING) and _SUBMITTED.search(around):
        return "xds"
    if _ROOT in plain:
        return "cda"
    if _FHIR_NAMESPACE in plain:
        return "fhir"
    # A signed message has a long header before its body.
    return "xds" if _SUBMISSION in content else "xml"
