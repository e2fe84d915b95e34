"""What a scenario stands on: the product, the simulated services and the people of its lane.

A scenario is an ordinary pytest test that takes the ``stage`` fixture::

    @pytest.mark.scenario("mss.send-plain")
    def test_a_plain_message_reaches_a_colleague(stage: Stage) -> None:
        box = stage.mailbox("PER")
        stage.say_hello(box)

It acts and waits; it never judges. The checks do, on the evidence.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.bench.post import Post
from conformance.drivers import operations as ops
from conformance.population import Correspondent, Person

# A document that any DUI writes: projet personnalisé d'accompagnement (JDV_J07, LOINC 80788-3; dui-rem.md §4).
TYPE_CODE = "80788-3"
TITLE = "Projet personnalisé d'accompagnement"
TEXT = "Document fictif produit pour un essai de conformité. Aucune donnée réelle."


@dataclass(frozen=True, slots=True)
class Delivered:
    """An inbound message that the bench put in a box."""

    message_id: str
    unique_id: str
    sha256: str


@dataclass(frozen=True)
class Stage(Post):
    """The acts that scenarios share."""

    def say_hello(self, box: str, *, read_receipt: bool = False) -> Correspondent:
        """A plain message from a box to a colleague, and the wait for it."""
        colleague = self.correspondent("collegue")
        text = "Message fictif d'essai de conformité."
        self.expect_message(box, colleague.address, text=text, read_receipt=read_receipt)
        self.perform(ops.SendMessage(box, (colleague.address,), text, subject="Essai", read_receipt=read_receipt))
        self.await_record("smtp.message", colleague.address)
        return colleague

    def write(self, box: str, *to: str, reachable: bool = True) -> None:
        """One plain message from a box to several addresses, and the wait for each; whatever the product answers.

        ``reachable`` false is for addresses that the operator refuses for good.
        """
        text = "Message fictif d'essai de conformité."
        for address in to if reachable else ():
            self.expect_message(box, address, text=text)
        self.attempt(ops.SendMessage(box, to, text, subject="Essai"))
        for address in to if reachable else ():
            self.await_record("smtp.message", address)

    def troubled(self, fault: str, role: str = "collegue") -> str:
        """The address of a correspondent to whom the operator shows a fault, by the name of the mailbox."""
        return f"{fault}.{self.correspondent(role).address}"

    def fetch(self, box: str, *, needed: bool = True) -> None:
        """Ask the product to fetch its mail; ``needed`` says whether the scenario makes sense without it."""
        (self.perform if needed else self.attempt)(ops.FetchMail(box))

    def validate(
        self,
        person: Person,
        box: str,
        *,
        to: Sequence[Correspondent] = (),
        citizen: bool = False,
        replaces: str | None = None,
        type_code: str = TYPE_CODE,
        sections: Sequence[Mapping[str, str]] = (),
    ) -> str:
        """Write and validate a document in a record; wait for each message that must follow. Answers its id."""
        wanted = [(c.address, "professional") for c in to]
        if citizen:
            wanted.append((self.citizen_address(person), "citizen"))
        for address, audience in wanted:
            self.expect_message(
                box, address, audience=audience, person=person, document=True, type_code=type_code, replaces=replaces
            )
        before = self.now()
        outcome = self.perform(
            ops.ValidateDocument(
                person=person.key,
                mailbox=box,
                type_code=type_code,
                title=TITLE,
                text=TEXT if replaces is None else TEXT + " Version corrigée.",
                act_date=self.today,
                replaces=replaces,
                sections=tuple(sections),
            )
        )
        for address, _ in wanted:
            self.await_record("smtp.message", address, after=before)
        return str(outcome.body.get("document", ""))

    def validated_and_seen(
        self, person: Person, box: str, *, to: Sequence[Correspondent] = (), citizen: bool = False
    ) -> Mapping[str, Any] | None:
        """Validate a document whose message must be seen; answers the record of that message, or ``None``."""
        self.validate(person, box, to=to, citizen=citizen)
        address = to[0].address if to else self.citizen_address(person)
        return self.await_record("smtp.message", address)

    def send_by_hand(
        self, person: Person, box: str, to: Correspondent, documents: Sequence[str], *, read_receipt: bool = False
    ) -> None:
        """Send validated documents of a person to somebody by hand, and wait for the message."""
        self.expect_message(box, to.address, person=person, document=True, read_receipt=read_receipt)
        text = "Documents fictifs d'essai de conformité."
        one, several = (documents[0], ()) if len(documents) == 1 else (None, tuple(documents))
        self.perform(
            ops.SendMessage(
                box,
                (to.address,),
                text,
                person=person.key,
                document=one,
                documents=several,
                read_receipt=read_receipt,
            )
        )
        self.await_record("smtp.message", to.address)

    def write_to_citizen(self, person: Person, box: str, *, no_reply: bool) -> None:
        """A message of words to a person, saying or not that no answer is wanted, and the wait for it."""
        address, text = self.citizen_address(person), "Message fictif d'essai de conformité."
        self.expect_message(box, address, audience="citizen", person=person, text=text, no_reply=no_reply)
        before = self.now()
        self.perform(ops.SendMessage(box, (address,), text, subject="Essai", person=person.key, no_reply=no_reply))
        self.await_record("smtp.message", address, after=before)

    def oppose(self, person: Person, channel: ops.Channel) -> None:
        """Record a person's opposition to a channel."""
        self.perform(ops.RecordOpposition(person.key, channel, opposed=True))

    def expect_nothing(self, to: str, *, audience: str, why: str) -> None:
        """Say that no message may leave for an address."""
        self.expect("no-message", marks=(to,), to=to, audience=audience, why=why)

    def expect_withheld(self, person: Person) -> None:
        """Say that the matricule of a person whose identity is not qualified may leave in nothing, where they have one."""
        if person.matricule:
            told = {"person": person.key, "matricule": person.matricule, "birth_name": person.birth_name}
            self.expect("ins-withheld", marks=(person.key,), **told)

    def deliver_document(self, box: str, person: Person) -> Delivered:
        """Put in a box a message that carries an N1 document of a person."""
        inbound = importlib.import_module("conformance._bundled.fixtures.inbound")
        sender = self.people.correspondent(self.place, "hopital", domain=self.here.correspondents_domain, kind="ORG")
        made = inbound.n1_transmission(
            person=person, sender=sender, recipient=box, people=self.people, today=self.today
        )
        self.deliver(box, made.raw, "n1")
        delivered = Delivered(made.message_id, made.unique_id, hashlib.sha256(made.cda).hexdigest())
        self.expect(
            "integration",
            marks=(made.message_id,),
            message_id=made.message_id,
            unique_id=made.unique_id,
            sha256=delivered.sha256,
            person=person.key,
            mailbox=box,
            then="integrated",
        )
        return delivered
