"""What waits to be told to the SI-SDO: a queue in the database, each thing once, with retries and limits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ..faults import Fault, MailFault
from ..sins import Sins
from ..store import Store, now
from ..traces import Traces
from ..worker import Worker
from .line import TRANSIENT, Line, words_of
from .reading import entries, status_of

WHO = "SI-SDO"
# Seconds before each new attempt; after the last one it is given up and shown as failed.
DELAYS = (0.4, 0.8, 1.5, 3.0)
MAX_QUEUED = 1000


class Sendings:
    """The queue and its worker thread."""

    def __init__(
        self,
        store: Store,
        line: Line,
        traces: Traces,
        sins: Sins,
        accepted: Callable[[str, str, Mapping[str, Any]], None],
        delays: Sequence[float] = DELAYS,
    ) -> None:
        self._store = store
        self._line = line
        self._traces = traces
        self._sins = sins
        self._accepted = accepted
        self._delays = tuple(delays)
        self._worker = Worker("sdo", self._take, self._send, self._due_at)

    def start(self) -> None:
        """Start telling; what an interrupted run left half told is looked up before it goes again."""
        self._store.run(
            "UPDATE orientation_sendings SET state = 'queued', error = ? WHERE state = 'sending'", "unreachable"
        )
        self._worker.start()

    def stop(self) -> None:
        """Finish the one in progress and stop; the rest stays queued."""
        self._worker.stop()

    @property
    def idle(self) -> bool:
        """Nothing queued, nothing in progress."""
        waiting = "SELECT 1 FROM orientation_sendings WHERE state IN ('queued', 'sending') LIMIT 1"
        return self._store.row(waiting) is None

    def queue(self, kind: str, national: str, once: str, body: Mapping[str, Any]) -> bool:
        """Accept a resource; false when the same thing (``once``) was told before, or waits already."""
        waiting = self._store.row("SELECT count(*) AS n FROM orientation_sendings WHERE state IN ('queued', 'sending')")
        if waiting and waiting["n"] >= MAX_QUEUED:
            raise Fault("refdui.fault.queue-full", limit=MAX_QUEUED)
        key = f"{once}|{time.time_ns()}" if self._sins.has("tells-the-sdo-twice") else once
        known = self._store.row("SELECT 1 FROM orientation_sendings WHERE once = ? AND state != 'failed'", key)
        if known is not None:
            return False
        self._store.run(
            "INSERT OR REPLACE INTO orientation_sendings (kind, national, once, body, state, at)"
            " VALUES (?, ?, ?, ?, 'queued', ?)",
            kind,
            national,
            key,
            json.dumps(body, ensure_ascii=False),
            now(),
        )
        self._worker.wake()
        return True

    def of(self, national: str) -> list[dict[str, Any]]:
        """What was told, or waits, about a decision."""
        asked = "SELECT kind, state, error, at FROM orientation_sendings WHERE national = ? ORDER BY id"
        return [dict(row) for row in self._store.rows(asked, national)]

    def _take(self) -> Any:
        """The oldest: a later event of a decision never passes an earlier one."""
        row = self._store.row("SELECT * FROM orientation_sendings WHERE state = 'queued' ORDER BY id LIMIT 1")
        if row is None or row["due"] > time.time():
            return None
        self._store.run("UPDATE orientation_sendings SET state = 'sending' WHERE id = ?", row["id"])
        return row

    def _due_at(self) -> float | None:
        row = self._store.row("SELECT due FROM orientation_sendings WHERE state = 'queued' ORDER BY id LIMIT 1")
        return row["due"] if row else None

    def _send(self, row: Any) -> None:
        try:
            self._tell(row)
        except Exception as exc:  # noqa: BLE001 - the worker must outlive whatever one resource does
            self._settle(row, "failed", type(exc).__name__)

    def _tell(self, row: Any) -> None:
        body = json.loads(row["body"])
        try:
            # An answer that was lost leaves it unknown whether the SI-SDO took the event: ask before telling again.
            unsure = row["error"] == "unreachable" and row["kind"] == "Task"
            if unsure and not self._sins.has("tells-again-when-an-answer-is-lost") and self._taken(row, body):
                self._settle(row, "sent", "")
                return
            status, answer = self._line.ask("POST", row["kind"], body)
        except Fault as fault:
            transient = isinstance(fault, MailFault) and fault.transient
            self._failed(row, "unreachable" if transient else str(fault), retry=transient)
            return
        if status == 201:
            self._traces.add(WHO, "sdo.send", row["national"], row["kind"], "201")
            self._accepted(row["kind"], row["national"], body)
            self._settle(row, "sent", "")
        else:
            self._failed(row, f"{status} {words_of(answer)}", retry=status in TRANSIENT)

    def _taken(self, row: Any, body: Mapping[str, Any]) -> bool:
        since = datetime.fromisoformat(row["at"]).astimezone(UTC) - timedelta(minutes=5)
        page = self._line.read(f"Task?_lastUpdated=gt{quote(since.isoformat(timespec='milliseconds'))}")
        return any(status_of(task) == status_of(body) for task in entries(page, "Task"))

    def _failed(self, row: Any, error: str, *, retry: bool) -> None:
        self._traces.add(WHO, "sdo.send", row["national"], row["kind"], error)
        attempts = row["attempts"]
        if retry and attempts < len(self._delays) and not self._sins.has("gives-up-when-the-sdo-fails"):
            self._store.run(
                "UPDATE orientation_sendings SET state = 'queued', attempts = ?, due = ?, error = ? WHERE id = ?",
                attempts + 1,
                time.time() + self._delays[attempts],
                error,
                row["id"],
            )
        else:
            self._settle(row, "failed", error)

    def _settle(self, row: Any, state: str, error: str) -> None:
        self._store.run("UPDATE orientation_sendings SET state = ?, error = ? WHERE id = ?", state, error, row["id"])
