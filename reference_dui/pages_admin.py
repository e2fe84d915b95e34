"""Log-in and log-out, traces, settings."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from .accounts import PASSWORD, SEEDED
from .faults import NotFound
from .settings import PRINTABLE
from .visit import Visit, keep


def log_in(visit: Visit) -> Response:
    """The log-in form; a good password opens a new session."""
    if not visit.form:
        return visit.page("login.html", failed=False, accounts=SEEDED, password=PASSWORD)
    login = visit.form.get("login", "")
    accounts = visit.dui.accounts
    if not accounts.check(login, visit.form.get("password", "")):
        visit.dui.traces.add(login[:40], "session.refuse", "session")
        return visit.page("login.html", status=401, failed=True, accounts=SEEDED, password=PASSWORD)
    accounts.close(visit.session.token)
    visit.dui.traces.add(login, "session.open", "session")
    response = RedirectResponse("/", 303)
    keep(visit, response, accounts.open(login))
    return response


def log_out(visit: Visit) -> Response:
    """End the session."""
    visit.dui.accounts.close(visit.session.token)
    visit.dui.traces.add(visit.who, "session.close", "session")
    response = RedirectResponse("/connexion", 303)
    keep(visit, response, visit.dui.accounts.open())
    return response


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
