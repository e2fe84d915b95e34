"""What the operations of the control API on documents and messages that leave do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .dmp import actions as dmp
from .members import Members

if TYPE_CHECKING:
    from .application import Dui

MAX_SECTIONS = 20

Answer = Mapping[str, Any]


def validate_document(dui: Dui, who: str, given: Members) -> Answer:
    """Write and validate a document; its messages are queued when this answers."""
    id = dui.office.validate(
        who,
        person=given.key("person"),
        mailbox=given.key("mailbox"),
        type_code=given.key("type_code"),
        title=given.maybe("title") or "",
        text=given.text("text"),
        act_date=given.key("act_date"),
        replaces=given.maybe("replaces"),
        visibility=dmp.visibility_of(given),
        author=dmp.author_of(dui, given),
        added=_added(given),
    )
    return {"document": id}


def _added(given: Members) -> tuple[tuple[str, str], ...]:
    """The sections beyond those of the volet that a document takes."""
    rows = given.listing("sections") if given.has("sections") else []
    return tuple((str(row["title"]), str(row["text"])) for row in rows[:MAX_SECTIONS] if {"title", "text"} <= set(row))


def send_message(dui: Dui, who: str, given: Members) -> Answer:
    """Queue a message written by hand."""
    id = dui.office.write(
        who,
        mailbox=given.key("mailbox"),
        to=[*given.texts("to"), *_chosen(dui, who, given)],
        text=given.text("text"),
        subject=given.maybe("subject") or "",
        person=given.maybe("person"),
        document=given.maybe("document"),
        read_receipt=given.flag("read_receipt", default=False),
        in_reply_to=given.maybe("in_reply_to"),
        no_reply=given.flag("no_reply", default=False),
        documents=given.texts("documents") if given.has("documents") else (),
    )
    return {"message_id": id}


def _chosen(dui: Dui, who: str, given: Members) -> list[str]:
    """The addresses of the recipients that were chosen in the national directory."""
    return [dui.directory.address_of(who, one) for one in (given.texts("found") if given.has("found") else ())]


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Answer]] = {
    action.__name__: action for action in (validate_document, send_message)
}
