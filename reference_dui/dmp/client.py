"""The transactions of the DMP, each one call in the name of the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from conformance.population import Person

from ..connections import Connections
from ..psc.exchange import Exchanges
from ..sins import Sins
from . import requests, submission
from .assertion import assertion
from .link import Link, User
from .secrecy import Secrecy
from .wire import Answer, DmpFault, Parts, call, registry_errors

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
XDSB = "urn:ihe:iti:xds-b:2007"
ENTRY_UNIQUE = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
TYPE_CODE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
# Codes that say « later » rather than « no » (IHE ITI TF-3, table 4.2.4.1-2).
BUSY = frozenset({"XDSRegistryBusy", "XDSRepositoryBusy", "XDSRegistryNotAvailable"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What TD0.2 said: state of the record, and the word on the user's authorisation."""

    state: str
    authorisation: str

    @property
    def open(self) -> bool:
        """Whether documents may be fed: there is an open record and the person blocks nobody here."""
        return self.state == "open" and self.authorisation != "INTERDITE"

    @property
    def authorised(self) -> bool:
        """Whether the user may consult now."""
        return self.state == "open" and self.authorisation == "VALIDE"


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of the DMP as a search gives it."""

    entry: str
    unique_id: str
    title: str
    type_code: str
    created: str
    status: str
    version: str
    element: etree._Element

    def shown(self, *, held: bool) -> dict[str, Any]:
        """What a user sees of it; ``held``: the record has it."""
        told = {name: getattr(self, name) for name in ("unique_id", "title", "type_code", "created")}
        return {**told, "held": held}


class Client:
    """Calls the DMP, in the name of the user that the administrator set or of an account that is logged in."""

    def __init__(
        self,
        connections: Connections,
        sins: Sins,
        exchanges: Exchanges | None = None,
        account: str = "",
        secrecy: Secrecy | None = None,
    ) -> None:
        self._connections = connections
        self._sins = sins
        self._exchanges = exchanges
        self._account = account
        self._secrecy = secrecy

    def of(self, account: str) -> Client:
        """The same, in the name of an account; the one that the administrator set where it is empty."""
        if not account:
            return self
        return Client(self._connections, self._sins, self._exchanges, account, self._secrecy)

    @property
    def link(self) -> Link:
        """The connection as it is set now; raises when nobody set it."""
        link = Link.of(self._connections.of("dmp"))
        if not (self._account and self._exchanges) or self._sins.has("names-another-than-who-is-logged-in"):
            return link
        session = self._exchanges.sessions.of(self._account)
        return replace(link, user=User(session.identifier, session.name, session.first_name))

    def test(self, person: Person) -> Rights:
        """TD0.2."""
        action = "urn:hl7-org:v3:PRPA_IN201307UV02"
        answer = self._call("patients", action, person, requests.test_of_existence(person))
        return Rights(*requests.read_test(answer.body))

    def authorise(self, person: Person, action: str) -> None:
        """TD0.3."""
        name = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
        self._call("habilitations", name, person, requests.set_authorisation(action))

    def feed(self, spec: Any, cda: bytes, *, with_structure: bool = False) -> None:
        """TD2.1; a document that the DMP holds already was accepted before, though no answer told us.

        ``with_structure`` makes the structure an author beside the person.
        """
        made = submission.feeding(self.link, spec, cda, self._sins, with_structure=with_structure)
        action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
        answer = self._call("repository", action, spec.person, made.body, made.parts)
        codes = registry_errors(answer.body)
        if codes and codes != ["XDSDuplicateUniqueIdInRegistry"]:
            raise _refused(codes)

    def find(self, person: Person, criteria: Mapping[str, Sequence[str]]) -> list[Listed]:
        """TD3.1, FindDocuments."""
        return self._search(person, requests.find_documents(person, criteria))

    def get(self, person: Person, unique_id: str) -> Listed | None:
        """TD3.1, GetDocuments."""
        found = self._search(person, requests.get_documents([unique_id]))
        return found[0] if found else None

    def retrieve(self, person: Person, unique_id: str) -> bytes:
        """TD3.2."""
        body = requests.retrieve(self.link.repository_id, [unique_id])
        answer = self._call("repository", "urn:ihe:iti:2007:RetrieveDocumentSet", person, body)
        if codes := registry_errors(answer.body):
            raise _refused(codes)
        held = answer.body.find(f"{{{XDSB}}}DocumentResponse/{{{XDSB}}}Document")
        return b"" if held is None else answer.included(held)

    def change_status(self, spec: Any, entry: str, before: str, after: str) -> None:
        """TD3.3c and TD3.3d."""
        self._update(spec, submission.status_change(spec, entry, before, after))

    def change_visibility(self, spec: Any, listed: Listed, visibility: tuple[str, ...]) -> None:
        """TD3.3a and TD3.3b."""
        self._update(spec, submission.metadata_change(spec, listed.element, listed.version, visibility))

    def _update(self, spec: Any, made: submission.Made) -> None:
        answer = self._call("registry", "urn:ihe:iti:2010:UpdateDocumentSet", spec.person, made.body)
        if codes := registry_errors(answer.body):
            raise _refused(codes)

    def _search(self, person: Person, body: etree._Element) -> list[Listed]:
        answer = self._call("registry", "urn:ihe:iti:2007:RegistryStoredQuery", person, body)
        if codes := registry_errors(answer.body):
            raise _refused(codes)
        return [_listed(entry) for entry in answer.body.iter(f"{{{RIM}}}ExtrinsicObject")]

    def _call(self, place: str, action: str, person: Person, body: etree._Element, parts: Parts = ()) -> Answer:
        link = self.link
        bearer = ""
        if self._account and self._exchanges and link.exchange:
            bearer = self._exchanges.bearer(self._account, link)
        secret = self._secrecy is not None and self._secrecy.of(person.key)
        token = assertion(link, person, self._sins, secret=secret)
        return call(link, place, action, token, body, parts, sins=self._sins, bearer=bearer)


def _refused(codes: list[str]) -> DmpFault:
    return DmpFault(
        "refdui.fault.dmp-refused", reason_code=codes[0], transient=codes[0] in BUSY, detail=", ".join(codes)[:500]
    )


def _listed(entry: etree._Element) -> Listed:
    name = entry.find(f"{{{RIM}}}Name/{{{RIM}}}LocalizedString")
    version = entry.find(f"{{{RIM}}}VersionInfo")
    types = [c for c in entry.iterfind(f"{{{RIM}}}Classification") if c.get("classificationScheme") == TYPE_CODE]
    ids = [e for e in entry.iterfind(f"{{{RIM}}}ExternalIdentifier") if e.get("identificationScheme") == ENTRY_UNIQUE]
    created = entry.findtext(f"{{{RIM}}}Slot[@name='creationTime']/{{{RIM}}}ValueList/{{{RIM}}}Value")
    return Listed(
        entry=entry.get("id", ""),
        unique_id=ids[0].get("value", "") if ids else "",
        title="" if name is None else name.get("value", ""),
        type_code=types[0].get("nodeRepresentation", "") if types else "",
        created=created or "",
        status=entry.get("status", ""),
        version="1" if version is None else version.get("versionName", "1"),
        element=entry,
    )
