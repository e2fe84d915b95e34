"""What the control API asks about whole records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..faults import NotFound
from ..members import Members
from .endpoint import PATH
from .export import export
from .reception import receive

if TYPE_CHECKING:
    from ..application import Dui


def fill_record(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Write the content of a record."""
    person = dui.people.get(given.key("person"))
    items = given.listing("items")
    dui.records.fill(person.key, given.mapping("contact"), items)
    dui.traces.add(who, "record.fill", person.key, str(len(items)))
    return {"person": person.key, "items": len(items)}


def export_record(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Send the whole record; answers once the receiving service said what it did."""
    return export(dui, who, given.key("person"))


def import_record(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Take in a transaction; a refusal is what the endpoint would answer."""
    status, response = receive(dui, who, given.mapping("bundle"))
    return {"status": status, "response": response}


def read_reception(_: Dui, __: str, given: Members) -> Mapping[str, Any]:
    """Where this product receives records."""
    if given.key("service") != "tddui":
        raise NotFound("refdui.fault.no-service", service=given.key("service"))
    return {"url": PATH}


ACTIONS = {action.__name__: action for action in (fill_record, export_record, import_record, read_reception)}
