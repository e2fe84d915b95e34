"""What arrives in a box during a scenario, and what a product is then asked to show of it."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conformance.bench.floor import Floor
from conformance.core.texts import say
from conformance.drivers import operations as ops
from conformance.population import Correspondent, Person


@dataclass(frozen=True)
class Post(Floor):
    """The inbound half of a stage."""

    def sender(self, box: str, role: str = "hopital", kind: str = "ORG") -> Any:
        """Somebody who writes to a box: what the generators of ``fixtures/inbound*.py`` start from."""
        who = self.people.correspondent(self.place, role, domain=self.here.correspondents_domain, kind=kind)
        return self.made("inbound").Post(self.people, who, box, self.today)

    def made(self, module: str) -> Any:
        """A module of generators, by its name in ``fixtures``."""
        return importlib.import_module(f"conformance._bundled.fixtures.{module}")

    def receive(
        self,
        box: str,
        inbound: Any,
        what: str,
        *,
        then: str,
        person: Person | None = None,
        denied: bool | None = None,
    ) -> Any:
        """Put a message in a box and say what should become of it.

        ``then`` is ``integrated`` (of itself), ``pending`` (for a person to decide), ``known`` (nothing new), ``withdrawn``
        (the document it names is shown as cancelled), ``refused`` (nothing is filed) or ``shown`` (mail without document).
        ``denied`` is whether INSi denies the identity that comes with it, where the scenario asks INSi.
        """
        self.deliver(box, inbound.raw, what)
        self.expect(
            "integration",
            marks=(inbound.message_id,),
            message_id=inbound.message_id,
            unique_id=inbound.unique_id,
            sha256=hashlib.sha256(inbound.cda).hexdigest() if inbound.cda else None,
            also=list(inbound.also),
            person=person.key if person else None,
            mailbox=box,
            then=then,
            denied=denied,
        )
        return inbound

    def fetch_all(self, box: str, *inbound: Any, needed: bool = True) -> None:
        """Ask the product to fetch its mail and wait for each message."""
        (self.perform if needed else self.attempt)(ops.FetchMail(box))
        for one in inbound:
            self.await_record("imap.fetch", one.message_id)

    def look(self, *people: Person) -> None:
        """Ask for what a user sees: both folders, the work list, the records, the traces. The product's word only."""
        self.attempt(ops.ReadMessages())
        self.attempt(ops.ReadInbox())
        for person in people:
            self.attempt(ops.ReadRecord(person.key))
        self.attempt(ops.ReadTraces())

    def read_counts(self) -> None:
        """Ask how many documents were received since today began (MSS/UX.16)."""
        self.attempt(ops.ReadReceptionCounts(self._day(0)))

    def read_unread(self) -> None:
        """Ask for the unread documents since yesterday, then since the day after tomorrow (MSS/UX.40)."""
        for days in (-1, 2):
            self.attempt(ops.ReadUnread(self._day(days)))

    def _day(self, days: int) -> str:
        return (datetime.fromisoformat(self.today) + timedelta(days=days)).date().isoformat()

    def observe(self, screen: str, **values: str) -> None:
        """Have a person look at a screen; its catalogue entries are ``screen.<name>`` and ``screen.<name>.expected``.

        What a person said is kept with the evidence, and whoever reviews the run reads it there. A product that is
        driven by its control API has no screen to show.
        """
        if self.driver.guided:
            instruction, expected = say(f"screen.{screen}", **values), say(f"screen.{screen}.expected", **values)
            self.attempt(ops.Observe(screen, instruction, expected))

    def item_of(self, inbound: Any) -> str:
        """The work list's own name of a received document; the message id where the product cannot say."""
        items = self.attempt(ops.ReadInbox()).body.get("items", [])
        named = [i for i in items if isinstance(i, dict) and i.get("message_id") == inbound.message_id]
        return str(named[0].get("id")) if named else str(inbound.message_id)

    def attach(self, inbound: Any, person: Person) -> None:
        """Attach a received document to a record, as a person would after comparing the traits."""
        self.attempt(ops.AttachDocument(self.item_of(inbound), person.key))

    def reject(self, inbound: Any) -> None:
        """Set a received document aside."""
        self.attempt(ops.RejectDocument(self.item_of(inbound)))

    def open_documents(self, person: Person, *inbound: Any) -> None:
        """Open received documents in a record, where the product can say which they are."""
        wanted = {one.unique_id for one in inbound}
        for document in self.attempt(ops.ReadRecord(person.key)).body.get("documents", []):
            if isinstance(document, dict) and document.get("unique_id") in wanted:
                self.attempt(ops.ReadDocument(str(document.get("id"))))

    def reply(self, box: str, to: Correspondent, message_id: str, references: tuple[str, ...]) -> None:
        """Answer a received message, and wait for the answer."""
        text = "Réponse fictive d'essai de conformité."
        self.expect_message(box, to.address, text=text, in_reply_to=message_id, references=list(references))
        self.perform(ops.SendMessage(box, (to.address,), text, subject="Re: Essai", in_reply_to=message_id))
        self.await_record("smtp.message", to.address)

    def acknowledge(self, box: str, to: Correspondent, message_id: str) -> None:
        """Open a received message that asks for a read receipt, and wait for the receipt."""
        self.expect("receipt", marks=(to.address,), to=to.address, original_message_id=message_id, mailbox=box)
        self.perform(ops.OpenMessage(box, message_id))
        self.await_record("smtp.message", to.address)
