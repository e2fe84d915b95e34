"""The acts of the product on the shared record of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.population import Person

from .. import writing
from ..connections import Connections
from ..faults import Conflict, MailFault, NotFound
from ..files.shelf import Shelf
from ..header import header_of
from ..library import Library
from ..people import People
from ..psc.exchange import Exchanges
from ..sins import Sins
from ..store import Store
from ..tddui.records import Records
from ..traces import Traces
from .authors import GoneAuthors
from .choices import Choices
from .client import Client
from .codes import ARCHIVED, DELETED
from .door import CHANNEL, Door
from .errands import Errands
from .history import History
from .preloading import Preloading
from .queue import Queue
from .rate import HistoryRate
from .secrecy import Secrecy
from .watch import Watch


class Record:
    """Feeding, correcting and consulting."""

    def __init__(
        self,
        store: Store,
        connections: Connections,
        people: People,
        library: Library,
        traces: Traces,
        sins: Sins,
        exchanges: Exchanges,
        shelf: Shelf,
    ) -> None:
        self._shelf = shelf
        self._connections = connections
        self._people = people
        self._library = library
        self._traces = traces
        self._sins = sins
        self.secrecy = Secrecy(store)
        self.client = Client(connections, sins, exchanges, secrecy=self.secrecy)
        self._door = Door(people, traces, sins)
        self.gone_authors = GoneAuthors(store)
        self.queue = Queue(store, traces, self._send)
        self.choices = Choices(store)
        self.errands = Errands(traces)
        self.rate = HistoryRate(people, Records(store), library, self.queue, sins)
        self.history = History(store, people, library, self.queue, self.errands, traces, sins)
        self.watch = Watch(store, self.client, library, self.choices, self.errands, sins)
        self.preloading = Preloading(store, self.client, self.choices, self.errands, traces, sins, self._door)

    @property
    def idle(self) -> bool:
        """Nothing waits to be fed, nothing is asked behind a user's back."""
        return self.queue.idle and self.errands.idle

    def start(self) -> None:
        """Start working in the background."""
        self.queue.start()
        self.errands.start()

    def stop(self) -> None:
        """Finish what is in progress."""
        self.errands.stop()
        self.queue.stop()

    # --- feeding ----------------------------------------------------------------------------------------------

    def validated(self, who: str, document: str) -> None:
        """A document was validated: it goes to the DMP of itself where it may (SC.DMP.01.MS1)."""
        person = self._people.get(self._library.get(document).person)
        if not self._connected or person.status != "qualifiee" or self._sins.has("never-feeds-the-dmp"):
            return
        if self._opposed(person):
            self._traces.add(who, "dmp.feed", document, person.key, "opposed")
            return
        self.queue.add(document, person.key, who)
        if self._sins.has("waits-for-the-dmp"):
            self.queue.wait()

    def feed(self, who: str, document: str) -> None:
        """Feed a document of the record by hand, if the INS is qualified and the person does not object (DMP/HISTO.05)."""
        person = self._library.spec_of(document).person
        if self._people.get(person.key).status != "qualifiee":
            raise Conflict("refdui.fault.not-qualified", person=person.key)
        if self._opposed(person):
            raise Conflict("refdui.fault.opposed", person=person.key, channel=CHANNEL)
        self.queue.add(document, person.key, who)
        self.queue.again(document)
        if self._sins.has("feeds-more-than-was-chosen"):
            # After the one that was chosen, so that this sin alone shows.
            self.queue.wait()
            for other in self._library.of_person(person.key):
                self.queue.again(other.id)

    def _send(self, document: str, who: str) -> str:
        """Feed one document now; answers the state it is in afterwards."""
        spec, cda = self._library.spec_of(document), self._library.bytes_of(document)
        if self._opposed(spec.person):
            return "held"
        try:
            return self._fed(spec, cda)
        except MailFault as fault:
            if self._sins.has("gives-up-when-the-dmp-is-away"):
                return "failed"
            self._traces.add(who, "dmp.feed", document, spec.person.key, str(fault))
            raise

    def _fed(self, spec: Any, cda: bytes) -> str:
        if not self._sins.has("feeds-without-testing") and not self.client.test(spec.person).open:
            return "held"
        if self._sins.has("asks-for-authorisation-to-feed"):
            self.client.authorise(spec.person, "AJOUT")
        if self._sins.has("numbers-a-document-anew-at-each-attempt"):
            spec = replace(spec, unique_id=writing.new_oid())
            cda = writing.write(spec, self._sins)[1]
        self.client.feed(spec, cda, with_structure=spec.author.identifier in self.gone_authors)
        if self._sins.has("feeds-a-document-twice"):
            again = replace(spec, unique_id=writing.new_oid(), set_id=writing.new_oid())
            self.client.feed(again, writing.write(again, self._sins)[1])
        return "fed"

    # --- corrections ------------------------------------------------------------------------------------------

    def delete(self, who: str, document: str) -> None:
        """Take a document that the product fed out of the DMP (TD3.3c)."""
        self._change_status(who, document, DELETED, "dmp.delete")
        self.queue.settle(document, "deleted")

    def archive(self, who: str, document: str) -> None:
        """Archive a document that the product fed (TD3.3d)."""
        self._change_status(who, document, ARCHIVED, "dmp.archive")

    def show(self, who: str, document: str, visibility: Sequence[str]) -> None:
        """Change from whom a document that the product fed is hidden (TD3.3a, TD3.3b)."""
        spec = self._own(document)
        listed = self.client.get(spec.person, spec.unique_id)
        if listed is None:
            raise NotFound("refdui.fault.no-document", document=document)
        self.client.change_visibility(spec, listed, ("N", *visibility))
        self._traces.add(who, "dmp.visibility", document, ", ".join(visibility), listed.entry)

    def _change_status(self, who: str, document: str, status: str, action: str) -> None:
        spec = self._own(document)
        listed = self.client.get(spec.person, spec.unique_id)
        if listed is None:
            raise NotFound("refdui.fault.no-document", document=document)
        if self._sins.has("archives-instead-of-deleting"):
            status = ARCHIVED
        self.client.change_status(spec, listed.entry, listed.status, status)
        self._traces.add(who, action, document, listed.entry, status)

    def _own(self, document: str) -> Any:
        if self.queue.state_of(document) != "fed":
            raise Conflict("refdui.fault.not-fed", document=document)
        return self._library.spec_of(document)

    # --- consultation -----------------------------------------------------------------------------------------

    def consult(
        self, who: str, person: str, criteria: Mapping[str, Sequence[str]], account: str = ""
    ) -> list[dict[str, Any]]:
        """The documents of a person's record in the DMP; asks for the user's authorisation where it is missing.

        ``account`` is one that is logged in: the DMP is then called in that person's name.
        """
        client = self.client.of(account)
        about = self._door.admit(who, person, client)
        wanted = {} if self._sins.has("searches-without-criteria") else criteria
        found = client.find(about, wanted)
        if self._sins.has("shows-the-first-document-only"):
            found = found[:1]
        self._traces.add(who, "dmp.consult", person, ", ".join(sorted(criteria)), str(len(found)))
        return [one.shown(held=self._library.by_unique_id(one.unique_id) is not None) for one in found]

    def integrate(self, who: str, person: str, unique_id: str) -> dict[str, Any]:
        """Bring a document of the DMP into the record; one that is there already is told, and not fetched again."""
        held = self._library.by_unique_id(unique_id)
        if held is not None and not self._sins.has("fetches-what-it-holds"):
            self._traces.add(who, "dmp.read", unique_id, person, "already held")
            return {"document": held.id, "already": True}
        about = self._door.admit(who, person, self.client)
        content = self.preloading.copy(unique_id) or self.client.retrieve(about, unique_id)
        if held is not None:
            return {"document": held.id, "already": False}
        if not self._sins.has("keeps-infected-documents-of-the-dmp"):
            self._shelf.look(who, unique_id, header_of(content).pdf)
        if self._sins.has("rewrites-what-it-integrates"):
            content += b"\n"
        document = self._library.keep_received(person, header_of(content), content, "", origin="dmp")
        self._traces.add(who, "dmp.read", unique_id, person, document)
        return {"document": document, "already": False}

    def opened(self, person: str) -> None:
        """A user opened the record: what may be known of the DMP is looked for behind (DMP/UX.07)."""
        about = self._people.get(person)
        if self._connected and about.status == "qualifiee" and CHANNEL not in self._people.oppositions(person):
            self.watch.opened(about)

    def address(self, who: str, function: str, person: str | None) -> str:
        """Where the browser is sent for a function of the DMP's web access (TD0.9)."""
        base = self.client.link.web_url
        self._traces.add(who, "dmp.web", function, person or "")
        if person is None:
            return f"{base}/{function}"
        about = self._people.get(person)
        if about.status != "qualifiee" and not self._sins.has("opens-the-record-of-anybody"):
            raise Conflict("refdui.fault.not-qualified", person=person)
        if self._sins.has("opens-the-web-access-of-nobody"):
            return f"{base}/{function}"
        return f"{base}/{function}/{about.ins or about.matricule}"

    @property
    def _connected(self) -> bool:
        try:
            return bool(self._connections.of(CHANNEL))
        except NotFound:
            return False

    def _opposed(self, person: Person) -> bool:
        return CHANNEL in self._people.oppositions(person.key) and not self._sins.has("feeds-despite-dmp-opposition")
