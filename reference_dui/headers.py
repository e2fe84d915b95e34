"""The headers that every page carries, over TLS and in clear."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .sins import Sins

# No script, no frame, nothing from elsewhere: the pages need none.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; object-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
# Two years, as Mozilla's guidelines 5.7 ask; a browser heeds it over https only (RFC 6797 §7.2).
STAY_ENCRYPTED = "max-age=63072000"


def headers(sins: Sins, *, encrypted: bool) -> dict[str, str]:
    """The headers of a page, as the defects in force leave them."""
    made = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    if encrypted:
        made["Strict-Transport-Security"] = STAY_ENCRYPTED
    if sins.has("forgets-to-keep-browsers-encrypted"):
        made.pop("Strict-Transport-Security", None)
    if sins.has("lets-any-script-run"):
        made["Content-Security-Policy"] = POLICY.replace("style-src", "script-src 'unsafe-inline'; style-src")
    if sins.has("lets-anybody-frame-its-pages"):
        made["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'; ", "")
        del made["X-Frame-Options"]
    if sins.has("lets-browsers-guess-types"):
        del made["X-Content-Type-Options"]
    if sins.has("tells-its-addresses-to-everybody"):
        made["Referrer-Policy"] = "unsafe-url"
    if sins.has("lets-pages-be-kept"):
        made["Cache-Control"] = "private, max-age=3600"
    if sins.has("tells-its-version-to-anybody"):
        made["X-Powered-By"] = "DUI/3.11.2"
    return made


class Guarded:
    """The application with its headers."""

    def __init__(self, app: ASGIApp, sins: Sins) -> None:
        self._app = app
        self._sins = sins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what is missing to each answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        encrypted = scope.get("scheme") == "https"

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                carried = MutableHeaders(scope=message)
                for name, value in headers(self._sins, encrypted=encrypted).items():
                    carried.setdefault(name, value)
                if encrypted and self._sins.has("leads-browsers-into-clear-text") and "location" in carried:
                    carried["location"] = f"http://localhost{carried['location']}"
            await send(message)

        if scope["method"] == "TRACE" and self._sins.has("gives-traces-back"):
            told = "\r\n".join(f"{name}: {value}" for name, value in Headers(scope=scope).items())
            await PlainTextResponse(told, media_type="message/http")(scope, receive, sending)
            return
        await self._app(scope, receive, sending)
