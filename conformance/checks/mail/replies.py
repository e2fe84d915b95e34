"""Checks on the place of a message in its thread."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.mail.common import unreadable
from conformance.checks.subjects.message_expected import ReplyMessage
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning

_ID = re.compile(r"<([^<>\s]{1,990})>")


@check(
    "mail.reply-thread",
    source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.2 (MSS/va1.08); RFC 5322 §3.6.4",
    alone=False,
)
def a_reply_names_what_it_answers(reply: ReplyMessage) -> Iterator[Finding]:
    """A reply names the message that it answers, and continues its thread.

    Pass: ``In-Reply-To`` holds the identifier of the received message, and ``References`` ends with it.
    Fail: either header is missing, or names another message. Identifiers of the thread that ``References`` leaves out
    before the last are a warning.
    """
    message = reply.message
    yield from unreadable(message)
    if message.fault is not None:
        return
    original = reply.original.lower()
    for name, code in (
        ("In-Reply-To", "mail.reply-thread.in-reply-to"),
        ("References", "mail.reply-thread.references"),
    ):
        said = [id.lower() for value in message.raw_values(name) for id in _ID.findall(value)]
        if not said or said[-1] != original:
            got = " ".join(f"<{id}>" for id in said) or "-"
            yield error(code, expected=f"<{reply.original}>", got=got, where=message.where(name))
        elif name == "References" and (left := [id for id in reply.references if id.lower() not in said]):
            expected = " ".join(f"<{id}>" for id in left)
            yield warning("mail.reply-thread.shortened", expected=expected, got="-", where=message.where(name))
