"""The folders as a user sees them: who wrote, about what, and the receipt that a message asks for."""

from __future__ import annotations

import email
from email.policy import default
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from conformance.population import Person

from .correspondence import Message
from .faults import NotFound
from .receipts import asked_by

if TYPE_CHECKING:
    from .application import Dui

# The technical prefix of a transmission, which nobody reads (MSS/UX.28, ECO.3.1.3).
PREFIX = "XDM/1.0/DDM+"

Row = tuple[Message, bool, Person | None, str]


def received(dui: Dui) -> list[Row]:
    """The received messages: whether a citizen wrote (MSS/UX.25), who that is (UX.31), and the subject as shown."""
    domains = {dui.mailboxes.get(box.address).patients_domain for box in dui.mailboxes.all()}
    people = {person.ins: person for person in dui.people.all() if person.ins}
    found = []
    for message in dui.correspondence.folder("received"):
        local, _, domain = parseaddr(message.sender)[1].lower().partition("@")
        citizen = domain in domains and not dui.sins.has("takes-persons-for-professionals")
        known = next((p for ins, p in people.items() if local in (ins.lower(), ins[:13].lower())), None)
        shown = message.subject if dui.sins.has("shows-the-technical-prefix") else shown_subject(message.subject)
        found.append((message, citizen, known if citizen else None, shown))
    return found


def shown_subject(subject: str) -> str:
    """A subject without the technical prefix."""
    # A folded header may leave white space before it.
    return " ".join(subject.split()).removeprefix(PREFIX)


def receipt_asked(dui: Dui, message: Message) -> str:
    """The address that a received message asks a receipt for, until it was returned."""
    if message.direction != "received" or message.state == "read":
        return ""
    return asked_by(email.message_from_bytes(dui.correspondence.bytes_of(message.id), policy=default))


def open_received(dui: Dui, who: str, mailbox: str, message_id: str) -> bool:
    """Display a received message and return its read receipt, once; answers whether one left."""
    found = dui.correspondence.received_bytes(mailbox.lower(), message_id)
    message = dui.correspondence.get(found[0]) if found else None
    if found is None or message is None:
        raise NotFound("refdui.fault.no-message")
    dui.traces.add(who, "message.open", message.message_id, mailbox)
    if message.state == "read":
        return False
    original = email.message_from_bytes(found[1], policy=default)
    left = bool(dui.office.acknowledge(who, mailbox, original))
    if message.state == "received":
        dui.correspondence.settle(message.id, "read")
    return left


def listed(dui: Dui) -> list[dict[str, Any]]:
    """Both folders as their lists show them, for the control API."""
    rows: list[Row] = [*received(dui), *((m, False, None, m.subject) for m in dui.correspondence.folder("sent"))]
    return [
        {
            "message_id": message.message_id,
            "direction": message.direction,
            "mailbox": message.mailbox,
            "from": message.sender,
            "subject": subject,
            "with_archive": message.with_archive and not dui.sins.has("recognises-no-archive"),
            "state": message.state,
            "error": message.error,
            "citizen": citizen,
            "person": {
                "birth_name": person.birth_name,
                "first_name": person.first_name,
                "matricule": person.ins,
            }
            if person
            else None,
            "thread": list(message.thread),
        }
        for message, citizen, person, subject in rows
    ]
