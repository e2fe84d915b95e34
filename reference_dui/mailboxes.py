"""The mailboxes of the product: set up from their operator's autoconfiguration, tested, kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .autoconfig import Servers
from .box import Box, box_of
from .faults import MailFault, NotFound
from .sins import Sins
from .store import Store, now
from .traces import Traces
from .transport import Transport


@dataclass(frozen=True, slots=True)
class Shown:
    """A mailbox as the settings page shows it."""

    address: str
    kind: str
    state: str
    detail: str
    at: str


class Mailboxes:
    """The register of mailboxes."""

    def __init__(self, store: Store, transport: Transport, traces: Traces, sins: Sins) -> None:
        self._store = store
        self._sins = sins
        self._failed: set[str] = set()
        self._transport = transport
        self._traces = traces

    def configure(self, address: str, kind: str, settings: Mapping[str, Any], who: str) -> Box:
        """Read the autoconfiguration document, keep what it says, then test both connections (MSS/CONF.04)."""
        box, refresh = box_of(address, kind, settings)
        if refresh:
            self._transport.entrust(box.address, refresh)
        try:
            box = replace(box, servers=self._discovered(box))
            self._transport.test(box)
        except MailFault as fault:
            self._failed.add(box.autoconfig_url)
            self._keep(box, "failed", str(fault))
            self._traces.add(who, "mailbox.configure", box.address, kind, str(fault))
            raise
        if self._sins.has("keeps-one-mailbox-only"):
            self._store.run("DELETE FROM mailboxes WHERE address LIKE ?", f"%@{box.domain}")
        self._keep(box, "ready", "")
        self._traces.add(who, "mailbox.configure", box.address, kind, "ready")
        return box

    def _discovered(self, box: Box) -> Servers:
        if self._sins.has("remembers-a-failed-configuration") and box.autoconfig_url in self._failed:
            raise MailFault("refdui.fault.autoconfig-refused", transient=False)
        return self._transport.discover(box)

    def get(self, address: str) -> Box:
        """One mailbox, or :class:`NotFound`."""
        row = self._store.row("SELECT box FROM mailboxes WHERE address = ?", address.lower())
        if row is None:
            raise NotFound("refdui.fault.no-mailbox", mailbox=address)
        return Box.from_json(json.loads(row["box"]))

    def all(self) -> list[Shown]:
        """Every mailbox, by address."""
        rows = self._store.rows("SELECT address, kind, state, detail, at FROM mailboxes ORDER BY address")
        return [Shown(**dict(row)) for row in rows]

    def _keep(self, box: Box, state: str, detail: str) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO mailboxes VALUES (?, ?, ?, ?, ?, ?)",
            box.address,
            box.kind,
            json.dumps(box.as_json()),
            state,
            detail,
            now(),
        )
