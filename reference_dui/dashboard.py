"""The dashboard of the core services: documents that left and the records concerned, calls to INSi, new admissions.

Counts of a period, by status of the INS (SC.TBB.01.MS1, SC.TBB.01.RI). A document counts once for each channel that it left by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .faults import NotFound
from .insi.calls import InsiCalls
from .mailboxes import Mailboxes
from .people import People
from .settings import Settings
from .sins import Sins
from .store import Store

# Whether an instant is in a period.
Period = Callable[[datetime], bool]
CHANNELS = ("dmp", "mss_professional", "mss_citizen")


@dataclass(frozen=True, slots=True)
class _Left:
    """One document that left by one channel."""

    channel: str
    document: str
    person: str
    at: datetime


class Dashboard:
    """Recounts from what the product did."""

    def __init__(
        self, store: Store, people: People, mailboxes: Mailboxes, settings: Settings, sins: Sins, calls: InsiCalls
    ) -> None:
        self._store = store
        self._people = people
        self._mailboxes = mailboxes
        self._settings = settings
        self._sins = sins
        self._calls = calls

    def read(self, today: datetime | None = None) -> dict[str, Any]:
        """Current month, current year and previous year, for the structure's geographic FINESS."""
        now = today or datetime.now(UTC)
        left = list(dict.fromkeys(self._left()))
        periods: dict[str, Period] = {
            "current_month": lambda at: (at.year, at.month) == (now.year, now.month),
            "current_year": lambda at: at.year == now.year,
            "previous_year": lambda at: at.year == now.year - 1,
        }
        if self._sins.has("forgets-the-previous-year"):
            del periods["previous_year"]
        return {
            "finess": self._settings.structure.finess,
            "periods": {
                name: {
                    **self._counted([one for one in left if within(one.at)]),
                    "insi": self._called(within),
                    "admissions": self._admitted(within),
                }
                for name, within in periods.items()
            },
        }

    def insi_calls(self) -> list[dict[str, str]]:
        """Each call to INSi (SC.TBB.02.RI)."""
        calls = self._calls.all()
        if self._sins.has("forgets-failed-calls-in-the-detail"):
            calls = [one for one in calls if one.answered]
        return [
            {"at": one.at.isoformat(), "operation": one.operation, "message_id": one.message_id, "code": one.code}
            for one in calls
        ]

    def _called(self, within: Period) -> dict[str, int]:
        calls = [one for one in self._calls.all() if within(one.at)]
        answered = sum(one.answered for one in calls)
        if self._sins.has("counts-failed-calls-as-successes"):
            answered = len(calls)
        return {"succeeded": answered, "failed": len(calls) - answered}

    def _admitted(self, within: Period) -> dict[str, int]:
        rows = self._store.rows("SELECT identity, created FROM persons")
        new = [json.loads(row["identity"]) for row in rows if within(datetime.fromisoformat(row["created"]))]
        qualified = sum(one.get("status") == "qualifiee" for one in new)
        if self._sins.has("counts-retrieved-identities-as-qualified"):
            qualified = sum(bool(one.get("matricule")) for one in new)
        return {"total": len(new), "qualified": qualified}

    def _counted(self, left: list[_Left]) -> dict[str, Any]:
        counted: dict[str, Any] = {}
        records: dict[str, set[str]] = {}
        for channel in CHANNELS:
            mine = [one for one in left if one.channel == channel]
            qualified = sum(self._qualified(one.person) for one in mine)
            counted[channel] = {"total": len(mine), "qualified": qualified, "unqualified": len(mine) - qualified}
            records[channel] = {one.person for one in mine}
        if self._sins.has("counts-every-document-as-qualified"):
            for channel in CHANNELS:
                counted[channel] |= {"qualified": counted[channel]["total"], "unqualified": 0}
        every = (
            set.union(*records.values()) if self._sins.has("adds-records-up") else set.intersection(*records.values())
        )
        counted["records"] = {**{channel: len(people) for channel, people in records.items()}, "all": len(every)}
        return counted

    def _qualified(self, person: str) -> bool:
        try:
            return self._people.get(person).status == "qualifiee"
        except NotFound:
            return False

    def _left(self) -> Iterator[_Left]:
        fed = self._store.rows(
            "SELECT document, person, settled FROM dmp_feedings WHERE state IN ('fed', 'deleted') AND settled != ''"
        )
        for row in fed:
            yield _Left("dmp", row["document"], row["person"], datetime.fromisoformat(row["settled"]))
        sent = self._store.rows(
            "SELECT mailbox, recipients, document, person, at FROM messages"
            " WHERE direction = 'sent' AND state = 'sent' AND document IS NOT NULL AND person IS NOT NULL"
        )
        for row in sent:
            channel = "mss_citizen" if self._for_citizen(row) else "mss_professional"
            yield _Left(channel, row["document"], row["person"], datetime.fromisoformat(row["at"]))

    def _for_citizen(self, row: Any) -> bool:
        try:
            domain = self._mailboxes.get(row["mailbox"]).patients_domain
        except NotFound:
            return False
        return all(str(address).endswith(f"@{domain}") for address in json.loads(row["recipients"]))
