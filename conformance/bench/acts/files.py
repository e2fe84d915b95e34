"""Files that an antivirus must stop, by each way into the product, and the sets of data that the product makes for tests."""

from __future__ import annotations

import base64
import hashlib

from conformance.bench.acts import dmp, identity_pages
from conformance.bench.acts.accounts import door
from conformance.bench.sight import Wanted
from conformance.bench.stage import TYPE_CODE, Stage
from conformance.drivers import operations as ops

# A harmless file beside the one that must be stopped.
HARMLESS = b"Fichier fictif d'essai de conformite. Aucune donnee reelle.\n"


def upload(stage: Stage) -> None:
    """A harmless file, then the EICAR test file, put in a record; a professional then looks at the record."""
    person = stage.person("usager")
    names = {"clean": f"note-{_drawn(stage, 'clean')}.txt", "infected": f"note-{_drawn(stage, 'infected')}.txt"}
    contents = {"clean": HARMLESS, "infected": stage.made("inbound_hostile").eicar()}
    url = identity_pages.record_page(stage, person)
    front = door(stage, "professional")
    stage.expect("infected-upload", label="record", clean=names["clean"], infected=names["infected"])
    with front.entered("record", front.account("titulaire")) as browser:
        wanted = Wanted(tuple(names.values()))
        browser.look(url, "unfiled", wanted=wanted)
        for which, name in names.items():
            stage.ask(ops.UploadFile(person.key, name, base64.b64encode(contents[which]).decode()))
        browser.look(url, "filed", wanted=wanted)
    stage.attempt(ops.ReadTraces())


def taken(stage: Stage) -> None:
    """A sound document of the DMP, then one whose body is the EICAR test file, brought into a record."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    clean = dmp.deposit(stage, person, "sain", TYPE_CODE)
    title = f"Note fictive {_drawn(stage, 'titre')}"
    infected = dmp.deposit(stage, person, "infecte", TYPE_CODE, title=title, body=stage.made("inbound_hostile").eicar())
    marks = (person.ins, clean.unique_id, infected.unique_id)
    stage.expect("infected-dmp", marks=marks, clean=clean.unique_id, infected=infected.unique_id, title=title)
    for found in (clean, infected):
        before = stage.now()
        stage.ask(ops.IntegrateFromDmp(person.key, found.unique_id))
        stage.await_record("dmp.retrieval", found.unique_id, after=before)
    stage.attempt(ops.ReadRecord(person.key))
    stage.attempt(ops.ReadTraces())


def made_for_tests(stage: Stage) -> None:
    """Persons put in the product, then the set of data that its tool makes for tests."""
    people = [stage.person(role) for role in ("un", "deux")]
    stage.expect("test-set", people=[p.key for p in people])
    stage.ask(ops.MakeTestSet())


def _drawn(stage: Stage, *parts: str) -> str:
    drawn = "|".join((str(stage.people.seed), stage.place, *parts))
    return hashlib.sha256(drawn.encode()).hexdigest()[:10]
