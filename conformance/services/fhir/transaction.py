"""A transaction carried out whole or not at all (FHIR R4, http.html#transaction, #trules).

Order: deletions, creations, updates, reads, whatever the order of the entries; the answer keeps the entries' order.
References to entries (by fullUrl, or by the type and id that the client gave) become those of the resources kept;
conditional references and conditional creations are resolved before anything changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from conformance.services.fhir.entries import TYPE, Step, read_step, read_steps
from conformance.services.fhir.outcome import FhirFault, Json
from conformance.services.fhir.repository import Repository, new_id
from conformance.services.fhir.search import Searches

# Called with each entry before it is carried out; raises FhirFault to refuse it.
Gate = Callable[[Step], None]
_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}


def _open(_step: Step) -> None:
    return


@dataclass
class Engine:
    """Carries out Bundles on a repository.

    ``interactions`` names the methods that entries may use; ``integrity`` refuses a reference that leads nowhere (left
    as it is otherwise, and told in :attr:`unresolved`); ``gate`` has the last word on each entry.
    """

    repository: Repository
    searches: Searches
    interactions: frozenset[str] = frozenset({"POST", "PUT", "DELETE", "GET"})
    integrity: bool = False
    gate: Gate = _open
    unresolved: list[str] = field(default_factory=list)

    def transaction(self, bundle: Mapping[str, Any]) -> Json:
        """The transaction-response; any fault leaves the repository as it was."""
        self.unresolved = []
        steps = read_steps(bundle)
        with self.repository.together():
            plan = _Plan(self, steps)
            done = {s.position: plan.carry_out(s) for s in sorted(steps, key=lambda s: _ORDER[s.method])}
        return {
            "resourceType": "Bundle",
            "type": "transaction-response",
            "entry": [done[step.position] for step in steps],
        }

    def batch(self, bundle: Mapping[str, Any]) -> Json:
        """The batch-response: each entry on its own (http.html#brules)."""
        self.unresolved = []
        entries = bundle.get("entry", [])
        answers = [self._alone(i, entry) for i, entry in enumerate(entries if isinstance(entries, list) else [])]
        return {"resourceType": "Bundle", "type": "batch-response", "entry": answers}

    def _alone(self, position: int, entry: Any) -> Json:
        try:
            step = read_step(position, entry)
            with self.repository.together():
                return _Plan(self, [step]).carry_out(step)
        except FhirFault as fault:
            return {"response": {"status": str(fault.status), "outcome": fault.outcome()}}


class _Plan:
    """One Bundle: which resource each entry becomes, known before anything is done."""

    def __init__(self, engine: Engine, steps: list[Step]) -> None:
        self._engine = engine
        self._ids: dict[int, str] = {}
        self._existing: dict[int, Json] = {}
        self._links: dict[str, str] = {}
        for step in steps:
            self._prepare(step)

    def _prepare(self, step: Step) -> None:
        if step.method not in self._engine.interactions:
            expression = f"{step.place}.request.method"
            raise FhirFault(405, "not-supported", "fhirserver.method", expression=expression, got=step.method)
        if step.resource is None or step.method not in ("POST", "PUT"):
            return
        found = self._matching(step)
        if found is not None:
            self._existing[step.position] = found
        id = found["id"] if found is not None else step.id or new_id()
        self._ids[step.position] = id
        target = f"{step.kind}/{id}"
        for link in filter(None, (step.full_url, _literal(step))):
            if self._links.setdefault(link, target) != target:
                raise FhirFault(400, "duplicate", "fhirserver.twice", expression=f"{step.place}.fullUrl", got=link)

    def _matching(self, step: Step) -> Json | None:
        """What a conditional creation or update meets; several is a 412 (http.html#ccreate)."""
        query = parse_qsl(step.if_none_exist.lstrip("?")) if step.method == "POST" else list(step.query)
        if not query:
            return None
        found = self._engine.searches.find(self._engine.repository, step.kind, query, strict=True)
        if len(found) > 1:
            raise FhirFault(412, "multiple-matches", "fhirserver.several", expression=step.place, count=len(found))
        return found[0] if found else None

    def carry_out(self, step: Step) -> Json:
        """Do what an entry asks; answers its entry of the response."""
        repository = self._engine.repository
        self._engine.gate(step)
        if step.method == "DELETE":
            repository.delete(step.kind, step.id)
            return {"response": {"status": "204 No Content"}}
        if step.method in ("GET", "HEAD"):
            return self._read(step)
        existing = self._existing.get(step.position)
        if step.method == "POST" and existing is not None:
            return answered(existing, "200 OK")
        resource = self._rewritten(step)
        if step.method == "POST":
            return answered(repository.create(resource, id=self._ids[step.position]), "201 Created")
        new = not repository.has(step.kind, self._ids[step.position])
        kept = repository.update(self._ids[step.position], resource)
        return answered(kept, "201 Created" if new else "200 OK")

    def _read(self, step: Step) -> Json:
        if step.id:
            found = self._engine.repository.get(step.kind, step.id)
            return {"resource": found, "response": {"status": "200 OK"}}
        answer = self._engine.searches.answer(self._engine.repository, "", step.kind, step.query)
        return {"resource": answer, "response": {"status": "200 OK"}}

    def _rewritten(self, step: Step) -> Json:
        """The resource, its references to other entries put right; the client's own is not touched."""
        changed: Json = self._walk(step.resource, step)
        return changed

    def _walk(self, value: Any, step: Step) -> Any:
        if isinstance(value, dict):
            return {
                name: self._link(inner, step)
                if name == "reference" and isinstance(inner, str)
                else self._walk(inner, step)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._walk(inner, step) for inner in value]
        # Elements of type uri or url that hold the fullUrl of an entry follow it too (http.html#trules).
        return self._links.get(value, value) if isinstance(value, str) and value.startswith("urn:uuid:") else value

    def _link(self, literal: str, step: Step) -> str:
        if literal.startswith("#"):
            return literal
        if literal in self._links:
            return self._links[literal]
        if "?" in literal:
            return self._conditional(literal, step)
        kind, _, id = literal.partition("/")
        if not (TYPE.fullmatch(kind) and self._engine.repository.has(kind, id)):
            self._engine.unresolved.append(f"{step.place}: {literal}")
            if self._engine.integrity and not literal.startswith(("http://", "https://")):
                raise FhirFault(
                    400, "not-found", "fhirserver.reference", expression=f"{step.place}.resource", got=literal
                )
        return literal

    def _conditional(self, literal: str, step: Step) -> str:
        kind, _, query = literal.partition("?")
        found = self._engine.searches.find(self._engine.repository, kind, parse_qsl(query), strict=True)
        if len(found) != 1:
            raise FhirFault(
                412, "multiple-matches", "fhirserver.conditional", expression=step.place, got=literal, count=len(found)
            )
        return f"{kind}/{found[0]['id']}"


def answered(resource: Json, status: str) -> Json:
    """The entry of a response that tells of one resource kept."""
    meta = resource["meta"]
    location = f"{resource['resourceType']}/{resource['id']}/_history/{meta['versionId']}"
    etag = f'W/"{meta["versionId"]}"'
    response = {"status": status, "location": location, "etag": etag, "lastModified": meta["lastUpdated"]}
    return {"resource": resource, "response": response}


def _literal(step: Step) -> str:
    """How a relative reference may name an entry: the type and id of its resource, as the client wrote them."""
    id = step.resource.get("id") if step.resource else None
    return f"{step.kind}/{id}" if isinstance(id, str) and id else ""
