"""A mail message that the product sent: envelope, headers, body, attachments, and what the scenario expected of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from functools import cached_property

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.mime import Leaf, Mime, MimeFault, parse
from conformance.checks.subjects.window import (
    Expectation,
    address_of,
    answers,
    domain_of,
    recipients_of,
    sent,
)
from conformance.checks.subjects.xdm import XdmArchive
from conformance.core.finding import Where
from conformance.evidence.observation import Observation

ARCHIVE = "IHE_XDM.ZIP"
_LINES = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class MailMessage:
    """One message. ``fault`` says why its bytes were not read; every other member then answers empty.

    ``expectations`` are those that it answers; ``boxes`` the kind of each mailbox that the scenario set up;
    ``citizens`` the mail domains of the citizens in the scenario; ``others`` the other messages of the window.
    """

    raw: bytes
    evidence: tuple[str, ...] = ()
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    boxes: tuple[tuple[str, str], ...] = ()
    citizens: frozenset[str] = frozenset()
    others: tuple[bytes, ...] = ()

    @classmethod
    def from_bytes(cls, raw: bytes) -> MailMessage:
        """A message judged alone; never raises."""
        return cls(raw)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[MailMessage]:
        """Every message that the product submitted."""
        records = sent(observation)
        answering = answers(observation)
        contents = {record.id: observation.blob(record, "message") for record in records}
        boxes = tuple((address_of(b.get("address")), str(b.get("kind"))) for b in observation.expected("mailbox"))
        citizens = frozenset(_citizen_domains(observation))
        for record in records:
            expectations = answering[record.id]
            yield cls(
                raw=contents[record.id],
                evidence=(record.id, *(str(e["evidence"]) for e in expectations)),
                mail_from=address_of(record.data.get("mail_from")),
                rcpt_to=recipients_of(record),
                expectations=expectations,
                boxes=boxes,
                citizens=citizens,
                others=tuple(content for id, content in contents.items() if id != record.id),
            )

    @cached_property
    def _parsed(self) -> Mime | MimeFault:
        return parse(self.raw)

    @property
    def fault(self) -> MimeFault | None:
        """Why the message was not read, or ``None``."""
        return self._parsed if isinstance(self._parsed, MimeFault) else None

    @property
    def mime(self) -> Mime:
        """What was read of the message; nothing at all beside a fault."""
        return self._parsed if isinstance(self._parsed, Mime) else Mime((), ())

    @property
    def expectation(self) -> Expectation | None:
        """The expectation ``message`` that this message answers."""
        return self.expectations[0] if self.expectations else None

    @property
    def raw_headers(self) -> tuple[tuple[str, str], ...]:
        """Name and value of every header, as written, folded lines and all."""
        return tuple((header.name, header.raw) for header in self.mime.headers)

    def raw_values(self, name: str) -> list[str]:
        """The values of a header as written."""
        return [header.raw for header in self.mime.headers if header.name.lower() == name.lower()]

    def headers(self, name: str) -> list[str]:
        """The values of a header, unfolded and decoded (RFC 2047); one that does not decode comes as written."""
        return [header.value for header in self.mime.headers if header.name.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The first value of a header, decoded."""
        return next(iter(self.headers(name)), None)

    def where(self, name: str, nth: int = 0) -> Where:
        """The place of the nth header of a name: its line in the message, from 1; else its name only."""
        wanted = name.lower().encode("ascii", "replace") + b":"
        for number, line in enumerate(_LINES.split(self.raw[: 1 << 20]), start=1):
            if not line:
                break
            if line.lower().startswith(wanted):
                if nth == 0:
                    return Where(header=name, line=number)
                nth -= 1
        return Where(header=name)

    @property
    def body(self) -> tuple[Leaf, ...]:
        """The leaves that are the wording of the message itself."""
        return tuple(leaf for leaf in self.mime.leaves if leaf.is_body)

    @property
    def text_part(self) -> Leaf | None:
        """The first plain text of the body."""
        return next((leaf for leaf in self.body if leaf.content_type == "text/plain"), None)

    @property
    def html_part(self) -> Leaf | None:
        """The first HTML of the body."""
        return next((leaf for leaf in self.body if leaf.content_type == "text/html"), None)

    @property
    def attachments(self) -> tuple[Leaf, ...]:
        """The leaves that are not the wording."""
        return tuple(leaf for leaf in self.mime.leaves if not leaf.is_body)

    @property
    def archives(self) -> tuple[Leaf, ...]:
        """The attachments that are, or are named as, zip archives."""
        return tuple(a for a in self.attachments if a.name.lower().endswith(".zip") or a.content[:4] == b"PK\x03\x04")

    @property
    def pdfs(self) -> tuple[Leaf, ...]:
        """The attachments that are, or are named as, PDF files."""
        return tuple(
            a
            for a in self.attachments
            if a.content_type == "application/pdf" or a.name.lower().endswith(".pdf") or a.content[:5] == b"%PDF-"
        )

    @cached_property
    def xdm(self) -> XdmArchive | None:
        """The archive named ``IHE_XDM.ZIP``, else the first archive."""
        named = [a for a in self.archives if a.name.upper() == ARCHIVE]
        chosen = next(iter([*named, *self.archives]), None)
        return XdmArchive.from_bytes(chosen.content, evidence=self.evidence) if chosen else None

    @cached_property
    def documents(self) -> tuple[CdaDocument, ...]:
        """The CDA documents of the archive that were read."""
        return tuple(d for d in self.xdm.documents if d.root is not None) if self.xdm else ()

    @property
    def transmits(self) -> bool:
        """Whether the message is meant to carry a document: it was expected to, it says so, or it does."""
        expected = any(e.get("document") or e.get("type_code") for e in self.expectations)
        return expected or self.xdm is not None or (self.header("Subject") or "").upper().startswith("XDM/")

    @property
    def audience(self) -> str | None:
        """``citizen`` or ``professional`` as the scenario says, by address; ``None`` when nothing tells."""
        if any(domain_of(recipient) in self.citizens for recipient in self.rcpt_to):
            return "citizen"
        return next((str(e["audience"]) for e in self.expectations if e.get("audience")), None)

    @property
    def box_kind(self) -> str | None:
        """The kind of the mailbox that sent the message (PER, ORG, APP), where the scenario set it up."""
        return dict(self.boxes).get(self.mail_from or "")


def addresses_in(values: list[str]) -> list[tuple[str, str]]:
    """``(display name, address)`` of every mailbox in header values; empty when they do not parse."""
    try:
        return [(name.strip(), address.strip()) for name, address in getaddresses(values) if address.strip()]
    except Exception:  # noqa: BLE001 - as for headers
        return []


def _citizen_domains(observation: Observation) -> Iterator[str]:
    for name in ("message", "no-message"):
        for expectation in observation.expected(name):
            if expectation.get("audience") == "citizen" and "@" in (to := address_of(expectation.get("to"))):
                yield domain_of(to)
