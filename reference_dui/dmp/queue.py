"""Documents waiting to enter the DMP: kept in the database until it takes them, however long it is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..faults import Fault, MailFault
from ..store import Store, now
from ..traces import Traces
from ..worker import Worker

# Seconds before each new attempt; the last delay repeats for as long as the DMP is away.
DELAYS = (0.3, 0.6, 1.0)
MAX_QUEUED = 10_000
# Attempts that failed one after the other before the DMP counts as away: what waits for it keeps nobody from working.
AWAY = 12

# Sends one document; answers the state it is in afterwards.
Sender = Callable[[str, str], str]


class Queue:
    """The queue and its worker thread. States: ``queued``, then ``fed``, ``held`` (not due), ``failed``, ``deleted``."""

    def __init__(self, store: Store, traces: Traces, send: Sender, delays: Sequence[float] = DELAYS) -> None:
        self._store = store
        self._traces = traces
        self._send = send
        self._delays = tuple(delays)
        self._failed = 0
        self._worker = Worker("dmp", self._take, self._try, self._due_at)

    def start(self) -> None:
        """Start sending; what an interrupted run left half sent goes again, and the DMP knows it by its unique id."""
        self._worker.start()

    def stop(self) -> None:
        """Finish the document in progress and stop; the rest stays queued."""
        self._worker.stop()

    @property
    def idle(self) -> bool:
        """Nothing waits, or what waits waits for a DMP that is away."""
        return (
            self._failed >= AWAY or self._store.row("SELECT 1 FROM dmp_feedings WHERE state = 'queued' LIMIT 1") is None
        )

    def add(self, document: str, person: str, who: str) -> None:
        """Queue a document, once."""
        waiting = self._store.row("SELECT count(*) AS n FROM dmp_feedings WHERE state = 'queued'")
        if waiting and waiting["n"] >= MAX_QUEUED:
            raise Fault("refdui.fault.queue-full", limit=MAX_QUEUED)
        self._store.run(
            "INSERT OR IGNORE INTO dmp_feedings (document, person, who, at, state) VALUES (?, ?, ?, ?, 'queued')",
            document,
            person,
            who,
            now(),
        )
        self._worker.wake()

    def again(self, document: str) -> None:
        """Queue again a document that was held back or failed."""
        self._store.run(
            "UPDATE dmp_feedings SET state = 'queued', due = 0 WHERE document = ? AND state IN ('held', 'failed')",
            document,
        )
        self._worker.wake()

    def wait(self, limit: float = 60.0) -> None:
        """Wait until nothing is queued, with a limit in seconds."""
        deadline = time.monotonic() + limit
        while not self.idle and time.monotonic() < deadline:
            time.sleep(0.05)

    def state_of(self, document: str) -> str:
        """The state of a document towards the DMP; empty when it was never due there."""
        row = self._store.row("SELECT state FROM dmp_feedings WHERE document = ?", document)
        return str(row["state"]) if row else ""

    def settle(self, document: str, state: str, detail: str = "") -> None:
        """Say what became of a document."""
        self._store.run(
            "UPDATE dmp_feedings SET state = ?, detail = ?, settled = ?, attempts = attempts + 1 WHERE document = ?",
            state,
            detail,
            now(),
            document,
        )

    def fed(self) -> list[dict[str, Any]]:
        """What the DMP took, and when."""
        rows = self._store.rows(
            "SELECT document, person, settled AS at FROM dmp_feedings WHERE state IN ('fed', 'deleted')"
        )
        return [dict(row) for row in rows]

    def _take(self) -> Any:
        return self._store.row(
            "SELECT * FROM dmp_feedings WHERE state = 'queued' AND due <= ? ORDER BY id LIMIT 1", time.time()
        )

    def _due_at(self) -> float | None:
        row = self._store.row("SELECT min(due) AS due FROM dmp_feedings WHERE state = 'queued'")
        return row["due"] if row else None

    def _try(self, row: Any) -> None:
        document, who = row["document"], row["who"]
        try:
            state, detail = self._send(document, who), ""
        except Fault as fault:
            if isinstance(fault, MailFault) and fault.transient:
                self._failed += 1
                self._later(row, str(fault))
                return
            state, detail = "failed", str(fault)
        except Exception as exc:  # noqa: BLE001 - the worker must outlive whatever one document does
            state, detail = "failed", type(exc).__name__
        self._failed = 0
        # The trace comes first: once the document is settled, the product may call itself idle.
        self._traces.add(who, "dmp.feed", document, row["person"], detail or state)
        self.settle(document, state, detail)

    def _later(self, row: Any, detail: str) -> None:
        delay = self._delays[min(row["attempts"], len(self._delays) - 1)]
        self._store.run(
            "UPDATE dmp_feedings SET attempts = attempts + 1, due = ?, detail = ? WHERE id = ?",
            time.time() + delay,
            detail,
            row["id"],
        )
