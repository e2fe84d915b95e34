"""What the operations of the control API on the directory do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..members import Members

if TYPE_CHECKING:
    from ..application import Dui

Answer = Mapping[str, Any]


def search_directory(dui: Dui, who: str, given: Members) -> Answer:
    """Search on line."""
    found = dui.directory.search(who, given.text("family"), given.maybe("given") or "")
    return {"entries": [entry.as_json() for entry in found]}


def add_from_directory(dui: Dui, who: str, given: Members) -> Answer:
    """Make a correspondent of a professional just found."""
    return {"address": dui.directory.add(who, given.key("person"), given.key("identifier"))}


def import_directory(dui: Dui, who: str, _: Members) -> Answer:
    """Load the extraction."""
    return {"loaded": dui.directory.import_(who)}


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Answer]] = {
    action.__name__: action for action in (search_directory, add_from_directory, import_directory)
}
