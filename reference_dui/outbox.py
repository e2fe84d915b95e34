"""Messages waiting to leave: a queue in the database, and one worker that sends it with retries and limits."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .faults import Fault, MailFault
from .mailboxes import Mailboxes
from .sins import Sins
from .store import Store, now
from .traces import Traces
from .transport import Transport
from .worker import Worker

# Seconds before each new attempt; after the last one the message is given up and shown as failed.
DELAYS = (0.5, 1.0, 2.0)
MAX_QUEUED = 1000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A composed message and what the product remembers of it."""

    mailbox: str
    recipients: tuple[str, ...]
    message_id: str
    thread: str
    subject: str
    text: str
    raw: bytes
    person: str | None = None
    document: str | None = None


class Outbox:
    """The queue and its worker thread."""

    def __init__(
        self,
        store: Store,
        mailboxes: Mailboxes,
        transport: Transport,
        traces: Traces,
        sins: Sins,
        delays: Sequence[float] = DELAYS,
    ) -> None:
        self._store = store
        self._mailboxes = mailboxes
        self._transport = transport
        self._traces = traces
        self._sins = sins
        self._delays = tuple(delays)
        self._lock = threading.Lock()
        self._busy = 0
        self._worker = Worker("outbox", self._take, self._send, self._due_at)

    def start(self) -> None:
        """Start sending; what an interrupted run left half sent goes again, under the same Message-ID."""
        self._store.run("UPDATE messages SET state = 'queued' WHERE state = 'sending'")
        self._worker.start()

    def stop(self) -> None:
        """Finish the message in progress and stop; the rest stays queued."""
        self._worker.stop()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While inside, the product is not idle: something it was asked is in progress."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    @property
    def idle(self) -> bool:
        """Nothing queued, nothing being sent, nothing in progress."""
        with self._lock:
            waiting = self._store.row("SELECT 1 FROM messages WHERE state IN ('queued', 'sending') LIMIT 1")
            return self._busy == 0 and waiting is None

    def queue(self, message: Outgoing) -> int:
        """Accept a message for sending; answers its number in the sent folder."""
        waiting = self._store.row("SELECT count(*) AS n FROM messages WHERE state IN ('queued', 'sending')")
        if waiting and waiting["n"] >= MAX_QUEUED:
            raise Fault("refdui.fault.queue-full", limit=MAX_QUEUED)
        state = "sent" if self._sins.has("loses-messages") else "queued"
        number = self._store.run(
            "INSERT INTO messages (direction, mailbox, message_id, thread, sender, recipients, subject, text, raw,"
            " person, document, at, state) VALUES ('sent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            message.mailbox,
            message.message_id,
            message.thread,
            message.mailbox,
            json.dumps(message.recipients),
            message.subject,
            message.text,
            message.raw,
            message.person,
            message.document,
            now(),
            state,
        )
        self._worker.wake()
        return number

    def _take(self) -> Any:
        row = self._store.row(
            "SELECT id, mailbox, recipients, raw, attempts, message_id FROM messages"
            " WHERE state = 'queued' AND due <= ? ORDER BY id LIMIT 1",
            time.time(),
        )
        if row is not None:
            self._store.run("UPDATE messages SET state = 'sending' WHERE id = ?", row["id"])
        return row

    def _due_at(self) -> float | None:
        row = self._store.row("SELECT min(due) AS due FROM messages WHERE state = 'queued'")
        return row["due"] if row else None

    def _send(self, row: Any) -> None:
        recipients = self._due(row["id"]) or json.loads(row["recipients"])
        try:
            box = self._mailboxes.get(row["mailbox"])
            refused = self._transport.send(box, recipients, row["raw"])
        except Fault as fault:
            self._failed(row, fault)
            return
        except Exception as exc:  # noqa: BLE001 - the worker must outlive whatever one message does
            self._failed(row, MailFault("refdui.fault.unexpected", transient=False, reason=type(exc).__name__))
            return
        detail = "; ".join(f"{address}: {reason}" for address, reason in refused.items())
        # The trace comes first: once the message is settled, the product may call itself idle.
        if not self._sins.has("traces-nothing-that-leaves"):
            self._traces.add(row["mailbox"], "message.send", row["message_id"], ", ".join(recipients), detail or "sent")
        later = [address for address, reason in refused.items() if reason.startswith("4")]
        if later and row["attempts"] < len(self._delays) and not self._sins.has("gives-up-at-the-first-refusal"):
            # Those who were reached are not written to again.
            again = recipients if self._sins.has("writes-again-to-everybody") else later
            self._store.run("INSERT OR REPLACE INTO still_due VALUES (?, ?)", row["id"], json.dumps(again))
            self._later(row["id"], row["attempts"], detail)
        else:
            self._settle(row["id"], "sent", detail)

    def _failed(self, row: Any, fault: Fault) -> None:
        attempts = row["attempts"]
        passing = isinstance(fault, MailFault) and (fault.transient or self._sins.has("insists-after-a-refusal"))
        retry = passing and attempts < len(self._delays) and not self._sins.has("gives-up-at-the-first-refusal")
        self._traces.add(row["mailbox"], "message.send", row["message_id"], row["recipients"], str(fault))
        if retry:
            self._later(row["id"], attempts, str(fault))
        else:
            self._settle(row["id"], "failed", str(fault))

    def _due(self, number: int) -> list[str]:
        """Whom a message still has to reach; empty when that is everybody."""
        row = self._store.row("SELECT recipients FROM still_due WHERE message = ?", number)
        found: list[str] = json.loads(row["recipients"]) if row else []
        return found

    def _later(self, number: int, attempts: int, detail: str) -> None:
        """Try again later (RFC 5321 §4.5.4.1)."""
        self._store.run(
            "UPDATE messages SET state = 'queued', attempts = ?, due = ?, error = ? WHERE id = ?",
            attempts + 1,
            time.time() + self._delays[attempts],
            detail,
            number,
        )

    def _settle(self, number: int, state: str, detail: str) -> None:
        self._store.run(
            "UPDATE messages SET state = ?, error = ?, attempts = attempts + 1 WHERE id = ?", state, detail, number
        )
