"""Acts with what a product shows of the DMP: state, feedings, origins, notices, news, help, traces of consent."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.bench.acts import dmp
from conformance.bench.acts.screens import BROWSER, Screens, Word, spelt
from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.population import Person

# What a registry answers to a document for good (IHE ITI TF-3, table 4.2.4.1-2): not « later ».
REFUSED = "XDSRegistryMetadataError"


def feed(stage: Stage, person: Person, box: str, title: str, *, refused: bool = False) -> None:
    """Validate a document of this title, which the DMP takes, or refuses for good."""
    if refused:
        stage.act(dmp.SERVICE, "fault", fault="refuses", value=REFUSED, times=1)
    before = stage.now()
    dmp.validate(stage, person, box, title=title)
    stage.await_record("dmp.submission", person.ins, after=before)
    stage.act(dmp.SERVICE, "clear")


def held(screens: Screens, person: Person, found: dmp.Found) -> None:
    """Open from the DMP a document that the record holds, and look at the page that the product then shows."""
    outcome = screens.stage.ask(ops.IntegrateFromDmp(person.key, found.unique_id))
    if screens.guided:
        screens.stage.observe("notice.held", person=person.birth_name)
        return
    url = str(outcome.body.get("url") or "")
    if not url:
        raise Hindered("hindrance.untold", Fault.PRODUCT, operation=ops.IntegrateFromDmp.name, member="url")
    screens.look(url, person, Word("notice.held"))


def withdraw(stage: Stage, found: dmp.Found) -> None:
    """Have whoever fed a document delete it."""
    stage.act(dmp.SERVICE, "withdraw", unique_id=found.unique_id)


def remove(stage: Stage, person: Person, found: dmp.Found) -> None:
    """Remove from the record a document that came from the DMP, and show the record."""
    if stage.driver.guided:
        stage.ask(ops.RemoveDocument(found.unique_id))
        return
    listed = stage.perform(ops.ReadRecord(person.key)).body.get("documents")
    ids = [str(d.get("id")) for d in listed or () if d.get("unique_id") == found.unique_id]
    if not ids:
        raise Hindered("hindrance.untold", Fault.PRODUCT, operation=ops.ReadRecord.name, member=found.unique_id)
    stage.ask(ops.RemoveDocument(ids[0]))
    stage.expect("dmp-removed", marks=(person.ins,), person=person.key, unique_id=found.unique_id)
    stage.ask(ops.ReadRecord(person.key))


def news(screens: Screens, person: Person, what: str, counts: Mapping[str, int]) -> None:
    """Open a record that must announce these numbers by type; ``what`` is ``counts``, ``none`` or ``settings``."""
    stage = screens.stage
    if screens.guided:
        told = ", ".join(f"{code}: {count}" for code, count in counts.items())
        stage.observe("dmp-news", person=person.birth_name, counts=told)
        return
    url = screens.page(person, "record_url")
    screens.browser.look(url, f"opening {person.key}")
    stage.settle()
    expected = {"what": what, "counts": dict(counts), "browser": BROWSER, "names": list(spelt(person))}
    stage.expect("dmp-news", marks=(person.ins,), matricule=person.ins, purpose=f"look {screens.looks + 1}", **expected)
    rows = stage.perform(ops.ReadDmpNews(person.key)).body.get("types")
    lines = [str(row.get("shown") or "") for row in rows or () if isinstance(row, Mapping)]
    screens.look(url, person, reads=lines)


def follow(stage: Stage, type_codes: tuple[str, ...]) -> None:
    """Set the types that are announced, for the structure and for the service alike: which comes first is the product's choice."""
    stage.perform(ops.FollowDmpTypes("structure", type_codes))
    stage.perform(ops.FollowDmpTypes("service", type_codes))


def open_slowly(screens: Screens, person: Person, seconds: int) -> None:
    """Open a record while the DMP takes seconds to answer, once everything before is over."""
    stage = screens.stage
    url = "" if screens.guided else screens.page(person, "record_url")
    stage.settle()
    stage.act(dmp.SERVICE, "fault", fault="slow", value=str(seconds), times=2)
    try:
        if screens.guided:
            stage.observe("dmp-slow-opening", person=person.birth_name, seconds=str(seconds))
            return
        before = stage.now().get(dmp.SERVICE, 0)
        purpose = screens.look(url, person)
        told = {"browser": BROWSER, "purpose": purpose, "names": list(spelt(person)), "before": before}
        stage.expect(
            "dmp-page-meanwhile",
            marks=(person.ins,),
            matricule=person.ins,
            after=stage.now().get(dmp.SERVICE, 0),
            **told,
        )
        stage.settle()
    finally:
        stage.act(dmp.SERVICE, "clear")


def help_of(screens: Screens, person: Person) -> None:
    """Look for the help on consulting the DMP on the page of a record, then at the help itself."""
    if screens.guided:
        screens.stage.observe("dmp-help", person=person.birth_name)
        return
    url = screens.page(person, "help_url")
    purpose = screens.record(person, links=(url,))
    told = {"browser": BROWSER, "purpose": purpose, "names": list(spelt(person))}
    screens.stage.expect("dmp-help", marks=(person.ins,), matricule=person.ins, **told)
    screens.browser.look(url, "help")


def choose(stage: Stage, person: Person, *, opposed: bool) -> None:
    """Record a choice of the person on the DMP, between two readings of the traces."""
    stage.perform(ops.ReadTraces())
    stage.expect(
        "dmp-consent",
        marks=(person.ins,),
        person=person.key,
        names=[person.key, person.ins, person.matricule, person.birth_name],
        opposed=opposed,
    )
    stage.perform(ops.RecordOpposition(person.key, "dmp", opposed=opposed))
    stage.perform(ops.ReadTraces())
