"""The calls that the product makes to INSi: which, in which order, under which credentials, and the trace of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.population import Person

from ..connections import Connections
from ..faults import MailFault
from ..national import trusting
from ..safe_xml import Element
from ..sins import Sins
from ..traces import Traces
from ..web_client import call
from . import envelope
from .calls import NO_ANSWER, InsiCalls
from .envelope import Told

SERVICE = "insi"
FOUND = "00"
# How often the results of a batch are asked for, and how long between two times, in seconds.
COLLECTIONS, PAUSE = 10, 0.1


class Teleservice:
    """INSi as the product's administrator set it up; without, :class:`~reference_dui.faults.NotFound`."""

    def __init__(self, connections: Connections, traces: Traces, sins: Sins, calls: InsiCalls) -> None:
        self._connections = connections
        self._traces = traces
        self._sins = sins
        self._calls = calls
        self._last_id = ""

    def search(self, who: str, person: Person, by: str, card: Mapping[str, Any]) -> Told:
        """Search a person's INS until an attempt finds it; answers the last."""
        told = Told("")
        for operation, body in self._attempts(person, by, card):
            told = self._ask(who, person.key, operation, body)
            if told.code == FOUND:
                break
        return told

    def verify(self, who: str, person: Person) -> str:
        """Have one identity verified; answers the code."""
        shape = self._connections.of(SERVICE)["verification"]
        body = envelope.verification(shape["namespace"], self._whole(person), person.first_name)
        return self._ask(who, person.key, shape["operation"], body).code

    def verify_batch(self, who: str, people: Sequence[Person]) -> Mapping[str, str]:
        """Have several identities verified at once; answers the code of each key that the service answered for in time."""
        shape = self._connections.of(SERVICE)["verification"]
        identities = {person.key: (self._whole(person), person.first_name) for person in people}
        keys = ", ".join(identities)
        deposited = self._ask(who, keys, shape["deposit"], envelope.batch(shape["namespace"], identities))
        for _ in range(COLLECTIONS if deposited.batch else 0):
            body = envelope.collection(shape["namespace"], deposited.batch)
            told = self._ask(who, keys, shape["collect"], body)
            if told.code == FOUND:
                return dict(told.verified)
            time.sleep(PAUSE)
        return {}

    def _attempts(self, person: Person, by: str, card: Mapping[str, Any]) -> Iterator[tuple[str, Element]]:
        """The requests of a search in their order: each given name, then all of them (wire.md §3.5)."""
        if by == "card":
            told = [str(card.get(name, "")) for name in ("matricule", "cle", "birth_name", "birth_date")]
            yield "rechercherInsAvecCarteVitale", envelope.by_card(*told)
            return
        fields = self._fields(person)
        each = [[name] for name in person.birth_first_names]
        every = list(person.birth_first_names)
        if self._sins.has("searches-with-every-name-at-once"):
            each = []
        tries = [*each, *([every] if len(every) > 1 or not each else [])]
        for first_names in tries:
            yield "rechercherInsAvecTraitsIdentite", envelope.by_traits(fields, first_names)

    def _ask(self, who: str, key: str, operation: str, body: Element) -> Told:
        settings = self._connections.of(SERVICE)
        message = envelope.request(
            operation,
            body,
            idam=settings["idam"],
            issuer=settings["issuer"],
            message_id=self._last_id if self._sins.has("repeats-the-message-id-of-insi") else "",
            context=not self._sins.has("forgets-the-software-context"),
        )
        self._last_id = message.partition(b"MessageID>")[2].partition(b"<")[0].decode()
        bare = self._sins.has("calls-insi-without-certificate")
        pair = ("", "") if bare else (settings["client_certificate_pem"], settings["client_key_pem"])
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{envelope.PREFIX}{operation}"'}
        trust = trusting(self._sins, settings["ca_pem"], pair)
        try:
            _, content = call("POST", settings["url"], settings["ca_pem"], data=message, headers=headers, **trust)
        except MailFault:
            self._calls.add(self._last_id, operation, NO_ANSWER)
            raise
        told = envelope.read(content)
        self._calls.add(self._last_id, operation, told.code)
        if not self._sins.has("leaves-no-trace-of-insi"):
            self._traces.add(who, f"insi.{operation}", key, self._last_id, told.code)
        return told

    def _whole(self, person: Person) -> dict[str, str]:
        return {"NumIdentifiant": person.matricule, "Cle": person.cle, "OID": person.oid, **self._fields(person)}

    def _fields(self, person: Person) -> dict[str, str]:
        return {
            "NomNaissance": person.birth_name,
            "Sexe": person.sex,
            "DateNaissance": person.birth_date,
            "LieuNaissance": person.birth_place,
        }
