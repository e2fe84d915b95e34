"""What the operations of the control API on files and test sets do."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..faults import Fault
from ..members import Members
from .shelf import MAX_FILE
from .testset import made

if TYPE_CHECKING:
    from ..application import Dui

Answer = Mapping[str, Any] | bytes


def upload_file(dui: Dui, who: str, given: Members) -> Answer:
    """Put a file in a record."""
    try:
        content = base64.b64decode(given.text("content"), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise Fault("refdui.fault.wrong-member", member="content") from exc
    if len(content) > MAX_FILE:
        raise Fault("refdui.fault.too-large", what="content", limit=MAX_FILE)
    name = given.key("file")
    dui.shelf.keep(who, given.key("person"), name, content)
    return {"file": name}


def make_test_set(dui: Dui, who: str, _: Members) -> Answer:
    """Make a set of data for tests."""
    dui.traces.add(who, "testset.make", "persons")
    return made(dui.people, dui.sins)


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Answer]] = {
    action.__name__: action for action in (upload_file, make_test_set)
}
