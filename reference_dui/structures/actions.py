"""What the operations of the control API on structures do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..faults import Fault
from ..members import Members
from .entrance import PATH

if TYPE_CHECKING:
    from ..application import Dui

Answer = Mapping[str, Any]


def allow_structure(dui: Dui, who: str, given: Members) -> Answer:
    """Make the account of a structure."""
    return {"structure": dui.structures.allow(who, given.key("kind"), given.key("identifier"))}


def read_entrance(dui: Dui, _: str, __: Members) -> Answer:
    """Where structures enter, once the entrance is open."""
    if not dui.structures.entrance:
        raise Fault("refdui.fault.no-entrance")
    return {"url": dui.structures.entrance.rstrip("/") + PATH}


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Answer]] = {
    action.__name__: action for action in (allow_structure, read_entrance)
}
