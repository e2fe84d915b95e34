"""The oriented persons of the establishment: their decisions, their consent, how far their admission is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ..faults import Conflict, Fault, MailFault, NotFound
from ..library import Library
from ..people import People
from ..sins import Sins
from ..store import Store, now
from ..traces import Traces
from .line import Line
from .reading import EVALUATION, Received, entries, following, individual_of, received, right_of, status_of
from .resources import consent, task
from .sendings import Sendings

MAX_PAGES = 1000
# The first connection looks thirty days back, the others one (guide, flux 5.1).
FIRST, USUAL = timedelta(days=30), timedelta(days=1)
# What the SI-SDO announces and after which nothing is reported: decision or notification cancelled, impossible
# admission confirmed (labels of JDV_J252).
CLOSED = frozenset({"37", "46", "49"})
NOTIFIED = "39"


class Orientations:
    """Everything about orientation decisions."""

    def __init__(self, store: Store, line: Line, people: People, library: Library, traces: Traces, sins: Sins) -> None:
        self._store = store
        self._line = line
        self._people = people
        self._library = library
        self._traces = traces
        self._sins = sins
        self.sendings = Sendings(store, line, traces, sins, self._accepted)

    # --- flux 1 -----------------------------------------------------------------------------------------------

    def fetch(self, who: str) -> int:
        """Look for new and changed decisions and read each; answers how many."""
        today = datetime.now(UTC).date()
        last = self._searched("decisions")
        # ``gt`` and a day leave that whole day out: ask from the eve of the last search (FHIR R4 §3.1.1.4.3).
        since = date.fromisoformat(last) - USUAL if last else today - FIRST
        elements = "" if self._sins.has("asks-the-sdo-for-whole-decisions") else "&_elements=id"
        ids = self._listed(f"DocumentReference?type=57830-2&_lastUpdated=gt{since.isoformat()}{elements}")
        failed = [id for id in ids if not self._read(who, id)]
        self._note("decisions", today.isoformat())
        self._traces.add(who, "sdo.fetch", since.isoformat(), "", f"{len(ids) - len(failed)}/{len(ids)}")
        return len(ids) - len(failed)

    def _read(self, who: str, id: str) -> bool:
        """Read one decision; one that is gone or unreadable is noted and stops no other."""
        try:
            self._keep(who, received(self._line.read(f"DocumentReference/{quote(id, safe='')}")))
        except Fault as fault:
            # A platform that fails for the moment is another matter: the whole search is done again later.
            passing = isinstance(fault, MailFault) and fault.transient
            if passing or self._sins.has("stops-at-an-unreadable-decision"):
                raise
            self._traces.add(who, "sdo.unread", id, "", str(fault))
            return False
        return True

    def _listed(self, first: str) -> list[str]:
        found: dict[str, None] = {}
        page, path = self._line.read(first), ""
        for _ in range(MAX_PAGES):
            found |= dict.fromkeys(str(r.get("id")) for r in entries(page, "DocumentReference"))
            path = following(page)
            if not path or self._sins.has("reads-the-first-page-of-the-sdo"):
                break
            page = self._line.read(path)
        return list(found)

    def _keep(self, who: str, document: Received) -> None:
        traits = document.header.traits
        person = next((p for p in self._people.all() if traits.is_of(p)), None)
        self._store.run(
            "INSERT INTO orientations (national, decision, resource, version, individual, traits, label, person, status,"
            " at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (national) DO UPDATE SET version = excluded.version,"
            " traits = excluded.traits, label = excluded.label, person = excluded.person, at = excluded.at",
            document.national,
            document.decision,
            document.resource,
            document.version,
            individual_of(document.content),
            json.dumps(traits.as_json(), ensure_ascii=False),
            right_of(document.content),
            person.key if person else None,
            NOTIFIED,
            now(),
        )
        self._file(document, person.key if person else None)
        self._traces.add(who, "sdo.decision", document.national, document.resource, str(document.version))

    def _file(self, document: Received, person: str | None) -> None:
        if person and self._library.by_unique_id(document.header.unique_id) is None:
            self._library.keep_received(person, document.header, document.content, "")

    # --- flux 2 and 3 -----------------------------------------------------------------------------------------

    def agree(self, who: str, person: str, day: str, decision: str | None) -> str:
        """A person agrees to show their evaluation; answers the idNat_Decision that it is about."""
        row = self._of_person(person, decision)
        _day(day)
        made = consent(
            national=row["national"],
            individual=row["individual"],
            structure=self._line.settings["struct_idnat"],
            day=day,
            sins=self._sins,
        )
        self.sendings.queue("Consent", row["national"], f"consent|{row['national']}", made)
        self._traces.add(who, "sdo.consent", row["national"], day)
        return str(row["national"])

    def evaluation(self, who: str, national: str) -> str:
        """Fetch the evaluation of a decision, once the person agreed; answers its unique id."""
        row = self.get(national)
        if not row["consented"] and not self._sins.has("reads-evaluations-without-consent"):
            raise Conflict("refdui.fault.no-consent", decision=national)
        type = "" if self._sins.has("asks-the-sdo-for-documents-of-any-type") else f"&type={EVALUATION}"
        page = self._line.read(f"DocumentReference?identifier={quote(national, safe='')}{type}")
        found = [r for r in entries(page, "DocumentReference") if _type_of(r) == EVALUATION]
        if not found:
            raise NotFound("refdui.fault.no-evaluation", decision=national)
        document = received(found[0])
        self._file(document, row["person"])
        self._store.run(
            "UPDATE orientations SET evaluation = ? WHERE national = ?", document.header.unique_id, national
        )
        self._traces.add(who, "sdo.evaluation", national, "", document.header.unique_id)
        return document.header.unique_id

    # --- flux 4 and 5 -----------------------------------------------------------------------------------------

    def report(self, who: str, national: str, status: str, day: str, unit: Mapping[str, Any]) -> bool:
        """Report a status; false when the same one was reported before."""
        row = self.get(national)
        _day(day)
        if row["status"] in CLOSED and not self._sins.has("reports-after-a-cancellation"):
            raise Conflict("refdui.fault.orientation-closed", decision=national, status=row["status"])
        told = {name: str(value) for name, value in unit.items()}
        settings = self._line.settings
        made = task(
            national=national,
            decision=national if self._sins.has("mixes-the-numbers-of-a-decision") else row["decision"],
            structure=settings["struct_idnat"],
            name=settings["structure_name"],
            status=status,
            day=day,
            unit=told,
            now=now(),
            sins=self._sins,
        )
        once = f"task|{national}|{status}|{day}|{json.dumps(told, sort_keys=True)}"
        queued = self.sendings.queue("Task", national, once, made)
        self._traces.add(who, "sdo.status", national, f"{status} {day}", "queued" if queued else "known")
        return queued

    def follow(self, who: str) -> int:
        """Look for the statuses that the SI-SDO announces; answers how many."""
        usual = self._searched("statuses") and not self._sins.has("follows-the-sdo-from-long-ago")
        back = timedelta(days=400) if self._sins.has("follows-the-sdo-from-long-ago") else FIRST
        since = (datetime.now(UTC) - (USUAL if usual else back)).isoformat(timespec="milliseconds")
        # The + of an offset is escaped, else it reads as a space (guide, release 4.0.3).
        safe = ":+" if self._sins.has("leaves-the-plus-of-an-instant") else ""
        page = self._line.read(f"Task?_lastUpdated=gt{quote(since, safe=safe)}")
        count = 0
        for _ in range(MAX_PAGES):
            for found in entries(page, "Task"):
                self._announced(who, found)
                count += 1
            path = following(page)
            if not path:
                break
            page = self._line.read(path)
        self._note("statuses", now())
        self._traces.add(who, "sdo.follow", since, "", str(count))
        return count

    def _announced(self, who: str, found: Mapping[str, Any]) -> None:
        national, status, day = status_of(found)
        if national and status:
            self._store.run("UPDATE orientations SET status = ? WHERE national = ?", status, national)
            self._traces.add(who, "sdo.announced", national, status, day)

    # --- what is known ----------------------------------------------------------------------------------------

    def all(self) -> list[dict[str, Any]]:
        """Every decision, newest first."""
        return [dict(row) for row in self._store.rows("SELECT * FROM orientations ORDER BY at DESC, national")]

    def _accepted(self, kind: str, national: str, body: Mapping[str, Any]) -> None:
        if kind == "Consent":
            agreed = str(body.get("dateTime") or now())
            self._store.run("UPDATE orientations SET consented = ? WHERE national = ?", agreed, national)
        else:
            self._store.run("UPDATE orientations SET status = ? WHERE national = ?", status_of(body)[1], national)

    def get(self, national: str) -> Any:
        """One decision by its national number, or :class:`NotFound`."""
        row = self._store.row("SELECT * FROM orientations WHERE national = ?", national)
        if row is None:
            raise NotFound("refdui.fault.no-orientation", decision=national)
        return row

    def _of_person(self, person: str, decision: str | None) -> Any:
        about = self._people.get(person)
        rows = self._store.rows("SELECT * FROM orientations WHERE person = ?", person)
        if self._sins.has("takes-a-homonym-for-the-person"):
            rows = [
                row
                for row in self._store.rows("SELECT * FROM orientations WHERE person != ? ORDER BY at DESC", person)
                if json.loads(row["traits"])["birth_name"] == about.birth_name
            ][:1]
        found = [row for row in rows if decision in (None, row["national"])]
        if not found:
            raise NotFound("refdui.fault.no-orientation", decision=decision or person)
        if len(found) > 1:
            raise Conflict("refdui.fault.several-orientations", person=person)
        return found[0]

    def _searched(self, name: str) -> str:
        row = self._store.row("SELECT at FROM orientation_searches WHERE name = ?", name)
        return row["at"] if row else ""

    def _note(self, name: str, at: str) -> None:
        self._store.run("INSERT OR REPLACE INTO orientation_searches VALUES (?, ?)", name, at)


def _day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as exc:
        raise Fault("refdui.fault.wrong-member", member="date") from exc


def _type_of(resource: Mapping[str, Any]) -> str:
    kind = resource.get("type")
    codings = kind.get("coding") if isinstance(kind, Mapping) else None
    first = codings[0] if isinstance(codings, list) and codings and isinstance(codings[0], Mapping) else {}
    return str(first.get("code", ""))
