"""A fictitious record of every kind of item, as the Bundle that carries it."""

from conformance._bundled.fixtures.people import Population
from conformance._bundled.fixtures.tddui import record, transfer

TODAY = "2026-11-20T10:00:00+01:00"


def made(seed=5, number="u1", change=None):
    """The Bundle of a record; ``change`` alters its items before they are written."""
    people = Population(seed)
    person = people.person("portability", "usager")
    held = record.record_of(
        seed, "portability", person, structure=people.structure, professional=people.professional, today=TODAY
    )
    local = f"3{people.structure.finess}/{number}"
    items = transfer.numbered(local, held["items"])
    return transfer.bundle_of(person, local, held["contact"], change(items) if change else items)
