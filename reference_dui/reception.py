"""Received mail: recognised, matched with a record, integrated or put in the work list; bytes kept as received."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from typing import Any

from .archive import NAME, Entry, contents_of
from .correspondence import Correspondence
from .faults import Fault
from .header import Header, header_of
from .imap import Fetched
from .inbox import DENIED, Inbox, Item
from .insi.identities import Identities
from .library import Library
from .mailboxes import Mailboxes
from .marks import Marks
from .people import People
from .receipts import report_in
from .settings import Settings
from .sins import Sins
from .traces import Traces
from .transport import Transport

MAX_PARTS = 100
MAX_SHOWN = 100_000
_IDS = re.compile(r"<([^<>\s]{1,400})>")


class Reception:
    """The reading half of the mail engine."""

    def __init__(
        self,
        mailboxes: Mailboxes,
        transport: Transport,
        correspondence: Correspondence,
        inbox: Inbox,
        library: Library,
        people: People,
        marks: Marks,
        settings: Settings,
        traces: Traces,
        sins: Sins,
        identities: Identities,
        received: Callable[[str, bytes], None] = lambda _mailbox, _document: None,
    ) -> None:
        """``received`` is told of each new document and the mailbox that it came to."""
        self._settings = settings
        self._mailboxes = mailboxes
        self._transport = transport
        self._correspondence = correspondence
        self._inbox = inbox
        self._library = library
        self._people = people
        self._marks = marks
        self._traces = traces
        self._sins = sins
        self._identities = identities
        self._received = received
        self._choked: set[str] = set()

    def fetch(self, who: str, address: str) -> int:
        """Fetch what a mailbox holds and is not known yet; answers how many messages came."""
        box = self._mailboxes.get(address)
        if box.address in self._choked:
            raise Fault("refdui.fault.choked", mailbox=box.address)
        try:
            fetched = self._transport.fetch(box, lambda uid: self._correspondence.knows(box.address, uid))
        except Fault as fault:
            self._traces.add(who, "mailbox.fetch", box.address, response=str(fault))
            raise
        for message in fetched:
            self._take(who, box.address, message)
        self._traces.add(who, "mailbox.fetch", box.address, response=str(len(fetched)))
        return len(fetched)

    def attach(self, who: str, id: str, person: str) -> str:
        """Attach a pending item to a record, on a person's decision; answers the document's id."""
        item, known = self._inbox.pending(id), self._people.get(person)
        if item.reason == DENIED and self._sins.has("takes-over-a-denied-identity"):
            self._people.save(person, {**known.as_json(), "birth_name": item.traits.birth_name})
        return self._integrate(who, item, person)

    def reject(self, who: str, id: str) -> None:
        """Refuse a pending item: it leaves the work list and stays traced."""
        item = self._inbox.pending(id)
        self._inbox.settle(item.id, "rejected")
        self._traces.add(who, "inbox.reject", item.id, item.unique_id, "rejected")

    def _take(self, who: str, mailbox: str, fetched: Fetched) -> None:
        message = email.message_from_bytes(fetched.content, policy=default)
        message_id = _first_id(message, "Message-ID")
        number = self._correspondence.keep_received(
            mailbox=mailbox,
            uid=fetched.uid,
            message_id=message_id,
            thread=tuple(_IDS.findall(_header(message, "References"))),
            sender=_header(message, "From"),
            recipients=tuple(address for _, address in getaddresses([_header(message, "To")])),
            subject=_header(message, "Subject"),
            text=_text(message),
            raw=fetched.content,
        )
        self._traces.add(who, "message.receive", message_id or fetched.uid, mailbox, f"{len(fetched.content)}")
        self._file_report(who, mailbox, message)
        for archive in _archives(message):
            try:
                contents = contents_of(archive)
            except Fault as fault:
                self._refuse(who, mailbox, number, message_id, fault)
                continue
            for entry in contents.entries:
                self._sort(who, mailbox, number, message_id, entry)
            for entry_id in contents.withdrawn:
                self._withdraw(who, message_id, entry_id, _header(message, "From"))

    def _refuse(self, who: str, mailbox: str, number: int, thing: str, fault: Fault) -> None:
        """Set a message aside: it stays in its folder with the reason, and nothing of it is filed."""
        self._correspondence.settle(number, "refused", str(fault))
        self._traces.add(who, "inbox.refuse", thing, response=str(fault))
        if self._sins.has("stops-fetching-after-a-hostile-message"):
            self._choked.add(mailbox)

    def _file_report(self, who: str, mailbox: str, message: EmailMessage) -> None:
        """A delivery failed, or a message of ours was read: the sent folder says so (MSS/UX.30, UX.35)."""
        report = report_in(message)
        if report and self._correspondence.report(mailbox, report.message_id, report.state, report.reason):
            self._traces.add(who, f"message.{report.state}", report.message_id, report.recipient, report.reason)

    def _withdraw(self, who: str, message_id: str, entry_id: str, sender: str) -> None:
        """Mark a document that its sender cancels; it stays in the record, shown as withdrawn (SC.MSS.23.MS1)."""
        unique_id = self._marks.withdraw(entry_id, sender)
        self._traces.add(
            who, "inbox.withdraw", unique_id or entry_id, message_id, "withdrawn" if unique_id else "unknown"
        )

    def _sort(self, who: str, mailbox: str, number: int, message_id: str, entry: Entry) -> None:
        """File one received document: once, and in a record only on a strict match."""
        try:
            header = header_of(entry.content)
        except Fault as fault:
            self._refuse(who, mailbox, number, f"{message_id} {entry.name}", fault)
            return
        self._marks.note(entry.entry_id, header.unique_id)
        sha256 = hashlib.sha256(entry.content).hexdigest()
        known = self._library.by_unique_id(header.unique_id)
        if self._inbox.holds(header.unique_id, sha256) or (known and known.sha256 == sha256):
            self._traces.add(who, "inbox.duplicate", header.unique_id, message_id, "already known")
            return
        reason = entry.doubt or ("refdui.doubt.other-content" if known else _disagreement(entry, header))
        denied = not reason and self._denied(who, header)
        person = self._alike(header) if denied and self._sins.has("files-a-denied-document") else None
        reason = DENIED if denied and person is None else reason
        person = person if reason or person else self._match(header)
        if not reason and person is None:
            reason = "refdui.doubt.no-match"
        if not self._settings.files_alone and not self._sins.has("files-alone-whatever-is-set") and not reason:
            reason, person = "refdui.doubt.not-alone", None
        id = self._inbox.add(number, message_id, mailbox, header, entry.content, reason)
        self._traces.add(who, "inbox.receive", id, f"{message_id} {header.unique_id}", reason or "match")
        if person is not None:
            self._integrate(who, self._inbox.get(id), person)
        self._received(mailbox, entry.content)

    def _denied(self, who: str, header: Header) -> bool:
        """Whether INSi denies the INS of a document that came from elsewhere (MSS/UX.03, INS/va1.11)."""
        received = header.traits.received(header.unique_id)
        return received is not None and self._identities.verify_received(who, received).isalpha()

    def _match(self, header: Header) -> str | None:
        if self._sins.has("leaves-matching-documents-waiting"):
            return None
        found = [person.key for person in self._people.all() if header.traits.is_of(person)]
        if self._sins.has("matches-by-matricule-only"):
            found = [p.key for p in self._people.all() if p.status == "qualifiee" and p.ins == header.traits.matricule]
        return found[0] if len(found) == 1 else None

    def _alike(self, header: Header) -> str | None:
        """Somebody of the same traits, whatever the INS: what must not file a document that INSi denies."""
        traits = header.traits
        named = (traits.first_name, traits.birth_date, traits.sex)
        found = [p.key for p in self._people.all() if (p.first_name, p.birth_date, p.sex) == named]
        return found[0] if len(found) == 1 else None

    def _integrate(self, who: str, item: Item, person: str) -> str:
        content = self._inbox.content(item.id)
        document = self._library.keep_received(person, header_of(content), content, item.mailbox)
        self._inbox.settle(item.id, "integrated", person=person, document=document)
        self._traces.add(who, "inbox.integrate", item.id, person, document)
        return document


def _disagreement(entry: Entry, header: Header) -> str:
    """Receivers identify the person by the metadata (MSS/CONF.24): they must say the same as the document."""
    same = (entry.matricule, entry.oid) == (header.traits.matricule, header.traits.oid)
    if not same or entry.unique_id != header.unique_id:
        return "refdui.doubt.metadata"
    return ""


def _archives(message: EmailMessage) -> Iterator[bytes]:
    for position, part in enumerate(message.walk()):
        if position >= MAX_PARTS:
            return
        name = part.get_filename() or ""
        if name.rpartition("/")[2].upper() == NAME and not part.is_multipart():
            content: Any = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content


def _text(message: EmailMessage) -> str:
    try:
        body = message.get_body(("plain",))
        return str(body.get_content())[:MAX_SHOWN] if body is not None else ""
    except (LookupError, ValueError, AttributeError):
        return ""


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))[:2000]
    except Exception:  # noqa: BLE001 - header parsers of the standard library fail on hostile values
        return ""


def _first_id(message: EmailMessage, name: str) -> str:
    found = _IDS.search(_header(message, name))
    return found.group(1) if found else ""
