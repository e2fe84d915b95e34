"""Excerpts of cited records, for the evidence appendix of the report: enough to follow, never the whole."""

from __future__ import annotations

import email.errors
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from conformance.core.texts import Language, say
from conformance.dossier.judged import Judged
from conformance.dossier.plain import clean, one_line
from conformance.evidence.record import Record
from conformance.evidence.store import Altered, Contents

MAX_DATA = 1600  # characters of a record's data
MAX_LINE = 300
MAX_APPENDIX = 800_000  # characters of data over the whole report: the rest is named, and lies in the dossier
HEAD = 16 * 1024  # bytes of a message that are read for its headers
SHOWN_HEADERS = ("From", "To", "Date", "Subject", "Message-ID", "Content-Type", "Disposition-Notification-To")


@dataclass(frozen=True, slots=True)
class Blob:
    """A content of a record: its role, its digest, its size in bytes (``None`` when lost), and its headers."""

    role: str
    digest: str
    size: int | None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One cited record; ``data`` is empty when the appendix was already full (``cut``)."""

    record: Record
    anchor: str
    data: str
    blobs: tuple[Blob, ...] = ()
    cut: bool = False
    cited_by: tuple[str, ...] = field(default=())


def anchors(ids: Iterable[str]) -> dict[str, str]:
    """A short fragment name for each record id, in the order given."""
    return {id: f"e{number}" for number, id in enumerate(ids, start=1)}


def cited(judged: Judged) -> dict[str, list[str]]:
    """The records that verdicts cite, in journal order, each with the requirements that cite it."""
    by_record: dict[str, list[str]] = {}
    for _, verdict in judged:
        for id in dict.fromkeys(e for a in verdict.aspects for e in a.evidence):
            by_record.setdefault(id, []).append(verdict.requirement.id)
    for rule in judged.hardening.rules if judged.hardening else ():
        for id in rule.evidence:
            by_record.setdefault(id, []).append(rule.check.id)
    return {id: by_record[id] for id in sorted(by_record, key=journal_order)}


def excerpts(judged: Judged) -> list[Excerpt]:
    """One excerpt for each cited record that the evidence holds."""
    citations = cited(judged)
    names = anchors(citations)
    made: list[Excerpt] = []
    spent = 0
    for id, requirements in citations.items():
        record = judged.evidence.records.get(id)
        if record is None:
            continue
        full = spent > MAX_APPENDIX
        excerpt = Excerpt(
            record=record,
            anchor=names[id],
            data="" if full else _data(record.data),
            blobs=() if full else tuple(_blobs(record, judged.evidence.contents)),
            cut=full,
            cited_by=tuple(requirements),
        )
        spent += len(excerpt.data) + sum(len(line) for blob in excerpt.blobs for line in blob.lines)
        made.append(excerpt)
    return made


def size_text(size: int, lang: Language) -> str:
    """A size as people read it."""
    if size < 1024:
        return say("report.bytes", lang, count=size)
    value = f"{size / 1024:.1f}" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f}"
    unit = "report.kilobytes" if size < 1024 * 1024 else "report.megabytes"
    return say(unit, lang, count=value.replace(".", ",") if lang == "fr" else value)


def journal_order(id: str) -> tuple[str, str, int]:
    """The order of record ids: by service and lane, then by number."""
    service, lane, seq = id.rsplit("/", 2)
    return (service, lane, int(seq) if seq.isdigit() else 0)


def _data(data: Mapping[str, object]) -> str:
    if not data:
        return ""
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    lines = [line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…" for line in text.splitlines()]
    return clean("\n".join(lines), MAX_DATA)


def _blobs(record: Record, contents: Contents) -> Iterable[Blob]:
    for role, digest in sorted(record.blobs.items()):
        try:
            content = contents.get(digest)
        except Altered:
            yield Blob(role, digest, None)
            continue
        yield Blob(role, digest, len(content), tuple(_headers(content)) if role == "message" else ())


def _headers(content: bytes) -> Iterable[str]:
    head = content[:HEAD].partition(b"\r\n\r\n")[0]
    try:
        message: Message = BytesHeaderParser(policy=compat32).parsebytes(head)
    except (email.errors.MessageError, ValueError):  # whatever a product sends, the report is written
        return
    for name, value in message.items():
        if name in SHOWN_HEADERS or name.lower().startswith("x-mss-"):
            yield f"{one_line(name, 60)}: {one_line(str(value), MAX_LINE)}"
