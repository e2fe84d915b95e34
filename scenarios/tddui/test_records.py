"""Whole records: sent to another DUI, taken in from one, and what is lost on the way."""

import pytest

from conformance.bench.acts import tddui
from conformance.bench.stage import Stage


@pytest.mark.scenario("tddui.export")
def test_a_record_is_exported(stage: Stage) -> None:
    """Fill a record with something of every kind and export it."""
    tddui.connect(stage)
    tddui.export(stage, tddui.filled(stage))


@pytest.mark.scenario("tddui.export-unqualified")
def test_a_record_without_qualified_identity_is_exported_without_matricule(stage: Stage) -> None:
    """Export the record of a person whose matricule was retrieved and whose identity is not qualified."""
    tddui.connect(stage)
    tddui.export(stage, tddui.filled(stage, status="recuperee"))


@pytest.mark.scenario("tddui.export-refused")
def test_a_refused_record_is_sent_again_whole(stage: Stage) -> None:
    """The consumer refuses a first export for one of its entries, then takes a second one."""
    tddui.connect(stage)
    person = tddui.filled(stage)
    tddui.refuse_next(stage)
    tddui.export(stage, person)
    tddui.export(stage, person)


@pytest.mark.scenario("tddui.import")
def test_a_record_is_imported_and_shown(stage: Stage) -> None:
    """Send a record to the product, then have it exported again."""
    tddui.connect(stage)
    person = tddui.stranger(stage, "venu")
    bundle = tddui.bundle_of(stage, person)
    key = tddui.send(stage, person, bundle)
    tddui.shown(stage, person, key, bundle, "import")


@pytest.mark.scenario("tddui.import-faulty")
def test_a_fault_leaves_nothing_behind(stage: Stage) -> None:
    """Send a good record, then one about the same person that holds a fault: the record is as it was."""
    tddui.connect(stage)
    person = tddui.stranger(stage, "venu")
    bundle = tddui.bundle_of(stage, person)
    key = tddui.send(stage, person, bundle)
    tddui.shown(stage, person, key, bundle, "before-fault")
    before = tddui.received(stage, person.ins)
    tddui.send(stage, person, tddui.with_a_fault(stage, person), faulty=True)
    tddui.shown(stage, person, key, before, "after-fault")


@pytest.mark.scenario("tddui.round-trip")
def test_a_round_trip_loses_nothing(stage: Stage) -> None:
    """Export a record, import it as another person's, export that one: nothing is lost."""
    tddui.connect(stage)
    person, other = tddui.filled(stage), tddui.stranger(stage, "jumeau")
    tddui.export(stage, person)
    twin = tddui.twin_of(tddui.received(stage, person.ins), person, other)
    key = tddui.send(stage, other, twin)
    tddui.shown(stage, other, key, twin, "round-trip")
