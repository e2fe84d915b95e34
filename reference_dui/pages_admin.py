"""Traces, settings."""

from __future__ import annotations

from starlette.responses import Response

from .faults import NotFound
from .settings import PRINTABLE
from .visit import Visit


def traces(visit: Visit) -> Response:
    """Who did what, newest first."""
    return visit.page("traces.html", traces=list(reversed(visit.dui.traces.latest(300))))


def settings(visit: Visit) -> Response:
    """The structure, its mailboxes, its data protection notice, the defects in force."""
    dui = visit.dui
    return visit.page(
        "settings.html",
        structure=dui.settings.structure,
        footer=dui.settings.footer,
        printable=PRINTABLE,
        printed=dui.settings.printed_traits,
        mailboxes=dui.mailboxes.all(),
        defects=dui.sins.names,
    )


def save_settings(visit: Visit) -> Response:
    """Change the data protection notice and the traits printed besides the usual ones."""
    visit.dui.settings.footer = visit.form.get("footer", "")
    visit.dui.settings.printed_traits = tuple(name for name in PRINTABLE if visit.form.get(f"print_{name}"))
    visit.dui.traces.add(visit.who, "settings.save", "footer, printed-traits")
    return visit.go("/parametres", "settings")


def nowhere(visit: Visit) -> Response:
    """No such page."""
    return visit.page("error.html", status=404, fault=NotFound("refdui.fault.no-page"))
