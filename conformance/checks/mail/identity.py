"""Checks on how a message identifies itself and its sender."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.mail.common import unreadable
from conformance.checks.subjects.message import MailMessage, addresses_in
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning

MESSAGE_ID = "Message-ID"
# RFC 5322 §3.6.4: two dot-atoms, or a literal on the right, in angle brackets.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_FORM = re.compile(rf"<{_ATOM}@(?:{_ATOM}|\[[!-Z^-~]*\])>")
_IN_HEADERS = re.compile(rb"(?:\A|[\r\n])message-id:\s*(<[^>\r\n]{1,990}>)", re.IGNORECASE)
_BLANK = re.compile(rb"\r\n\r\n|\n\n|\r\r")

PERSON = "Titre_Prénom_NOM_Entité"
# Titles and civilities that professionals bear in France; another one is told, not refused.
TITLES = frozenset({"dr", "docteur", "pr", "professeur", "m", "mr", "mme", "mlle", "me", "mx"})


@check("mail.message-id", source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.1 (MSS/va1.12); RFC 5322 §3.6.4")
def every_message_has_its_own_identifier(message: MailMessage) -> Iterator[Finding]:
    """Every message carries one ``Message-ID`` of its own.

    Pass: the header is there once, has the form of RFC 5322, and no other message of the window bears it.
    Fail: missing, repeated, malformed, or shared with another message of different content.
    """
    yield from unreadable(message)
    # As written: what the standard library makes of a malformed identifier is no longer the product's.
    values = [" ".join(value.split()) for value in message.raw_values(MESSAGE_ID)]
    if not values and message.fault is None:
        yield error("mail.message-id.missing", expected="<…@…>", got="-", where=message.where(MESSAGE_ID))
    if len(values) > 1:
        got = ", ".join(values)
        yield error("mail.message-id.repeated", expected="1", got=got, where=message.where(MESSAGE_ID, 1))
    for value in values[:1]:
        if not _FORM.fullmatch(value):
            yield error("mail.message-id.malformed", expected="<…@…>", got=value, where=message.where(MESSAGE_ID))
        elif value.lower() in {_id_in(other) for other in message.others if other != message.raw}:
            yield error("mail.message-id.shared", expected="unique", got=value, where=message.where(MESSAGE_ID))


@check("mail.from-name", source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.7 (MSS/va1.16)")
def the_sender_is_named(message: MailMessage) -> Iterator[Finding]:
    """``From`` names its sender: ``Titre_Prénom_NOM_Entité`` for a PER box, ``Entité`` for an ORG or APP box.

    In the name of a person, title and entity are optional and the family name is in capitals. Where the kind of the
    box is unknown, only the presence of a name is judged.
    Pass: one sender with a display name of that form.
    Fail: no sender, several, no display name, the address as a name, or no first name followed by NOM for a PER box.
    """
    yield from unreadable(message)
    if message.fault is not None:
        return
    where = message.where("From")
    senders = addresses_in(message.headers("From"))
    if len(senders) != 1:
        yield error("mail.from-name.sender", expected="1", got=str(len(senders)), where=where)
        return
    name, address = senders[0]
    if not name or name.lower() == address.lower():
        yield error("mail.from-name.missing", expected=_expected(message), got=name or "-", where=where)
    elif message.box_kind == "PER":
        yield from _person_faults(name, message)


def _person_faults(name: str, message: MailMessage) -> Iterator[Finding]:
    where = message.where("From")
    fields = [field.strip() for field in name.split("_")]
    family = next((n for n, field in enumerate(fields[1:3], start=1) if field.isupper() and fields[n - 1]), None)
    if family is None:
        yield error("mail.from-name.person", expected=PERSON, got=name, where=where)
    elif family == 2 and fields[0].rstrip(".").casefold() not in TITLES:
        yield warning("mail.from-name.title", expected=PERSON, got=name, where=where, title=fields[0])


def _expected(message: MailMessage) -> str:
    return {"PER": PERSON, "ORG": "Entité", "APP": "Entité"}.get(message.box_kind or "", f"{PERSON} / Entité")


def _id_in(raw: bytes) -> str:
    blank = _BLANK.search(raw, 0, 1 << 20)
    found = _IN_HEADERS.search(raw, 0, blank.start() if blank else 1 << 20)
    return found.group(1).decode("ascii", "replace").lower() if found else ""
