"""What professionals do in the product: validate a document, which sends it, or write a message by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from email.message import Message

from conformance.core.texts import say
from conformance.population import Correspondent, Person

from . import writing
from .box import Box
from .composing import Envelope, Parcel, as_bytes, compose, message_id_of
from .correspondence import Correspondence
from .faults import Conflict, Fault
from .library import Library
from .mailboxes import Mailboxes
from .outbox import Outbox, Outgoing
from .people import People, is_address
from .printing import traits_for
from .receipts import asked_by, receipt
from .recipients import Recipients
from .settings import Settings
from .sins import Sins
from .traces import Traces

MAX_RECIPIENTS = 100
_MESSAGE_ID = re.compile(r"<?[^\s<>@]{1,200}@[^\s<>@]{1,200}>?")


class Office:
    """The acts of a professional."""

    def __init__(
        self,
        people: People,
        library: Library,
        mailboxes: Mailboxes,
        settings: Settings,
        outbox: Outbox,
        correspondence: Correspondence,
        traces: Traces,
        sins: Sins,
        validated: Callable[[str, str], None] = lambda _who, _document: None,
    ) -> None:
        """``validated`` is told who validated which document, once it is filed."""
        self._people = people
        self._library = library
        self._mailboxes = mailboxes
        self._settings = settings
        self._outbox = outbox
        self._correspondence = correspondence
        self._traces = traces
        self._sins = sins
        self._validated = validated
        self._recipients = Recipients(people, sins)

    def validate(
        self,
        who: str,
        *,
        person: str,
        mailbox: str,
        type_code: str,
        title: str,
        text: str,
        act_date: str,
        replaces: str | None = None,
        visibility: tuple[str, ...] = (),
        author: Correspondent | None = None,
        added: tuple[tuple[str, str], ...] = (),
    ) -> str:
        """Write, file and send a document of ``author`` (the user); answers its id. ``replaces`` is the latest version."""
        about, box = self._people.get(person), self._mailboxes.get(mailbox)
        previous = self._library.to_replace(replaces, person) if replaces else None
        professionals = self._recipients.professionals(about)
        citizen = self._recipients.citizen(about, box)
        spec = writing.first_version(
            about,
            author or self._settings.author(box),
            self._settings.structure,
            type_code,
            title,
            text,
            act_date,
            # The document names the professionals it is sent to (SC.DOC.04.MS1), not the person it is about.
            [] if self._sins.has("forgets-recipients-in-document") else professionals,
            self._settings.footer,
            traits_for(self._settings, box, self._sins),
            added,
        )
        if visibility and not self._sins.has("forgets-the-visibility"):
            spec = replace(spec, confidentiality=("N", *visibility))
        if previous is not None:
            spec = writing.next_version(previous, spec, self._sins)
        pdf, cda = writing.write(spec, self._sins)
        id = self._library.keep_produced(spec, pdf, cda, box.address, replaces)
        self._traces.add(who, "document.validate", id, f"{person} {type_code}", spec.unique_id)
        if professionals:
            self._send_document(who, box, tuple(c.address for c in professionals), id, citizen=False)
        if citizen:
            self._send_document(who, box, (citizen,), id, citizen=True)
        self._validated(who, id)
        return id

    def write(
        self,
        who: str,
        *,
        mailbox: str,
        to: Sequence[str],
        text: str,
        subject: str = "",
        person: str | None = None,
        document: str | None = None,
        read_receipt: bool = False,
        in_reply_to: str | None = None,
        no_reply: bool = False,
        documents: Sequence[str] = (),
    ) -> str:
        """Send a message by hand; answers its Message-ID, without angle brackets."""
        box = self._mailboxes.get(mailbox)
        if not 1 <= len(to) <= MAX_RECIPIENTS or not all(is_address(address) for address in to):
            raise Fault("refdui.fault.wrong-recipients", limit=MAX_RECIPIENTS)
        if len(text) > writing.MAX_TEXT or "\n" in subject or "\r" in subject:
            raise Fault("refdui.fault.wrong-text", limit=writing.MAX_TEXT)
        if in_reply_to and not _MESSAGE_ID.fullmatch(in_reply_to):
            raise Fault("refdui.fault.wrong-message-id")
        carried = tuple(dict.fromkeys((*((document,) if document else ()), *documents)))
        about = self._about(person, carried)
        if about and carried:
            self._recipients.refuse_opposed(about, to, box)
        citizen = all(address.endswith(f"@{box.patients_domain}") for address in to)
        if no_reply and not citizen:
            raise Fault("refdui.fault.end-for-citizens")
        thread = self._correspondence.thread_of(in_reply_to) if in_reply_to else ()
        envelope = self._envelope(box, tuple(to), citizen=citizen, read_receipt=read_receipt, thread=thread)
        parcel = self._parcel(*carried) if carried else None
        first = carried[0] if carried else None
        return self._queue(
            who, replace(envelope, no_reply=no_reply), subject, text, parcel, about.key if about else None, first
        )

    def acknowledge(self, who: str, mailbox: str, original: Message) -> str:
        """Return the read receipt that a received message asks for; answers its Message-ID, or nothing."""
        box, to = self._mailboxes.get(mailbox), asked_by(original)
        if not to or self._sins.has("never-returns-read-receipts"):
            return ""
        made = receipt(original, reader=box.address, reader_name=self._settings.sender_name(box), sins=self._sins)
        id, subject = message_id_of(made), str(made["Subject"])
        self._outbox.queue(Outgoing(box.address, (to,), id, "", subject, subject, as_bytes(made)))
        self._traces.add(who, "message.acknowledge", str(original.get("Message-ID", "")), to, id)
        return id

    def _send_document(self, who: str, box: Box, to: tuple[str, ...], id: str, *, citizen: bool) -> None:
        document = self._library.get(id)
        envelope = self._envelope(box, to, citizen=citizen)
        text = say("refdui.mail.document", "fr", title=document.title)
        if self._sins.has("writes-every-matricule-in-its-messages"):
            text += f" {self._people.get(document.person).matricule}"
        self._queue(who, envelope, "", text, self._parcel(id), document.person, id)

    def _queue(
        self,
        who: str,
        envelope: Envelope,
        subject: str,
        text: str,
        parcel: Parcel | None,
        person: str | None,
        document: str | None,
    ) -> str:
        message = compose(envelope, subject, text, parcel, self._sins)
        id = message_id_of(message)
        made = Outgoing(
            mailbox=envelope.sender,
            recipients=envelope.to,
            message_id=id,
            thread=" ".join((*envelope.references, envelope.in_reply_to)).strip(),
            subject=str(message["Subject"] or ""),
            text=text,
            raw=as_bytes(message),
            person=person,
            document=document,
        )
        self._outbox.queue(made)
        if not self._sins.has("traces-nothing-that-leaves"):
            self._traces.add(who, "message.queue", id, ", ".join(envelope.to), document or "")
        return id

    def _about(self, person: str | None, documents: Sequence[str]) -> Person | None:
        """Whom a message is about: one person, however many documents it carries (MSS/CONF.23)."""
        named = {self._library.get(id).person for id in documents} | ({person} if person else set())
        if len(named) > 1:
            raise Conflict("refdui.fault.several-persons")
        return self._people.get(named.pop()) if named else None

    def _parcel(self, *documents: str) -> Parcel:
        held = self._library
        return writing.pack([(held.spec_of(id), held.pdf_of(id), held.bytes_of(id)) for id in documents], self._sins)

    def _envelope(
        self,
        box: Box,
        to: tuple[str, ...],
        *,
        citizen: bool = False,
        read_receipt: bool = False,
        thread: tuple[str, ...] = (),
    ) -> Envelope:
        return Envelope(
            sender=box.address,
            sender_name=self._settings.sender_name(box),
            to=to,
            footer=self._settings.footer,
            reply_to=self._reply_to(box),
            citizen=citizen,
            read_receipt=read_receipt,
            in_reply_to=thread[-1] if thread else "",
            references=thread[:-1],
        )

    def _reply_to(self, box: Box) -> str:
        """For an application mailbox, a mailbox of the same domain that somebody reads (va1.09)."""
        if box.kind != "APP":
            return ""
        read = [m.address for m in self._mailboxes.all() if m.kind != "APP" and m.address.endswith(f"@{box.domain}")]
        return read[0] if read else ""
