"""Who may be consulted about: the person's identity and choice, and the user's right, controlled each time (DMP/UX.08, UX.50)."""

from __future__ import annotations

from conformance.population import Person

from ..faults import Conflict, NotFound
from ..people import People
from ..sins import Sins
from ..traces import Traces
from .client import Client

CHANNEL = "dmp"


class Door:
    """The door of the DMP."""

    def __init__(self, people: People, traces: Traces, sins: Sins) -> None:
        self._people = people
        self._traces = traces
        self._sins = sins

    def admit(self, who: str, person: str, client: Client) -> Person:
        """A person whose record the user may consult now, having asked for the authorisation where it was missing."""
        about = self._people.get(person)
        if about.status != "qualifiee":
            raise Conflict("refdui.fault.not-qualified", person=person)
        if CHANNEL in self._people.oppositions(person) and not self._sins.has("consults-despite-opposition"):
            self._traces.add(who, "dmp.consult", person, "", "opposed")
            raise Conflict("refdui.fault.opposed", person=person, channel=CHANNEL)
        if self._sins.has("consults-without-testing"):
            return about
        rights = client.test(about)
        if not rights.authorised and self._sins.has("consults-despite-a-refusal"):
            return about
        if not rights.open:
            raise NotFound("refdui.fault.no-record", person=person)
        if not rights.authorised and not self._sins.has("never-asks-for-authorisation"):
            client.authorise(about, "AJOUT")
            self._traces.add(who, "dmp.authorise", person, rights.authorisation, "AJOUT")
        return about

    def admit_ahead(self, who: str, person: str, client: Client) -> Person:
        """The same before a visit."""
        if self._sins.has("preloads-without-the-right"):
            about = self._people.get(person)
            client.test(about)
            return about
        return self.admit(who, person, client)
