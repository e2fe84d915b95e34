"""The dashboard of the core services: documents fed to the DMP and sent by both mails, and the records concerned.

Counts of a period, by status of the INS (SC.TBB.01.MS1). A document counts once for each channel that it left by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .faults import NotFound
from .mailboxes import Mailboxes
from .people import People
from .settings import Settings
from .sins import Sins
from .store import Store

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

    def __init__(self, store: Store, people: People, mailboxes: Mailboxes, settings: Settings, sins: Sins) -> None:
        self._store = store
        self._people = people
        self._mailboxes = mailboxes
        self._settings = settings
        self._sins = sins

    def read(self, today: datetime | None = None) -> dict[str, Any]:
        """Current month, current year and previous year, for the structure's geographic FINESS."""
        now = today or datetime.now(UTC)
        left = list(dict.fromkeys(self._left()))
        periods = {
            "current_month": [one for one in left if (one.at.year, one.at.month) == (now.year, now.month)],
            "current_year": [one for one in left if one.at.year == now.year],
            "previous_year": [one for one in left if one.at.year == now.year - 1],
        }
        return {
            "finess": self._settings.structure.finess,
            "periods": {name: self._counted(those) for name, those in periods.items()},
        }

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
