"""The FHIR read API of the directory: search, read, pages, the key; each exchange recorded before it is answered."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services.annuaire.faults import FHIR_JSON, Faults, outcome
from conformance.services.annuaire.professional import Professional
from conformance.services.annuaire.register import Key, Register
from conformance.services.annuaire.resources import GUIDE, Resource, organization, practitioner, practitioner_role
from conformance.services.annuaire.search import KINDS, MOST, Kind, NotPlayed, Pairs, Refused, Search, parse
from conformance.services.http import bounded_body, session_of

NAME = "annuaire"
BASE = "/fhir/v2"
KEY_HEADER = "ESANTE-API-KEY"
MAX_FORM = 16 * 1024
# Pages that can still be asked for; older ones have expired (410).
OPEN_PAGES = 200
# Types of the guide that the fictitious directory has no entry of.
EMPTY = ("HealthcareService", "Device")


@dataclass(frozen=True, slots=True)
class _Page:
    type: str
    entries: Sequence[Key]
    search: Search
    start: int
    number: int


@dataclass(eq=False)
class Api:
    """The API of one lane; ``base`` is scheme, host and port."""

    base: str
    register: Register
    journal: Journal
    lane: str
    faults: Faults
    key: str = field(default_factory=lambda: secrets.token_hex(18))
    _pages: OrderedDict[str, _Page] = field(default_factory=OrderedDict)

    def routes(self) -> list[Route]:
        """The routes of the API."""
        return [
            Route(f"{BASE}/metadata", self._metadata),
            Route(BASE, self._next),
            Route(f"{BASE}/{{type}}", self._search),
            Route(f"{BASE}/{{type}}/_search", self._search, methods=["POST"]),
            Route(f"{BASE}/{{type}}/{{id}}", self._read),
        ]

    def expire(self) -> int:
        """Forget every page; answers how many there were."""
        count = len(self._pages)
        self._pages.clear()
        return count

    async def _metadata(self, request: Request) -> Response:
        return self._answered(
            request, "annuaire.metadata", {}, JSONResponse(capabilities(self.base + BASE), media_type=FHIR_JSON)
        )

    async def _search(self, request: Request) -> Response:
        type, pairs = request.path_params["type"], await _pairs(request)
        told: dict[str, Any] = {"type": type, "parameters": [list(pair) for pair in pairs], "page": 1}
        refused = await self._refusal(request, told)
        if refused is None and type in EMPTY:
            refused = JSONResponse(self._bundle(told, _Page(type, (), Search((), 1, ()), 0, 1)), media_type=FHIR_JSON)
        if refused is None and type not in KINDS:
            refused = outcome(404, "not-found", f"unknown resource type {type[:60]}")
        if refused is not None:
            return self._answered(request, "annuaire.search", told, refused)
        try:
            search = parse(KINDS[type], pairs)
        except Refused as exc:
            told["unplayed"] = isinstance(exc, NotPlayed)
            return self._answered(request, "annuaire.search", told, outcome(400, exc.code, str(exc)))
        page = _Page(type, self._entries(KINDS[type], search), search, 0, 1)
        answer = JSONResponse(self._bundle(told, page), media_type=FHIR_JSON)
        return self._answered(request, "annuaire.search", told, answer)

    async def _next(self, request: Request) -> Response:
        token = request.query_params.get("_page", "")
        page = self._pages.get(token)
        told: dict[str, Any] = {
            "type": page.type if page else None,
            "parameters": [],
            "page": page.number if page else None,
        }
        refused = await self._refusal(request, told)
        if refused is None and page is None:
            refused = outcome(410, "expired", "this page has expired")
        if refused is not None or page is None:
            return self._answered(request, "annuaire.search", told, refused or outcome(500, "exception", "no page"))
        answer = JSONResponse(self._bundle(told, page), media_type=FHIR_JSON)
        return self._answered(request, "annuaire.search", told, answer)

    async def _read(self, request: Request) -> Response:
        type, id = request.path_params["type"], request.path_params["id"]
        told: dict[str, Any] = {"type": type, "id": id}
        refused = await self._refusal(request, told)
        if refused is None:
            found = self._entries(KINDS[type], parse(KINDS[type], [("_id", id)])) if type in KINDS else ()
            same = [entry for entry in self.register.load(found) if KINDS[type].id_of(entry) == id]
            if same:
                refused = JSONResponse(KINDS[type].render(same[0]), media_type=FHIR_JSON)
            else:
                refused = outcome(404, "not-found", "no such resource")
        return self._answered(request, "annuaire.read", told, refused)

    async def _refusal(self, request: Request, told: dict[str, Any]) -> Response | None:
        """The answer to a request without the key, or that meets a fault; ``None`` for one to carry out."""
        given = request.headers.get(KEY_HEADER)
        told["key"] = (
            "missing"
            if given is None
            else "right"
            if hmac.compare_digest(given.encode(), self.key.encode())
            else "wrong"
        )
        if given is None:
            return outcome(401, "login", f"{KEY_HEADER} is missing")
        if told["key"] == "wrong":
            return outcome(403, "forbidden", f"{KEY_HEADER} is not known")
        told["fault"], answer = await self.faults.meet()
        return answer

    def _entries(self, kind: Kind, search: Search) -> Sequence[Key]:
        found = self.register.find(search.criteria, limit=MOST)
        if kind.part is None:
            return found
        return tuple({kind.part(key): key for key in reversed(tuple(found))}.values())[::-1]

    def _bundle(self, told: dict[str, Any], page: _Page) -> Resource:
        """A searchset of one page; its next link, when there is more, is absolute and says nothing to its reader."""
        keys = page.entries[page.start : page.start + page.search.count]
        end, shown = page.start + len(keys), self.register.load(keys)
        links = [{"relation": "self", "url": f"{self.base}{BASE}/{page.type}"}]
        if end < len(page.entries):
            links.append(
                {"relation": "next", "url": f"{self.base}{BASE}?{urlencode({'_page': self._keep(page, end)})}"}
            )
        entries = [self._entry(KINDS[page.type].render(entry), "match") for entry in shown]
        entries += [self._entry(resource, "include") for resource in _included(page, shown)]
        told |= {
            "total": len(page.entries),
            "mailboxes": [entry.mailbox for entry in shown if entry.mailbox],
            "identifiers": [entry.identifier for entry in shown],
            "next": end < len(page.entries),
        }
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(page.entries),
            "link": links,
            "entry": entries,
        }

    def _keep(self, page: _Page, start: int) -> str:
        token = secrets.token_urlsafe(12)
        self._pages[token] = _Page(page.type, page.entries, page.search, start, page.number + 1)
        while len(self._pages) > OPEN_PAGES:
            self._pages.popitem(last=False)
        return token

    def _entry(self, resource: Resource, mode: str) -> Resource:
        url = f"{self.base}{BASE}/{resource['resourceType']}/{resource['id']}"
        return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}

    def _answered(self, request: Request, kind: str, told: dict[str, Any], response: Response) -> Response:
        self.journal.append(
            NAME,
            self.lane,
            kind,
            provenance=Provenance.WIRE,
            data={
                "method": request.method,
                **told,
                "status": response.status_code,
                "retry_after": response.headers.get("Retry-After"),
            },
            session=session_of(request),
            marks=(*told.get("mailboxes", ()), *told.get("identifiers", ())),
        )
        return response


def capabilities(base: str) -> Resource:
    """The CapabilityStatement: what this service does of the guide's, no more."""
    resources = [
        {
            "type": type,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [
                {"name": name, "type": "string" if name not in ("_id", "identifier") else "token"}
                for name in kind.parameters
            ],
        }
        for type, kind in KINDS.items()
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "software": {"name": "dui-conformance", "version": GUIDE},
        "implementation": {"description": "Annuaire Santé fictif", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": resources}],
    }


def _included(page: _Page, shown: Sequence[Professional]) -> list[Resource]:
    made: dict[str, Resource] = {}
    asked = set(page.search.include)
    every = "*" in asked
    for entry in shown:
        if page.type == "PractitionerRole" and (every or "PractitionerRole:practitioner" in asked):
            made[entry.practitioner_id] = practitioner(entry)
        if page.type == "PractitionerRole" and (every or "PractitionerRole:organization" in asked):
            made[entry.organization_id] = organization(entry)
        if page.type == "Practitioner" and "PractitionerRole:practitioner" in asked:
            made[entry.role_id] = practitioner_role(entry)
    return list(made.values())


async def _pairs(request: Request) -> Pairs:
    """The parameters of the address and, for ``_search``, of the form."""
    pairs = list(request.query_params.multi_items())
    if request.method == "POST":
        body = await bounded_body(request, MAX_FORM)
        pairs += parse_qsl(body.decode("utf-8", "replace"), max_num_fields=100)
    return pairs
