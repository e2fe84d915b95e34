"""Acts with the DMP: who has a record there, what the product feeds, corrects, consults and opens."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from conformance.bench.stage import TEXT, TITLE, TYPE_CODE, Stage
from conformance.drivers import operations as ops
from conformance.population import Correspondent, IdentityStatus, Person

SERVICE: Final = "dmp"
# ``1`` + a FINESS of no department: the structure of what others fed.
OTHER_STRUCTURE = "1990000010"


@dataclass(frozen=True, slots=True)
class Found:
    """A document that others fed: its unique id and the digest of its bytes."""

    unique_id: str
    sha256: str


def connect(stage: Stage, *, user: int = 0, exchange: bool = False, renewed: bool = False) -> str:
    """Have the product set up the DMP in the name of one of the bench's professionals; answers who that is.

    ``exchange``: calls need a token of the authorization server, which is set up too. ``renewed``: with the client certificate
    that follows the first.
    """
    # What an earlier scenario put wrong and nobody met.
    stage.act(SERVICE, "clear")
    if exchange:
        stage.act(SERVICE, "tokens", needed=True)
    given = settings(stage, user=user, exchange=exchange, renewed=renewed)
    stage.perform(ops.ConfigureService(SERVICE, given))
    return str(given["user"]["identifier"])


def settings(stage: Stage, *, user: int = 0, exchange: bool = False, renewed: bool = False) -> dict[str, Any]:
    """What the product is given to reach the DMP (:func:`connect`)."""
    given = dict(stage.service(SERVICE))
    chosen, after = given.pop("users")[user], given.pop("renewed")
    if not exchange:
        given.pop("exchange")
    return {**given, **(after if renewed else {}), "user": chosen}


def holder(
    stage: Stage,
    role: str,
    user: str,
    *,
    state: str = "open",
    authorisation: str = "none",
    status: IdentityStatus = "qualifiee",
    **other: str,
) -> Person:
    """A person of the run whom the DMP knows, and the product too; ``other`` are traits that the DMP has otherwise.

    The person does not object, and the product is told: one that collects the non-opposition first waits for it, before it
    feeds (REM, DMP/CONF.09) or consults (DMP/CONF.06). A product that has no such gesture needs none.
    """
    person = stage.person(role, status=status)
    stage.attempt(ops.RecordOpposition(person.key, "dmp", opposed=False))
    traits = {**person.as_json(), **other}
    stage.act(SERVICE, "patient", ins=person.ins, oid=person.oid, state=state, traits=traits)
    stage.act(SERVICE, "authorise", ins=person.ins, state=authorisation, holder=user)
    stage.expect("dmp-user", marks=(person.ins, person.matricule), matricule=person.ins, user=user)
    return person


def feed(
    stage: Stage,
    person: Person,
    box: str,
    *,
    replaces: str | None = None,
    visibility: Sequence[str] = (),
    type_code: str = TYPE_CODE,
    days_ago: int = 0,
    body: str = "n1",
    author: Correspondent | None = None,
    wait: bool = True,
) -> tuple[str, Mapping[str, Any] | None]:
    """Validate a document that must go to the DMP; answers its id and the record of its submission."""
    act_date = (datetime.fromisoformat(stage.today) - timedelta(days=days_ago)).isoformat()
    _expect_feeding(
        stage,
        person,
        type_code,
        replaces=replaces,
        visibility=list(visibility),
        act_date=act_date,
        body=body,
        author=author.identifier if author else None,
    )
    before = stage.now()
    id = validate(
        stage,
        person,
        box,
        replaces=replaces,
        visibility=visibility,
        type_code=type_code,
        act_date=act_date,
        author=author,
    )
    return id, stage.await_record("dmp.submission", person.ins, after=before) if wait else None


def secret(stage: Stage, person: Person, *, active: bool) -> None:
    """Have the calls about a person be secret connections, or say that they must not be."""
    if active:
        stage.settle()
        stage.perform(ops.SetSecretConnection(person.key, active=True))
    stage.expect("dmp-secret", marks=(person.ins,), matricule=person.ins, active=active)


def opened(stage: Stage, person: Person) -> None:
    """Open the record of a person who had none, once the product has nothing in progress."""
    stage.settle()
    stage.act(SERVICE, "patient", ins=person.ins, oid=person.oid, state="open", traits=person.as_json())


def feed_by_hand(stage: Stage, person: Person, document: str, type_code: str) -> Mapping[str, Any] | None:
    """Ask for one document to be fed; answers the record of its submission."""
    _expect_feeding(stage, person, type_code, act_date=stage.today)
    before = stage.now()
    stage.perform(ops.FeedToDmp(document))
    return stage.await_record("dmp.submission", person.ins, after=before)


def validate(
    stage: Stage,
    person: Person,
    box: str,
    *,
    replaces: str | None = None,
    visibility: Sequence[str] = (),
    type_code: str = TYPE_CODE,
    act_date: str = "",
    author: Correspondent | None = None,
    title: str = TITLE,
) -> str:
    """Validate a document, whatever becomes of it; answers its id. ``author`` is somebody whom the RPPS knows no more."""
    outcome = stage.perform(
        ops.ValidateDocument(
            person=person.key,
            mailbox=box,
            type_code=type_code,
            title=title,
            text=TEXT if replaces is None else TEXT + " Version corrigée.",
            act_date=act_date or stage.today,
            replaces=replaces,
            visibility=tuple(visibility),
            author={**author.as_json(), "registered": False} if author else None,
        )
    )
    return str(outcome.body.get("document", ""))


def expect_no(stage: Stage, what: str, person: Person, why: str) -> None:
    """Say that something must not be asked about a person: ``feeding``, ``authorisation``, or another word of the checks."""
    stage.expect(f"no-dmp-{what}", marks=(person.ins,), person=person.key, matricule=person.ins, why=why)


def update(stage: Stage, person: Person, operation: ops.Operation, what: str, visibility: Sequence[str] = ()) -> None:
    """Delete, archive or hide a document that was fed, and wait for the call."""
    stage.expect("dmp-update", marks=(person.ins,), matricule=person.ins, what=what, visibility=list(visibility))
    before = stage.now()
    stage.perform(operation)
    stage.await_record("dmp.update", person.ins, after=before)


def consult(
    stage: Stage, person: Person, criteria: Mapping[str, Sequence[str]], *, account: str | None = None
) -> Mapping[str, Any] | None:
    """Search the DMP of a person with criteria, in the name of an account that is logged in; answers the record of the search."""
    stage.expect(
        "dmp-consultation",
        marks=(person.ins,),
        matricule=person.ins,
        criteria={name: list(values) for name, values in criteria.items()},
    )
    before = stage.now()
    asked = {name: tuple(values) for name, values in criteria.items()}
    stage.ask(ops.ConsultDmp(person.key, asked, account))
    return stage.await_record("dmp.search", person.ins, after=before)


def deposit(
    stage: Stage, person: Person, role: str, type_code: str, *, title: str = "", former: str = "", body: bytes = b""
) -> Found:
    """Have another structure feed a document about a person; answers what a product must find.

    ``former`` is the role of the document that this one is the next version of; ``body`` is a file that takes the place of
    its PDF.
    """
    author = stage.people.correspondent(stage.place, role, domain=stage.here.correspondents_domain)
    made = stage.made("deposits").deposited(
        stage.sender("").people.seed,
        stage.place,
        role,
        person=person,
        author=author,
        today=stage.today,
        type_code=type_code,
        title=title,
        former=former,
        body=body,
    )
    stage.act(
        SERVICE,
        "deposit",
        ins=person.ins,
        structure=OTHER_STRUCTURE,
        metadata=made.metadata.decode(),
        documents={made.entry: base64.b64encode(made.cda).decode()},
    )
    return Found(made.unique_id, hashlib.sha256(made.cda).hexdigest())


def show(stage: Stage, person: Person, criteria: Mapping[str, Sequence[str]], found: Sequence[Found]) -> None:
    """Ask the product for the list of a person's DMP, which must be these documents and no other."""
    unique_ids = [one.unique_id for one in found]
    stage.expect("dmp-list", marks=(person.ins,), person=person.key, matricule=person.ins, documents=unique_ids)
    consult(stage, person, criteria)


def integrate(stage: Stage, person: Person, found: Sequence[Found]) -> None:
    """Have the product bring documents of the DMP into the record, and show the record."""
    stage.expect(
        "dmp-integration",
        marks=(person.ins, *(one.unique_id for one in found)),
        person=person.key,
        matricule=person.ins,
        documents=[{"unique_id": one.unique_id, "sha256": one.sha256} for one in found],
    )
    for one in found:
        before = stage.now()
        stage.ask(ops.IntegrateFromDmp(person.key, one.unique_id))
        stage.await_record("dmp.retrieval", one.unique_id, after=before)
    stage.ask(ops.ReadRecord(person.key))


def listen(stage: Stage, *, active: bool) -> None:
    """Take the DMP down, or bring it back."""
    stage.act(SERVICE, "listen", active=active)


def _expect_feeding(stage: Stage, person: Person, type_code: str, **members: Any) -> None:
    who = {"person": person.key, "matricule": person.ins, "type_code": type_code}
    usual: dict[str, Any] = {"replaces": None, "visibility": [], "body": "n1", "author": None}
    stage.expect("dmp-feeding", marks=(person.ins,), **who, **{**usual, **members})
