"""What the checks on messages share: faults that leave nothing to judge, and how names are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from conformance.checks.parameters import parameter
from conformance.checks.subjects.message import MailMessage
from conformance.core.check import Context
from conformance.core.finding import Finding, error

# Référentiel socle MSSanté #2 v1.0, ECO.2.1.3 and ECO.2.1.6: labels are cut at forty characters.
LABEL_LENGTH = 40
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "\u2019": "'"})


def unreadable(message: MailMessage) -> Iterator[Finding]:
    """The finding on a message whose bytes were not read; a check then has nothing else to say."""
    if message.fault is not None:
        limit = "-" if message.fault.limit is None else str(message.fault.limit)
        yield error("mail.unreadable", expected=limit, got=message.fault.got, what=message.fault.what)


def without_document(message: MailMessage) -> Iterator[Finding]:
    """The finding on a message that should carry a document and carries none that can be read."""
    yield from unreadable(message)
    if message.fault is None and message.transmits and not message.documents:
        yield error("mail.no-document", expected="IHE_XDM.ZIP / CDA", got=_carried(message))


def unaccented(text: str) -> str:
    """A text without diacritics, ligatures opened, apostrophes straight."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def folded(text: str) -> str:
    """A text as it is compared loosely: no accents, no case, white space folded."""
    return " ".join(unaccented(text).casefold().split())


def label_length(context: Context) -> int:
    """Where the label of a document type is cut (``subject.label_length``), in characters."""
    return int(parameter(context, "subject.label_length", LABEL_LENGTH))


def _carried(message: MailMessage) -> str:
    return ", ".join(a.name or a.content_type for a in message.attachments) or "-"
