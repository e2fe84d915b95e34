"""Acts with INSi: who is known there, setting the product up, what must then leave in documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import IdentityStatus, Person

SERVICE = "insi"
# The reading of a card that a search by Vitale card starts from.
CARD = ("matricule", "cle", "birth_name", "birth_date")


def connect(stage: Stage) -> None:
    """Have the product set up its connection to INSi."""
    # What an earlier scenario put wrong and nobody met.
    stage.act(SERVICE, "clear")
    stage.perform(ops.ConfigureService("insi", stage.service(SERVICE)))


def known(stage: Stage, role: str, *, status: IdentityStatus = "provisoire", spoilt: str = "") -> tuple[Person, Person]:
    """A person of the record with some status, and the same as INSi knows them (``spoilt``: a fault of its answer)."""
    here = stage.person(role, status=status)
    there = stage.people.person(stage.place, role)
    if status == "provisoire":
        # Typed with a blank where INSi has a hyphen: the value of INSi is then told apart from the typed one.
        stage.perform(ops.CorrectIdentity(here.key, {"birth_name": f"{there.birth_name} ESSAI"}))
        there = replace(there, birth_name=f"{there.birth_name}-ESSAI")
    tell(stage, there, spoilt=spoilt)
    stage.expect(
        "ins",
        marks=(there.matricule, there.ins),
        person=here.key,
        spoilt=spoilt,
        **{name: value for name, value in there.as_json().items() if name not in ("key", "status", "used_name")},
    )
    return here, there


def tell(stage: Stage, person: Person, *, spoilt: str = "", former: Sequence[Person] = ()) -> None:
    """Have INSi know a person, perhaps under former matricules; their dates come in the wrong order, as they may (wire.md §10)."""
    days = {"begins": "2020-01-01", "ends": "2010-01-01"}
    history = [{"matricule": f.matricule, "cle": f.cle, "oid": f.oid, **days} for f in former]
    stage.act(SERVICE, "know", identities=[{**person.as_json(), "spoilt": spoilt, "history": history}])


def forget(stage: Stage, person: Person) -> None:
    """Have INSi deny a person."""
    stage.act(SERVICE, "forget", matricule=person.matricule)


def search(stage: Stage, person: Person, there: Person, by: str = "traits") -> None:
    """Search the INS of a person, by the traits of the record or by a card; whatever comes is evidence."""
    card: dict[str, Any] = {name: getattr(there, name) for name in CARD} if by == "card" else {}
    stage.expect("ins-search", marks=(there.matricule,), person=person.key, by=by, matricule=there.matricule)
    stage.ask(ops.SearchIns(person.key, "card" if by == "card" else "traits", card))


def confirm(stage: Stage, person: Person) -> None:
    """Note that an identity card was seen."""
    stage.perform(ops.ConfirmIdentity(person.key, "carte nationale d'identité"))


def document_with(stage: Stage, person: Person, there: Person, box: str, role: str) -> None:
    """Validate a document of a person whose INS must be in it, as INSi tells it."""
    _document(stage, person, there, box, role, carried=True)


def document_without(stage: Stage, person: Person, there: Person, box: str, role: str) -> None:
    """Validate a document of a person whose INS must not be in it."""
    _document(stage, person, there, box, role, carried=False)


def trust(stage: Stage, *senders: str) -> None:
    """Have the product know which senders a contract of trust binds."""
    stage.perform(ops.SetTrustedSenders(senders))


def receive(stage: Stage, box: str, sender: Any, person: Person, *, denied: bool, here: Person | None = None) -> Any:
    """Deliver a document of a person, which must wait, and have it fetched; INSi is seen to verify its identity.

    ``here`` is the person of the record that the document could be taken for.
    """
    made = stage.made("inbound").kind(sender, person, "discharge")
    stage.receive(box, made, person.key, then="pending", person=here, denied=denied)
    stage.fetch_all(box, made)
    stage.control(f"verified-{person.key}", stage.await_record("insi.call", person.matricule))
    return made


def admit(stage: Stage, inbound: Any, person: Person) -> None:
    """Have a person created from the identity that came with a document."""
    stage.perform(ops.AdmitReceived(stage.item_of(inbound), person.key))


def _document(stage: Stage, person: Person, there: Person, box: str, role: str, *, carried: bool) -> None:
    doctor = stage.correspondent(role, of=person)
    stage.expect(
        "ins-carried",
        marks=(doctor.address,),
        to=doctor.address,
        carried=carried,
        matricule=there.ins,
        oid=there.oid,
        birth_name=there.birth_name,
        first_name=there.first_name,
        birth_date=there.birth_date,
    )
    stage.validate(person, box, to=(doctor,))
