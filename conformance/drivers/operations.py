"""What the harness may ask of a product, in data: the control API, the guided driver and the evidence share it.

Each operation is an HTTP call of the control API (``docs/control-api.md``, OpenAPI by ``conformance openapi``).
A product implements the operations it can; an operation it does not offer answers 404 or 501, and the scenarios
that need it are told to a person (guided driver) or end ``blocked``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal
from urllib.parse import quote

Channel = Literal["mss-pro", "mss-citizen", "dmp"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a product is asked to do. ``path`` names members in braces; the other members are the body."""

    name: ClassVar[str]
    method: ClassVar[str]
    path: ClassVar[str]
    reads: ClassVar[bool] = False

    def url_path(self) -> str:
        """The path with its members filled and quoted."""
        return self.path.format(**{f.name: quote(str(getattr(self, f.name)), safe="@") for f in fields(self)})

    def body(self) -> dict[str, Any] | None:
        """The JSON body: every member that the path does not carry; ``None`` for a GET."""
        if self.method == "GET":
            return None
        return {name: value for name, value in asdict(self).items() if "{" + name + "}" not in self.path}

    def as_json(self) -> dict[str, Any]:
        """All members, for the evidence."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReadIdle(Operation):
    """Is the product idle: nothing queued, nothing in progress? Answers ``{"idle": true}``."""

    name = "idle"
    method = "GET"
    path = "/idle"
    reads = True


@dataclass(frozen=True, slots=True)
class ReadAbout(Operation):
    """Who is the product? Answers ``{"name", "version", "reference", "operations": […]}``."""

    name = "about"
    method = "GET"
    path = "/about"
    reads = True


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
class CreatePerson(Operation):
    """Create a record for a person; ``identity`` is :meth:`conformance.population.Person.as_json`."""

    name = "create_person"
    method = "PUT"
    path = "/persons/{person}"

    person: str
    identity: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AddCorrespondent(Operation):
    """Add a correspondent to a person's record."""

    name = "add_correspondent"
    method = "PUT"
    path = "/persons/{person}/correspondents/{address}"

    person: str
    address: str
    correspondent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordOpposition(Operation):
    """Record (or lift) a person's opposition to a channel."""

    name = "record_opposition"
    method = "PUT"
    path = "/persons/{person}/oppositions/{channel}"

    person: str
    channel: Channel
    opposed: bool


@dataclass(frozen=True, slots=True)
class ValidateDocument(Operation):
    """Write and validate a document; validating sends it to the correspondents and, where due, to the person.

    ``type_code`` is a JDV_J07 code (LOINC), ``act_date`` ISO 8601 with offset, ``replaces`` the id of the version
    it cancels. Answers ``{"document": "<id>"}``.
    """

    name = "validate_document"
    method = "POST"
    path = "/persons/{person}/documents"

    person: str
    mailbox: str
    type_code: str
    title: str
    text: str
    act_date: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class SendMessage(Operation):
    """Send a message by hand: plain text, or with validated documents of a person.

    ``document`` is one document, ``documents`` several of the same person, in one archive. ``in_reply_to`` is the
    Message-ID of the received message that is answered. ``no_reply`` says that no answer is wanted of the person
    (X-MSS-MES, MSS/CONF.21); it is left out, or false, otherwise.
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
    "error"}]}``: ``subject`` as displayed, ``citizen`` whether the sender is a person by Mon espace santé, ``person``
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
    ``withdrawn``, one that nobody opened yet ``unread``.
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
class ReadRecord(Operation):
    """The documents of a person's record. Answers ``{"documents": [{"id", "unique_id", "title", "origin", "sha256"}]}``."""

    name = "read_record"
    method = "GET"
    path = "/persons/{person}/documents"
    reads = True

    person: str


@dataclass(frozen=True, slots=True)
class ReadDocument(Operation):
    """The stored bytes of a document, as received or produced."""

    name = "read_document"
    method = "GET"
    path = "/documents/{document}/content"
    reads = True

    document: str


@dataclass(frozen=True, slots=True)
class ReadTraces(Operation):
    """The product's own traces. Answers ``{"traces": [{"at", "who", "action", "object", "request", "response"}]}``."""

    name = "read_traces"
    method = "GET"
    path = "/traces"
    reads = True


OPERATIONS: tuple[type[Operation], ...] = (
    ReadAbout,
    ReadIdle,
    ConfigureMailbox,
    SendMessage,
    CreatePerson,
    AddCorrespondent,
    RecordOpposition,
    ValidateDocument,
    FetchMail,
    OpenMessage,
    ReadMessages,
    ReadInbox,
    AttachDocument,
    RejectDocument,
    ReadRecord,
    ReadDocument,
    ReadTraces,
)
