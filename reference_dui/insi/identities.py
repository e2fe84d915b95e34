"""The life of an identity: what INSi, a document of trust or a correction make of its status (RNIV; wire.md §3.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.population import IdentityStatus, Person

from ..faults import Conflict, Fault, MailFault, NotFound
from ..people import People
from ..sins import Sins
from ..traces import Traces
from .attributes import Attributes
from .envelope import Told
from .history import History
from .statuses import Statuses
from .teleservice import FOUND, Teleservice

# The traits whose change takes the matricule away (RNIV, strict traits).
STRICT = ("birth_name", "birth_first_names", "birth_date", "sex", "birth_place")
LOCKED = {*STRICT, "matricule", "cle", "oid"}
_RETRIEVED: Mapping[IdentityStatus, IdentityStatus] = {"provisoire": "recuperee", "validee": "qualifiee"}
_CONFIRMED: Mapping[IdentityStatus, IdentityStatus] = {"provisoire": "validee", "recuperee": "qualifiee"}
_LOWERED: Mapping[IdentityStatus, IdentityStatus] = {"recuperee": "provisoire", "qualifiee": "validee"}
# Documents of high trust (RNIV, dispositifs à haut niveau de confiance); any other is noted and changes nothing.
TRUSTED = ("carte nationale d'identité", "passeport", "titre de séjour")
DENIED = "KO"
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class Identities:
    """What the product does with INSi."""

    def __init__(
        self,
        teleservice: Teleservice,
        people: People,
        attributes: Attributes,
        history: History,
        statuses: Statuses,
        traces: Traces,
        sins: Sins,
    ) -> None:
        self._teleservice = teleservice
        self._people = people
        self._attributes = attributes
        self._history = history
        self._statuses = statuses
        self._traces = traces
        self._sins = sins

    def search(self, who: str, key: str, by: str, card: Mapping[str, Any]) -> str:
        """Search a person's INS and take over what INSi says; answers its code."""
        person = self._people.get(key)
        if not self._sins.has("calls-insi-for-a-doubtful-identity"):
            self._attributes.refuse(key)
        if by == "card" and self._sins.has("ignores-the-vitale-card"):
            return ""
        told = self._teleservice.search(who, person, by, card)
        if told.code == FOUND and (self._usable(told) or self._sins.has("takes-an-incomplete-insi-answer")):
            if not self._sins.has("forgets-former-ins"):
                self._history.keep(key, told.former)
            self._statuses.save(who, person, self._taken(person, told))
            self._traces.add(who, "person.save", key, "insi", told.code)
        return told.code

    def verify(self, who: str, key: str) -> str:
        """Have INSi verify a local identity; a denial lowers it and takes the matricule away (SC.INS.43)."""
        person = self._people.get(key)
        self._attributes.refuse(key)
        code = self._teleservice.verify(who, person)
        if code != FOUND and code.isalpha() and not self._sins.has("keeps-the-matricule-after-a-denial"):
            self._lower(who, person)
        return code

    def verify_batch(self, who: str, keys: Sequence[str]) -> Mapping[str, str]:
        """Have INSi verify several local identities at once; each that it denies is lowered (règle 46)."""
        people = [self._people.get(key) for key in keys]
        if self._sins.has("verifies-no-batch"):
            return {}
        codes = self._teleservice.verify_batch(
            who, [p for p in people if p.matricule and not self._attributes.of(p.key)]
        )
        for person in people:
            if codes.get(person.key) == DENIED:
                self._lower(who, person)
        return codes

    def verify_received(self, who: str, person: Person) -> str:
        """Have INSi verify an identity that came with a document; without a teleservice, the empty code."""
        if self._sins.has("verifies-no-received-identity"):
            return ""
        known = any(p.ins == person.ins and p.status in ("recuperee", "qualifiee") for p in self._people.all())
        if known and not self._sins.has("verifies-known-identities-again"):
            return ""
        try:
            return self._teleservice.verify(who, person)
        except NotFound:
            return ""
        except MailFault as fault:
            self._traces.add(who, "insi.verify", person.key, response=str(fault))
            return ""

    def confirm(self, who: str, key: str, document: str) -> str:
        """A document was seen; answers the status, which one of high trust raises where no doubt forbids it."""
        person = self._people.get(key)
        raises = document in TRUSTED or self._sins.has("trusts-any-document")
        if self._attributes.of(key) and not self._sins.has("validates-a-doubtful-identity"):
            raises = False
        status = _CONFIRMED.get(person.status, person.status) if raises else person.status
        if status == "qualifiee" and self._sins.has("never-qualifies-an-identity"):
            status = person.status
        self._statuses.save(who, person, replace(person, status=status))
        self._traces.add(who, "person.confirm", key, document, status)
        return status

    def mark(self, who: str, key: str, attribute: str, *, marked: bool) -> None:
        """Put an attribute on an identity, which is then provisional without INS, or take it away."""
        person = self._people.get(key)
        self._attributes.put(who, key, attribute, marked=marked)
        if marked and not self._sins.has("keeps-the-status-of-a-doubtful-identity"):
            self._history.keep(key, [(person.matricule, person.cle, person.oid)])
            self._statuses.save(who, person, replace(person, status="provisoire", matricule="", cle="", oid=""))
        self._traces.add(who, "person.mark", key, attribute, "marked" if marked else "lifted")

    def correct_as_user(self, who: str, key: str, traits: Mapping[str, Any]) -> None:
        """Change traits without a special right: those that come from INSi are locked (règle 26)."""
        locked = self._people.get(key).status in ("recuperee", "qualifiee") and set(traits) & LOCKED
        if locked and not self._sins.has("lets-anybody-change-strict-traits"):
            raise Conflict("refdui.fault.identity-locked", person=key, trait=", ".join(sorted(locked)))
        self.correct(who, key, traits)

    def correct(self, who: str, key: str, traits: Mapping[str, Any]) -> None:
        """Change traits; a strict one lowers the status and takes matricule and OID away (SC.INS.15B)."""
        person = self._people.get(key)
        raw = person.as_json()
        if unknown := set(traits) - set(raw):
            raise Fault("refdui.fault.wrong-trait", trait=", ".join(sorted(unknown)))
        changed = any(name in traits and list_or(traits[name]) != list_or(raw[name]) for name in STRICT)
        self._people.save(key, {**raw, **traits})
        if changed and not self._sins.has("keeps-the-matricule-after-a-strict-change"):
            self._lower(who, self._people.get(key))
        self._traces.add(who, "person.save", key, ", ".join(sorted(traits)))

    def history(self, who: str, key: str) -> list[dict[str, Any]]:
        """The INS that a person had."""
        self._people.get(key)
        self._traces.add(who, "person.read", key, "history")
        return self._history.of(key)

    def status_history(self, who: str, key: str) -> list[dict[str, Any]]:
        """How the status of a person's identity changed."""
        self._people.get(key)
        self._traces.add(who, "person.read", key, "statuses")
        return self._statuses.of(key)

    def _lower(self, who: str, person: Person) -> None:
        self._history.keep(person.key, [(person.matricule, person.cle, person.oid)])
        bare = replace(person, status=_LOWERED.get(person.status, person.status), matricule="", cle="", oid="")
        self._statuses.save(who, person, bare)
        self._traces.add(who, "person.lower", person.key, person.status, bare.status)

    def _usable(self, told: Told) -> bool:
        """Whether an answer may be taken over: no empty trait, a real date (INS/va1.28, va1.31)."""
        return bool(told.name and told.first_names and told.sex and told.matricule and _DATE.fullmatch(told.birth_date))

    def _taken(self, person: Person, told: Told) -> Person:
        """The identity with INSi's values in place of the typed ones (INS/va1.52)."""
        status = _RETRIEVED.get(person.status, person.status)
        if status == "recuperee" and self._sins.has("calls-a-retrieved-identity-qualified"):
            status = "qualifiee"
        numbers = {"matricule": told.matricule, "cle": told.cle, "oid": told.oid, "status": status}
        if told.former and self._sins.has("takes-a-former-ins"):
            numbers |= dict(zip(("matricule", "cle", "oid"), told.former[-1], strict=True))
        if self._sins.has("keeps-typed-traits-after-insi"):
            return replace(person, **numbers)  # type: ignore[arg-type]
        return replace(
            person,
            birth_name=told.name or person.birth_name,
            birth_first_names=told.first_names or person.birth_first_names,
            birth_date=told.birth_date if _DATE.fullmatch(told.birth_date) else person.birth_date,
            birth_place=told.birth_place or person.birth_place,
            **numbers,  # type: ignore[arg-type]
        )


def list_or(value: Any) -> Any:
    """A trait as it is compared: sequences of names alike."""
    return list(value) if isinstance(value, list | tuple) else value
