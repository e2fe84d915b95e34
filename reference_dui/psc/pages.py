"""The pages of log-in by the provider: leaving, coming back, ending."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from ..visit import Visit, keep

BEGIN, BACK, END = "/connexion/psc", "/connexion/psc/retour", "/deconnexion"


def begin(visit: Visit) -> Response:
    """Send the browser to the provider."""
    url = visit.dui.logins.begin(visit.session.token, visit.base + BACK)
    return RedirectResponse(url, 302)


def back(visit: Visit) -> Response:
    """Open a session of the account that the provider's answer leads to."""
    dui, query = visit.dui, visit.query
    login = dui.logins.finish(visit.session.token, query.get("state", ""), query.get("code", ""), visit.base + BACK)
    dui.sessions.close(visit.session.token)
    response = RedirectResponse("/", 303)
    keep(visit, response, dui.sessions.open(login))
    return response


def end(visit: Visit) -> Response:
    """End the session here, then at the provider where one opened it."""
    dui = visit.dui
    if not dui.sins.has("keeps-the-session-after-logout"):
        dui.sessions.close(visit.session.token)
    dui.traces.add(visit.who, "session.close", "session")
    hint = dui.logins.hint(visit.who)
    if dui.sins.has("leaves-the-provider-open"):
        hint = ""
    url = dui.logins.provider.end_session_url(hint, visit.base + BACK) if hint else "/connexion"
    return RedirectResponse(url, 303)
