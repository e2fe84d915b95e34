"""The pages of the accounts: entering, leaving, one's own account and what one changes there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import RedirectResponse, Response

from ..faults import Fault
from ..visit import View, Visit, keep
from .forms import CONFIRM, CONTACT, FORMS, HIDDEN, LOGIN, LOST, RECOVER, REGISTER, RESET
from .guard import ACCOUNT, DEVICE, END, PASSWORD
from .identifiers import DUE
from .register import PASSWORD as DEMONSTRATION
from .register import SEEDED


def log_in(visit: Visit) -> Response:
    """The log-in form; a good password opens a new session."""
    told: dict[str, Any] = {"accounts": SEEDED, "password": DEMONSTRATION}
    if not visit.form:
        return visit.page("login.html", failed="", **told)
    login = visit.form.get("login", "")
    try:
        visit.dui.life.enter(login, visit.form.get("password", ""), visit.form.get("code", ""))
    except Fault as fault:
        return visit.page("login.html", status=fault.status, failed=str(fault), **told)
    visit.dui.sessions.close(visit.session.token)
    response = RedirectResponse("/", 303)
    keep(visit, response, visit.dui.sessions.open(login))
    return response


def log_out(visit: Visit) -> Response:
    """End the session."""
    visit.dui.sessions.close(visit.session.token)
    visit.dui.traces.add(visit.who, "session.close", "session")
    response = RedirectResponse(LOGIN, 303)
    keep(visit, response, visit.dui.sessions.open())
    return response


def account(visit: Visit) -> Response:
    """One's own account."""
    life = visit.dui.life
    return visit.page(
        "account.html",
        attributes=life.accounts.attributes(visit.who),
        device=life.devices.has(visit.who),
        contact=life.contacts.of(visit.who),
        due=visit.dui.identifiers.state(visit.who) == DUE,
    )


def lost(visit: Visit) -> Response:
    """Report a lost device without a session."""
    return _form(visit, "lost", lambda given: visit.dui.life.report_loss(given["login"], given["password"]), LOGIN)


def password(visit: Visit) -> Response:
    """Change one's password."""
    change = visit.dui.life.change_password
    return _form(visit, "password", lambda given: change(visit.who, given["current"], given["new"]), ACCOUNT)


def device(visit: Visit) -> Response:
    """Report one's device as lost from an open session."""
    return _form(visit, "device", lambda given: visit.dui.life.report_loss(visit.who, given["password"]), ACCOUNT)


def contact(visit: Visit) -> Response:
    """Ask for another contact."""
    change = visit.dui.life.change_contact
    return _form(visit, "contact", lambda given: change(visit.who, given["contact"], given["password"]), ACCOUNT)


def confirm(visit: Visit) -> Response:
    """Confirm a contact by the code that went there."""
    return _form(visit, "confirm", lambda given: visit.dui.life.contacts.confirm(given["login"], given["code"]), LOGIN)


def recover(visit: Visit) -> Response:
    """Ask for a code, with the same answer whether the account is known or not."""
    return _form(visit, "recover", lambda given: visit.dui.life.contacts.recover(given["login"]), RESET)


def reset(visit: Visit) -> Response:
    """Choose a new password by that code."""
    change = visit.dui.life.reset_password
    return _form(visit, "reset", lambda given: change(given["login"], given["code"], given["new"]), LOGIN)


def register(visit: Visit) -> Response:
    """Register alone, as somebody accompanied."""
    return _form(visit, "register", visit.dui.life.register, LOGIN)


def renew(visit: Visit) -> Response:
    """A new device in place of the one in service, whose holder just logged in with it."""
    return visit.page("device.html", address=visit.dui.life.enrol_device(visit.who, visit.who))


def _form(visit: Visit, name: str, act: Callable[[dict[str, str]], None], then: str) -> Response:
    """A form and its act; what the act refuses is told above the form."""
    form = FORMS[name]
    refused: Fault | None = None
    if visit.form:
        try:
            act({member: visit.form.get(field, "") for member, field in form.fields.items()})
            return visit.go(then, f"account-{name}")
        except Fault as fault:
            refused = fault
    due = visit.dui.life.entry.due(visit.who)
    values = {"name": name, "form": form, "hidden": HIDDEN, "refused": refused, "due": due}
    return visit.page("account_form.html", status=refused.status if refused else 200, **values)


# Pages that need no session, for GET and POST alike.
DOOR: tuple[tuple[str, View], ...] = (
    (LOGIN, log_in),
    (LOST, lost),
    (CONFIRM, confirm),
    (RECOVER, recover),
    (RESET, reset),
    (REGISTER, register),
)
VIEWS: tuple[tuple[str, str, View], ...] = (
    ("POST", END, log_out),
    ("GET", ACCOUNT, account),
    *((method, PASSWORD, password) for method in ("GET", "POST")),
    *((method, DEVICE, device) for method in ("GET", "POST")),
    *((method, CONTACT, contact) for method in ("GET", "POST")),
    ("POST", f"{DEVICE}/nouveau", renew),
)
