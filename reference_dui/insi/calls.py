"""Every call to INSi and how it ended, for the dashboard (SC.TBB.01.RI, SC.TBB.02.RI)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..store import Store, now

# What a call that got no answer ended with.
NO_ANSWER = "no-answer"
MAX_LISTED = 10_000


@dataclass(frozen=True, slots=True)
class InsiCall:
    """One call; ``code`` is the answer's, or that of the fault."""

    message_id: str
    at: datetime
    operation: str
    code: str

    @property
    def answered(self) -> bool:
        """Whether INSi carried out what was asked, whoever it found."""
        return self.code.isalnum()


class InsiCalls:
    """Keeps the calls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, message_id: str, operation: str, code: str) -> None:
        """Keep one."""
        self._store.run("INSERT INTO insi_calls VALUES (?, ?, ?, ?)", message_id, now(), operation, code)

    def all(self) -> list[InsiCall]:
        """The latest, oldest first."""
        rows = self._store.rows("SELECT * FROM insi_calls ORDER BY rowid DESC LIMIT ?", MAX_LISTED)
        return [
            InsiCall(row["message_id"], datetime.fromisoformat(row["at"]), row["operation"], row["code"])
            for row in reversed(rows)
        ]
