"""One request of a person's browser: session, form, and how a page or a redirection is answered."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from conformance.core.texts import known, say

from . import facts
from .accounts.guard import elsewhere
from .accounts.sessions import IDLE, Session
from .faults import Fault

if TYPE_CHECKING:
    from .application import Dui

COOKIE = "dui_session"
MAX_FORM = 512 * 1024
MAX_FIELDS = 100
TEMPLATES = Path(__file__).resolve().parent / "templates"

View = Callable[["Visit"], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class Forbidden(Fault):
    """A form without its token, or a page that the account may not see."""

    status = 403


@dataclass(frozen=True)
class Visit:
    """What a view works with.

    ``form`` and ``query`` hold the first value of each name, ``base`` is the product's own address.
    """

    dui: Dui
    session: Session
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    base: str = ""

    @property
    def who(self) -> str:
        """How traces call the person."""
        return self.session.login

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page of the product."""
        done = f"refdui.done.{self.query.get('fait', '')}"
        html = (
            _environment()
            .get_template(template)
            .render(
                session=self.session,
                path=self.path,
                product=facts,
                notice=say(done, "fr") if known(done) else "",
                waiting=len(self.dui.inbox.all("pending")) if self.session.login else 0,
                **values,
            )
        )
        return HTMLResponse(html, status)

    def go(self, path: str, done: str = "") -> Response:
        """Go to another page after an act, with a word about what was done."""
        query = "?" + urlencode({"fait": done}) if done else ""
        return RedirectResponse(path + query, 303)


def view(dui: Dui, shown: View, *, role: str = "", public: bool = False) -> Endpoint:
    """Guard a view: a session (unless ``public``), a role where one is asked, and the token on every form."""

    async def endpoint(request: Request) -> Response:
        session = await run_in_threadpool(dui.sessions.of, request.cookies.get(COOKIE, ""))
        if session is None or (not session.login and not public):
            if not public:
                return RedirectResponse("/connexion", 303)
            session = await run_in_threadpool(dui.sessions.open)
        if not public and (first := await run_in_threadpool(elsewhere, dui, session, request.url.path)):
            return RedirectResponse(first, 303)
        form = await _form(request) if request.method == "POST" else {}
        visit = Visit(
            dui,
            session,
            request.url.path,
            dict(request.path_params),
            dict(request.query_params),
            form or {},
            _base(request),
        )
        response = await run_in_threadpool(_answer, visit, shown, form, role)
        if "set-cookie" not in response.headers:
            keep(visit, response, session)
        return response

    return endpoint


def _base(request: Request) -> str:
    """Scheme, host and port under which the browser knows the product."""
    return str(request.base_url).rstrip("/")


def keep(visit: Visit, response: Response, session: Session) -> None:
    """Set the session's cookie on an answer; in clear, the demonstration listens on loopback and cannot mark it secure."""
    sins = visit.dui.sins
    response.set_cookie(
        COOKIE,
        session.token,
        # Without a duration, the browser forgets it when it closes (SSI/IE.40, SSI/IE.55).
        max_age=int(IDLE) if sins.has("keeps-the-session-when-the-browser-closes") else None,
        secure=visit.base.startswith("https:") and not sins.has("lets-its-cookie-travel-in-clear"),
        httponly=not sins.has("lets-scripts-read-its-cookie"),
        samesite=None if sins.has("sends-its-cookie-from-everywhere") else "lax",
    )


def _answer(visit: Visit, shown: View, form: Mapping[str, str] | None, role: str) -> Response:
    try:
        if form is None:
            raise Fault("refdui.fault.too-large", what="form", limit=MAX_FORM)
        if form and not hmac.compare_digest(form.get("csrf", "").encode(), visit.session.csrf.encode()):
            raise Forbidden("refdui.fault.stale-form")
        if role and visit.session.role != role:
            raise Forbidden("refdui.fault.not-allowed")
        # A form holds at least its token, so an empty one never reaches an act.
        return shown(visit)
    except Fault as fault:
        return visit.page("error.html", status=fault.status, fault=fault)


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form, bounded; ``None`` beyond the bound. The product's forms carry no file."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_FORM:
            return None
    try:
        fields = parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    return {"csrf": "", **dict(reversed(fields))}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["t"] = lambda key, **values: say(f"refdui.{key}", "fr", **values)
    environment.filters["segment"] = lambda text: quote(str(text), safe="@")
    environment.filters["date"] = french_date
    environment.filters["action"] = _action
    environment.filters["attribute"] = _attribute
    environment.filters["said"] = lambda code: say(code, "fr")
    return environment


def french_date(value: str) -> str:
    """``JJ/MM/AAAA`` with the time where there is one, from ISO 8601 or an HL7 timestamp; else the value itself."""
    digits = "".join(c for c in value.partition("+")[0] if c.isdigit())
    if len(digits) < 8:
        return value
    day = f"{digits[6:8]}/{digits[4:6]}/{digits[:4]}"
    return f"{day} {digits[8:10]}:{digits[10:12]}" if len(digits) >= 12 else day


def _action(name: str) -> str:
    """A traced action in words; its own name where the catalogue has none: a trace is always shown."""
    key = f"refdui.action.{name}"
    return say(key, "fr") if known(key) else name


def _attribute(name: str) -> str:
    """An attribute of an account in words, or its own name."""
    key = f"refdui.attribute.{name}"
    return say(key, "fr") if known(key) else name
