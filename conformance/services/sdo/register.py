"""What the SI-SDO of a lane holds: decisions, their evaluations, consents, statuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from conformance.core.errors import UsageError
from conformance.services.sdo.machine import NOTIFIED
from conformance.services.sdo.resources import DECISION, EVALUATION, Json, announcement, document_reference

MAX_HELD = 100_000


@dataclass(slots=True)
class Dossier:
    """A decision directed to one establishment; ``content`` and ``evaluation`` are CDA documents in base64."""

    document: str
    decision: str
    national: str
    structure: str
    content: str
    evaluation_id: str = ""
    evaluation: str = ""
    status: str = NOTIFIED
    version: int = 1
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    consented: bool = False
    withdrawn: bool = False

    def decided(self) -> Json:
        """Its DocumentReference of type 57830-2."""
        return self._document(self.document, DECISION, self.content, self.version)

    def evaluated(self) -> Json:
        """Its DocumentReference of type 51848-0."""
        return self._document(self.evaluation_id, EVALUATION, self.evaluation, 1)

    def _document(self, id: str, kind: str, content: str, version: int) -> Json:
        return document_reference(
            id,
            kind=kind,
            decision=self.decision,
            national=self.national,
            content=content,
            version=version,
            updated=instant(self.updated),
        )


class Register:
    """Every dossier of a lane, and what was received about them."""

    def __init__(self) -> None:
        self._dossiers: dict[str, Dossier] = {}
        self._documents: dict[str, Dossier] = {}
        self._tasks: list[tuple[str, datetime, Json]] = []
        self._created = 0

    def replace(self, dossiers: Iterable[Mapping[str, Any]]) -> int:
        """Hold exactly these, as JSON members of :class:`Dossier`; answers how many. What was there before is gone."""
        made = [_dossier(raw) for raw in dossiers]
        if len(made) > MAX_HELD:
            raise UsageError("services.sdo.too-many", limit=MAX_HELD)
        self._dossiers = {d.national: d for d in made}
        self._documents = {d.document: d for d in made} | {d.evaluation_id: d for d in made if d.evaluation_id}
        self._tasks = []
        return len(made)

    def change(self, national: str, content: str) -> int:
        """A corrected decision: new content, next version, of this instant; answers the version."""
        dossier = self.known(national)
        dossier.content, dossier.version, dossier.updated = content, dossier.version + 1, datetime.now(UTC)
        return dossier.version

    def withdraw(self, national: str) -> None:
        """A decision that is still listed, and that is gone when it is read."""
        self.known(national).withdrawn = True

    def announce(self, national: str, status: str, name: str) -> str:
        """The SI-SDO announces a status of its own; answers the id of the Task."""
        dossier = self.known(national)
        dossier.status = status
        now = datetime.now(UTC)
        id = self._next("sdo")
        made = announcement(
            id,
            structure=dossier.structure,
            name=name,
            decision=dossier.decision,
            national=national,
            status=status,
            updated=instant(now),
            day=now.date().isoformat(),
        )
        self._tasks.append((dossier.structure, now, made))
        return id

    def known(self, national: str) -> Dossier:
        """A dossier that the bench names; :class:`UsageError` for another."""
        if national not in self._dossiers:
            raise UsageError("services.sdo.unknown-decision", decision=national)
        return self._dossiers[national]

    def of(self, national: str, structure: str) -> Dossier | None:
        """A dossier by its national number, for an establishment."""
        found = self._dossiers.get(national)
        return found if found and found.structure == structure else None

    def document(self, id: str, structure: str) -> Dossier | None:
        """The dossier of a DocumentReference, for an establishment."""
        found = self._documents.get(id)
        return found if found and found.structure == structure else None

    def held(self, structure: str) -> list[Dossier]:
        """The dossiers of an establishment, oldest change first."""
        mine = [d for d in self._dossiers.values() if d.structure == structure]
        return sorted(mine, key=lambda d: (d.updated, d.document))

    def keep(self, kind: str, resource: Mapping[str, Any], dossier: Dossier) -> Json:
        """Keep an accepted Consent or Task: the resource as the service gives it back."""
        now = datetime.now(UTC)
        given = resource.get("meta")
        meta = {**(given if isinstance(given, dict) else {}), "versionId": "1", "lastUpdated": instant(now)}
        kept = {**resource, "id": self._next(kind.lower()), "meta": meta}
        if kind == "Task":
            self._tasks.append((dossier.structure, now, kept))
        return kept

    def tasks(self, structure: str) -> list[tuple[datetime, Json]]:
        """The Tasks about an establishment's dossiers, with their instant, oldest first."""
        return [(when, task) for where, when, task in self._tasks if where == structure]

    def _next(self, kind: str) -> str:
        self._created += 1
        return f"{kind}-{self._created}"


def instant(moment: datetime) -> str:
    """A FHIR instant, to the millisecond."""
    return moment.isoformat(timespec="milliseconds")


def _dossier(raw: Mapping[str, Any]) -> Dossier:
    try:
        members = dict(raw)
        if "updated" in members:
            members["updated"] = datetime.fromisoformat(members["updated"])
        return Dossier(**members)
    except (TypeError, ValueError) as exc:
        raise UsageError("services.sdo.dossier", reason=str(exc)) from exc
