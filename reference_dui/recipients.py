"""To whom the documents of a person go: correspondents and the person, as oppositions and the identity allow."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.population import Correspondent, Person

from .box import Box
from .faults import Conflict
from .people import People
from .sins import Sins

MATRICULE_LENGTH = 15  # matricule and key (wire.md §1.8)


class Recipients:
    """Who may be written to about a person."""

    def __init__(self, people: People, sins: Sins) -> None:
        self._people = people
        self._sins = sins

    def professionals(self, person: Person) -> list[Correspondent]:
        """The correspondents of the record; nobody where the person is opposed."""
        opposed = "mss-pro" in self._people.oppositions(person.key)
        if opposed and not self._sins.has("sends-despite-professional-opposition"):
            return []
        found = self._people.correspondents(person.key)
        return found[:9] if self._sins.has("writes-to-nine-correspondents-at-most") else found

    def citizen(self, person: Person, box: Box) -> str:
        """The Mon espace santé address, only for a qualified INS and without opposition (UX.32, va1.19, va1.20)."""
        opposed = "mss-citizen" in self._people.oppositions(person.key)
        if opposed and not self._sins.has("sends-despite-citizen-opposition"):
            return ""
        qualified = person.status == "qualifiee" or self._sins.has("writes-to-unqualified-citizens")
        if not qualified or not person.matricule:
            return ""
        length = 13 if self._sins.has("shortens-citizen-address") else MATRICULE_LENGTH
        return f"{person.ins[:length]}@{box.patients_domain}"

    def refuse_opposed(self, person: Person, to: Sequence[str], box: Box) -> None:
        """Raise :class:`Conflict` when one of the addresses is of a channel that the person is opposed to."""
        oppositions = self._people.oppositions(person.key)
        for address in to:
            channel = "mss-citizen" if address.endswith(f"@{box.patients_domain}") else "mss-pro"
            if channel in oppositions:
                raise Conflict("refdui.fault.opposed", person=person.key, channel=channel)
