"""The mailbox of a product: setting it up, sending, receiving, sorting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class ConfigureMailbox(Operation):
    """Set up a mailbox from its operator's autoconfiguration document, as an administrator would.

    ``kind`` is PER, ORG or APP. ``settings`` says where the bench is: ``autoconfig_url``, ``ca_pem`` (trust
    anchor of the bench), ``patients_domain`` (the domain of citizens' addresses), and for PER and ORG ``psc`` = ``{"issuer", "token_endpoint", "client_id",
    "client_secret", "refresh_token"}``; for APP ``client_certificate_pem`` and ``client_key_pem``.
    """

    name = "configure_mailbox"
    method = "PUT"
    path = "/mailboxes/{address}"

    address: str
    kind: Literal["PER", "ORG", "APP"]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendMessage(Operation):
    """Send a message by hand: plain text, or with validated documents of a person.

    ``document`` is one document, ``documents`` several of the same person, in one archive. ``in_reply_to`` is the
    Message-ID of the received message that is answered. ``no_reply`` says that no answer is wanted of the person
    (X-MSS-MES, MSS/CONF.21); it is left out, or false, otherwise. ``found`` are recipients chosen in the national directory while
    writing, by the national identifier that ``search_directory`` answered: their addresses are the directory's, not in ``to``.
    """

    name = "send_message"
    method = "POST"
    path = "/messages"

    mailbox: str
    to: tuple[str, ...]
    text: str
    subject: str = ""
    person: str | None = None
    document: str | None = None
    read_receipt: bool = False
    in_reply_to: str | None = None
    no_reply: bool = False
    documents: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchMail(Operation):
    """Fetch what the mailbox holds now."""

    name = "fetch_mail"
    method = "POST"
    path = "/mailboxes/{address}/fetch"

    address: str


@dataclass(frozen=True, slots=True)
class OpenMessage(Operation):
    """Display a received message; agree to return the read receipt if its sender asked for one (MSS/UX.34)."""

    name = "open_message"
    method = "POST"
    path = "/mailboxes/{address}/messages/{message_id}/open"

    address: str
    message_id: str


@dataclass(frozen=True, slots=True)
class ReadMessages(Operation):
    """The received and sent messages, as their lists show them.

    Answers ``{"messages": [{"message_id", "direction", "mailbox", "from", "subject", "state", "citizen", "person",
    "error", "with_archive"}]}``: ``subject`` as displayed, ``with_archive`` whether it is shown as carrying documents, ``citizen`` whether the sender is a person by Mon espace santé, ``person``
    the traits then displayed, ``state`` and ``error`` what is known of a delivery.
    """

    name = "read_messages"
    method = "GET"
    path = "/messages"
    reads = True


@dataclass(frozen=True, slots=True)
class ReadInbox(Operation):
    """The work list of received documents, as the user sees it.

    Answers ``{"items": [{"id", "message_id", "state", "person", "title", "author", "created", "type_code", …}]}``
    with ``state`` one of ``pending``, ``integrated``, ``rejected``; a document that its sender withdrew says
    ``withdrawn``, one that nobody opened yet ``unread``, one whose identity INSi denied ``ins_denied``.
    """

    name = "read_inbox"
    method = "GET"
    path = "/inbox"
    reads = True


@dataclass(frozen=True, slots=True)
class AttachDocument(Operation):
    """Attach a received document to a person's record."""

    name = "attach_document"
    method = "POST"
    path = "/inbox/{item}/attach"

    item: str
    person: str


@dataclass(frozen=True, slots=True)
class RejectDocument(Operation):
    """Refuse a received document: it leaves the work list and joins no record."""

    name = "reject_document"
    method = "POST"
    path = "/inbox/{item}/reject"

    item: str


@dataclass(frozen=True, slots=True)
class SetAutomaticFiling(Operation):
    """Switch on or off the filing of itself of received documents whose INS matches (MSS/UX.07); on at first."""

    name = "set_automatic_filing"
    method = "PUT"
    path = "/settings/automatic-filing"

    enabled: bool


@dataclass(frozen=True, slots=True)
class ReadReceptionCounts(Operation):
    """How many documents were received since a day (ISO 8601), by type (MSS/UX.16).

    Answers ``{"counts": [{"type_code", "automatic", "manual", "waiting"}]}``: filed of themselves, filed by hand, and not
    filed yet.
    """

    name = "read_reception_counts"
    method = "GET"
    path = "/inbox/counts/{since}"
    reads = True

    since: str


@dataclass(frozen=True, slots=True)
class ReadUnread(Operation):
    """The documents filed of themselves since a day (ISO 8601) that nobody opened yet (MSS/UX.40).

    Answers ``{"items": [{"unique_id", …}]}``.
    """

    name = "read_unread"
    method = "GET"
    path = "/inbox/unread/{since}"
    reads = True

    since: str


@dataclass(frozen=True, slots=True)
class FollowResults(Operation):
    """Have the owner of a mailbox told, at an ordinary mail address, when a laboratory report holds an abnormal result.

    That channel is not secure (MSS/UX.20). An empty ``contact`` ends it.
    """

    name = "follow_results"
    method = "PUT"
    path = "/mailboxes/{address}/results-alert"

    address: str
    contact: str
