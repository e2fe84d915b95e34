"""SMTP and IMAP sessions as the operator saw them: commands in order, authentication, and which mailbox they opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from conformance.checks.subjects.tls import TlsHandshake
from conformance.checks.subjects.window import IMAP, SMTP, Expectation, address_of, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# The records that tell the outcome of a command, under the verb of that command.
_OUTCOMES = {"smtp.auth": "AUTH", "smtp.message": "DATA", "imap.auth": "AUTHENTICATE"}


@dataclass(frozen=True)
class MailSession:
    """One connection to the operator that did more than greet: its records in order."""

    records: tuple[Record, ...]
    evidence: tuple[str, ...]

    service: ClassVar[str]
    prefix: ClassVar[str]
    protocol: ClassVar[str]
    # What must wait for TLS: credentials, and whatever touches a mailbox or a message.
    protected: ClassVar[frozenset[str]]

    @property
    def commands(self) -> tuple[Record, ...]:
        """The commands of the product."""
        return tuple(r for r in self.records if r.kind == f"{self.prefix}.command")

    @property
    def begun(self) -> bool:
        """Whether the beginning of the connection was seen: a session may have begun in an earlier window."""
        return any(r.kind == f"{self.prefix}.connection" for r in self.records)

    @property
    def upgraded(self) -> bool:
        """Whether the product asked for STARTTLS."""
        return any(_verb(r) == "STARTTLS" for r in self.commands)

    @property
    def exposed(self) -> dict[str, Record]:
        """What went in clear and must not: the first record of each verb."""
        found: dict[str, Record] = {}
        for record in self.records:
            if self._guarded(record) and not record.data.get("tls"):
                found.setdefault(_verb(record), record)
        return found

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every session in which the product authenticated or tried a protected command.

        A session that only greets, or whose TLS never came about, says nothing of how the product works.
        """
        for records in observation.sessions(cls.service).values():
            session = cls(tuple(records), tuple(r.id for r in records))
            if any(session._guarded(r) for r in records):
                yield session

    def _guarded(self, record: Record) -> bool:
        return _verb(record) in self.protected


class SmtpSession(MailSession):
    """An SMTP submission session (RFC 5321, RFC 3207)."""

    service = SMTP
    prefix = "smtp"
    protocol = "SMTP"
    protected = frozenset({"AUTH", "MAIL", "RCPT", "DATA", "BDAT"})


class ImapSession(MailSession):
    """An IMAP session (RFC 3501 or RFC 9051, with STARTTLS)."""

    service = IMAP
    prefix = "imap"
    protocol = "IMAP"
    protected = frozenset(
        {"AUTHENTICATE", "LOGIN", "SELECT", "EXAMINE", "LIST", "STATUS", "APPEND", "FETCH", "UID", "IDLE"}
    )


@dataclass(frozen=True)
class Login:
    """One authentication and the TLS session under it."""

    record: Record
    handshake: TlsHandshake | None

    @property
    def user(self) -> str:
        """The address that the product gave as login."""
        return address_of(self.record.data.get("user"))

    @property
    def mechanism(self) -> str:
        """The SASL mechanism, in capitals."""
        return str(self.record.data.get("mechanism") or "").upper()

    @property
    def accepted(self) -> bool:
        """Whether the operator opened the box."""
        return self.record.data.get("outcome") == "ok"

    @property
    def token_id(self) -> str:
        """The ``jti`` of the token that the product showed; empty when it is none of the bench."""
        return str(self.record.data.get("token_id") or "")


