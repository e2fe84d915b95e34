"""Acts with the national directory: who is listed in it, setting the product up, finding somebody, importing."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.population import Correspondent, Person
from conformance.services.annuaire.professional import Professional

SERVICE = "annuaire"
SEED = 1
WORDS = "Message fictif d'essai de conformité."


def connect(stage: Stage) -> None:
    """Have the product set up its connection to the directory, which works well until :func:`busy`."""
    stage.act(SERVICE, "clear")
    stage.perform(ops.ConfigureService("annuaire", stage.service(SERVICE)))


def listed(stage: Stage, role: str, *, homonyms: int = 0) -> Correspondent:
    """A professional whom the directory knows, behind ``homonyms`` others of the same names."""
    wanted = stage.correspondent(role)
    entry = _entry(wanted)
    others = [replace(entry, rpps=f"98{number:09d}", mailbox="") for number in range(homonyms)]
    publish(stage, [*others, entry])
    stage.expect(
        "directory-entry",
        marks=(wanted.address, wanted.identifier),
        identifier=wanted.identifier,
        family=wanted.name,
        given=wanted.first_name,
        address=wanted.address,
        homonyms=homonyms,
    )
    return wanted


def publish(stage: Stage, professionals: Sequence[Professional]) -> str:
    """Put entries in the directory; answers the version of the extraction that holds them."""
    told = stage.act(SERVICE, "add", professionals=[one.as_json() for one in professionals])
    return str(told["version"])


def find(stage: Stage, person: Person, wanted: Correspondent) -> None:
    """Search a professional on line and add the one found to a record; whatever the product does with it is evidence."""
    stage.ask(ops.SearchDirectory(wanted.name, wanted.first_name))
    stage.ask(ops.AddFromDirectory(person.key, wanted.identifier))


def write_to(stage: Stage, box: str, wanted: Correspondent) -> None:
    """Write by hand to a professional searched while writing; the product takes the address that the directory gave."""
    stage.ask(ops.SearchDirectory(wanted.name, wanted.first_name))
    stage.expect_message(box, wanted.address, text=WORDS)
    stage.ask(ops.SendMessage(box, (), WORDS, subject="Essai", found=(wanted.identifier,)))
    stage.await_record("smtp.message", wanted.address)


def busy(stage: Stage, fault: str, times: int) -> None:
    """Have the directory refuse the next requests for a while."""
    stage.act(SERVICE, "fault", fault=fault, times=times)
    stage.expect("directory-busy", fault=fault, times=times)


def load(stage: Stage, wanted: Correspondent, names: tuple[str, str]) -> None:
    """Publish a professional under these names, have the product load the extraction, and say what must follow."""
    family, given = names
    version = publish(stage, [replace(_entry(wanted), family=family, given=given)])
    stage.expect(
        "extraction",
        marks=(wanted.address,),
        version=version,
        identifier=wanted.identifier,
        address=wanted.address,
        family=family,
        given=given,
    )
    before = stage.now()
    stage.ask(ops.ImportDirectory())
    stage.await_record("annuaire.extraction", "", after=before)


def add_bare(stage: Stage, person: Person, wanted: Correspondent) -> None:
    """Add a correspondent of whom only the address and the national identifier are typed."""
    typed: dict[str, Any] = {"address": wanted.address, "identifier": wanted.identifier, "kind": "PER"}
    stage.perform(ops.AddCorrespondent(person.key, wanted.address, typed))


def _entry(wanted: Correspondent) -> Professional:
    if not wanted.identifier.startswith("8"):
        raise Hindered("hindrance.crash", Fault.HARNESS, detail=f"no RPPS: {wanted.identifier}")
    made: Professional = importlib.import_module("conformance._bundled.fixtures.directory").entry(wanted, SEED)
    return made
