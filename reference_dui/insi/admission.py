"""The record of a person whose identity came with a document: what of that identity may be believed.

Guide d'implémentation de l'INS, rule 30 (a qualified identity stays so if its sender is bound by a contract of trust) and
rule 51 (an identity that INSi denies is created without matricule, and changes nobody who is known).
"""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr

from conformance.population import IdentityStatus, Person

from ..correspondence import Correspondence
from ..header import header_of
from ..inbox import DENIED, Inbox, Item
from ..people import People
from ..settings import Settings
from ..sins import Sins
from ..traces import Traces


class Admission:
    """Creates people from what was received."""

    def __init__(
        self,
        people: People,
        inbox: Inbox,
        correspondence: Correspondence,
        settings: Settings,
        traces: Traces,
        sins: Sins,
    ) -> None:
        self._people = people
        self._inbox = inbox
        self._correspondence = correspondence
        self._settings = settings
        self._traces = traces
        self._sins = sins

    def trust(self, who: str, addresses: list[str]) -> None:
        """Keep the senders that a contract binds: these and no other."""
        self._settings.trusted_senders = frozenset(addresses)
        self._traces.add(who, "settings.trusted-senders", ", ".join(addresses))

    def admit(self, who: str, id: str, key: str) -> None:
        """Create the record of the person of a pending document; a missing trait raises :class:`~reference_dui.faults.Fault`."""
        item = self._inbox.pending(id)
        person = self._believed(key, item)
        self._people.save(key, person.as_json())
        self._traces.add(who, "person.admit", key, item.id, person.status)

    def _believed(self, key: str, item: Item) -> Person:
        header = header_of(self._inbox.content(item.id))
        traits = header.traits
        bare = Person(
            key=key,
            birth_name=traits.birth_name,
            birth_first_names=header.birth_first_names,
            birth_date=traits.birth_date,
            sex="M" if traits.sex == "M" else "F",
            birth_place=header.birth_place,
            status="provisoire",
            oid="",
        )
        received = traits.received(header.unique_id)
        if received is None or (item.reason == DENIED and not self._sins.has("admits-a-denied-matricule")):
            return bare
        status: IdentityStatus = "qualifiee" if self._trusted(item) or item.reason == DENIED else "recuperee"
        return replace(bare, matricule=received.matricule, cle=received.cle, oid=received.oid, status=status)

    def _trusted(self, item: Item) -> bool:
        if self._sins.has("trusts-every-sender"):
            return True
        message = self._correspondence.get(item.message)
        sender = parseaddr(message.sender)[1].lower() if message else ""
        return sender in self._settings.trusted_senders and not self._sins.has("trusts-no-sender")