@dataclass(frozen=True)
class MailboxLogins:
    """One mailbox that the scenario set up, and the authentications of one protocol that concern it.

    ``logins`` gave its address; ``strangers`` gave an address that is none of the scenario's mailboxes. ``tokens`` are
    the ids of the access tokens that Pro Santé Connect issued in the window.
    """

    expectation: Expectation
    logins: tuple[Login, ...]
    strangers: tuple[Login, ...]
    tokens: frozenset[str]
    evidence: tuple[str, ...]

    service: ClassVar[str]
    prefix: ClassVar[str]
    protocol: ClassVar[str]
    kinds: ClassVar[frozenset[str]]

    @property
    def address(self) -> str:
        """The mailbox."""
        return address_of(self.expectation.get("address"))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every mailbox of these kinds that was logged in to, and in a settled window those that were not."""
        boxes = list(observation.expected("mailbox"))
        named = {address_of(box.get("address")) for box in boxes}
        logins = list(_logins(observation, cls.service, cls.prefix))
        strangers = tuple(login for login in logins if login.user not in named)
        issued = [r for r in observation.of_kind("psc.token") if r.data.get("outcome") == "ok"]
        tokens = frozenset(str(r.data.get("token_id")) for r in issued if r.data.get("token_id"))
        for box in boxes:
            mine = tuple(login for login in logins if login.user == address_of(box.get("address")))
            if box.get("kind") in cls.kinds and (mine or strangers or settled(observation)):
                used = {login.token_id for login in mine}
                cited = [
                    *observation.frame_evidence,
                    box["evidence"],
                    *_cited((*mine, *strangers)),
                    *(r.id for r in issued if str(r.data.get("token_id")) in used),
                ]
                yield cls(box, mine, strangers, tokens, tuple(dict.fromkeys(cited)))


class _OfPeople:
    # A personal or an organisational box is opened by Pro Santé Connect (wire.md §1.3; ECO.1.2.1).
    kinds = frozenset({"PER", "ORG"})


class _OfApplications:
    # An application box is opened by the certificate of the organisation (wire.md §1.3; MSS/CONF.12).
    kinds = frozenset({"APP"})


class SmtpBox(_OfPeople, MailboxLogins):
    """A PER or ORG mailbox, by SMTP."""

    service, prefix, protocol = SMTP, "smtp", "SMTP"


class ImapBox(_OfPeople, MailboxLogins):
    """A PER or ORG mailbox, by IMAP."""

    service, prefix, protocol = IMAP, "imap", "IMAP"


class SmtpAppBox(_OfApplications, MailboxLogins):
    """An APP mailbox, by SMTP."""

    service, prefix, protocol = SMTP, "smtp", "SMTP"


class ImapAppBox(_OfApplications, MailboxLogins):
    """An APP mailbox, by IMAP."""

    service, prefix, protocol = IMAP, "imap", "IMAP"


def _verb(record: Record) -> str:
    return _OUTCOMES.get(record.kind) or str(record.data.get("verb") or "").upper()


def _logins(observation: Observation, service: str, prefix: str) -> Iterator[Login]:
    for records in observation.sessions(service).values():
        handshake: TlsHandshake | None = None
        for record in records:
            if record.kind == "tls.handshake" and record.data.get("outcome") == "ok":
                handshake = TlsHandshake.read(record)
            elif record.kind == f"{prefix}.auth":
                yield Login(record, handshake)


def _cited(logins: Sequence[Login]) -> Iterator[str]:
    for login in logins:
        yield login.record.id
        if login.handshake is not None:
            yield from login.handshake.evidence


@dataclass(frozen=True)
class Delivery:
    """A message that the bench put in a box, and the times that the product fetched it."""

    mailbox: str
    message_id: str
    fetches: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Delivery]:
        """Every delivered message that was fetched, and in a settled window those that were not."""
        fetched = observation.of_kind("imap.fetch")
        for record in observation.of_kind("mail.delivered"):
            message_id = message_id_of(record)
            fetches = tuple(r for r in fetched if message_id and message_id_of(r) == message_id)
            if fetches or settled(observation):
                cited = (*observation.frame_evidence, record.id, *(r.id for r in fetches))
                yield cls(address_of(record.data.get("mailbox")), message_id, fetches, cited)


@dataclass(frozen=True)
class TokenShown:
    """One AUTHENTICATE XOAUTH2 under TLS; ``at_once`` is true when the token came with the command (RFC 4959)."""

    at_once: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TokenShown]:
        """Every such command; what went in clear is judged elsewhere."""
        for record in observation.of_kind("imap.command"):
            mechanism, _, rest = str(record.data.get("argument") or "").partition(" ")
            if _verb(record) == "AUTHENTICATE" and mechanism.upper() == "XOAUTH2" and record.data.get("tls"):
                yield cls(bool(rest.strip()), (*observation.frame_evidence, record.id))


def message_id_of(record: Record) -> str:
    """The Message-ID of a record as it is compared: without angle brackets, lower case as marks are."""
    return address_of(record.data.get("message_id"))
