"""What the site sets for its prints, and the print of a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import writing
from .box import Box
from .members import Members
from .settings import Settings
from .sins import Sins

if TYPE_CHECKING:
    from .application import Dui


def traits_for(settings: Settings, box: Box, sins: Sins) -> tuple[str, ...]:
    """The further traits that a professional's documents print: those of the site, whoever writes."""
    if sins.has("keeps-printed-traits-for-one-user") and settings.first_to_print(box.address) != box.address:
        return ()
    return settings.printed_traits


def set_footer(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Keep the notice of the site."""
    dui.settings.footer = given.maybe("text") or ""
    dui.traces.add(who, "settings.save", "footer")
    return {}


def set_printed_traits(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Keep what the site prints besides."""
    dui.settings.printed_traits = tuple(given.texts("traits"))
    dui.traces.add(who, "settings.save", "printed-traits")
    return {}


def read_print(dui: Dui, who: str, given: Members) -> bytes:
    """What the printer gets."""
    id = given.key("document")
    dui.traces.add(who, "document.print", id)
    return writing.paper(dui.library.spec_of(id), dui.library.pdf_of(id), dui.sins)


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Mapping[str, Any] | bytes]] = {
    action.__name__: action for action in (set_footer, set_printed_traits, read_print)
}
