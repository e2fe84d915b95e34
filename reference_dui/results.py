"""Abnormal results in the laboratory reports that come, and the notice of them by ordinary mail (MSS/UX.18, MSS/UX.20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .accounts.notices import Notices
from .faults import Fault
from .header import HL7, MAX_CDA, header_of
from .members import Members
from .people import is_address
from .safe_xml import Element, read_xml
from .sins import Sins
from .store import Store
from .traces import Traces

if TYPE_CHECKING:
    from .application import Dui

# HL7 ObservationInterpretation: what a biologist calls abnormal or critical.
ABNORMAL = frozenset({"A", "AA", "H", "HH", "L", "LL"})
MAX_RESULTS = 1000


class Alerts:
    """Who wants to be told, and what is told."""

    def __init__(self, store: Store, notices: Notices, traces: Traces, sins: Sins) -> None:
        self._store = store
        self._notices = notices
        self._traces = traces
        self._sins = sins

    def follow(self, who: str, mailbox: str, contact: str) -> None:
        """Tell the owner of a mailbox at this address from now on; empty for no longer."""
        if contact and not is_address(contact):
            raise Fault("refdui.fault.wrong-address", address=contact)
        self._store.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", f"results {mailbox}", contact)
        self._traces.add(who, "results.follow", mailbox, contact)

    def received(self, mailbox: str, content: bytes) -> None:
        """A document came: tell the owner of the mailbox when a result in it was called abnormal."""
        row = self._store.row("SELECT value FROM settings WHERE name = ?", f"results {mailbox}")
        if row is None or not row["value"]:
            return
        by_bounds = self._sins.has("judges-results-by-their-bounds")
        found = [one for one in _observations(content) if (_beyond(one) if by_bounds else _called_abnormal(one))]
        if not found:
            return
        named = ""
        if self._sins.has("names-the-person-in-its-notices"):
            traits = header_of(content).traits
            named = f" {traits.birth_name} {traits.first_name}"
        self._notices.send(row["value"], "results", named=named)
        self._traces.add("product", "results.announce", mailbox, row["value"], str(len(found)))


def follow_results(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Set the address of the notices of a mailbox."""
    dui.alerts.follow(who, dui.mailboxes.get(given.key("address")).address, given.maybe("contact") or "")
    return {}


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Mapping[str, Any]]] = {"follow_results": follow_results}


def _observations(content: bytes) -> list[Element]:
    try:
        root = read_xml(content, MAX_CDA)
    except Fault:
        return []
    return [one for n, one in enumerate(root.iter(f"{HL7}observation")) if n < MAX_RESULTS]


def _called_abnormal(observation: Element) -> bool:
    """The biologist's own word, a child of the result; the code in its bounds says what the bounds bound."""
    return any(code.get("code") in ABNORMAL for code in observation.iterfind(f"{HL7}interpretationCode"))


def _beyond(observation: Element) -> bool:
    """Whether a value lies outside its bounds, which says nothing of what the biologist thought."""
    interval = observation.find(f"{HL7}referenceRange/{HL7}observationRange/{HL7}value")
    value = observation.find(f"{HL7}value")
    if interval is None or value is None:
        return False
    low, high = interval.find(f"{HL7}low"), interval.find(f"{HL7}high")
    try:
        read = [float(e.get("value", "")) for e in (value, low, high) if e is not None]
    except ValueError:
        return False
    return len(read) == 3 and not read[1] <= read[0] <= read[2]
