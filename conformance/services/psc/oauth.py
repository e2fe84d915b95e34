"""OAuth 2.0 requests, read strictly: bounded forms, client authentication, errors (RFC 6749 §2.3, §3.2, §5.2)."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from conformance.core.texts import say
from conformance.services.http import bounded_body

MAX_FORM = 64 * 1024
MAX_FIELDS = 50
MAX_RECORDED = 256
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FORM = "application/x-www-form-urlencoded"


class OAuthError(Exception):
    """A refusal: ``error`` is the registered code, ``why`` completes the key of its sentence."""

    def __init__(self, error: str, why: str, status: int = 400, *, challenge: bool = False) -> None:
        super().__init__(error, why)
        self.error = error
        self.why = why
        self.status = status
        self.challenge = challenge

    def response(self) -> JSONResponse:
        """The answer. Its description is in English: RFC 6749 §5.2 limits it to ASCII."""
        headers = dict(NO_STORE)
        if self.challenge:
            headers["WWW-Authenticate"] = 'Basic realm="psc"'
        body = {"error": self.error, "error_description": say(f"services.psc.{self.why}", "en")}
        return JSONResponse(body, self.status, headers)


@dataclass(frozen=True, slots=True)
class OAuthRequest:
    """A POST to the provider: its form, and the client credentials by the one method it used."""

    form: dict[str, str]
    client_id: str
    client_secret: str
    basic: bool

    def required(self, name: str) -> str:
        """A parameter that must be there."""
        if not (value := self.form.get(name)):
            raise OAuthError("invalid_request", "missing-parameter")
        return value

    def shown(self, name: str) -> str | None:
        """A parameter as evidence keeps it: bounded."""
        return clip(self.form.get(name))

    def authenticate(self, client_id: str, client_secret: str) -> None:
        """Refuse any client but this one."""
        known = secrets.compare_digest(self.client_id.encode(), client_id.encode())
        proven = secrets.compare_digest(self.client_secret.encode(), client_secret.encode())
        if not (known and proven):
            raise OAuthError("invalid_client", "wrong-client", 401, challenge=self.basic)


async def read_request(request: Request) -> OAuthRequest:
    """Read form and client credentials (client_secret_basic or client_secret_post, never both)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise OAuthError("invalid_request", "not-a-form")
    try:
        body = await bounded_body(request, MAX_FORM)
    except HTTPException as exc:
        raise OAuthError("invalid_request", "too-large", exc.status_code) from exc
    form = form_of(body)
    authorization = request.headers.get("authorization", "")
    # Assertions are not offered: beside another proof they are a second one, alone they prove nothing.
    asserted = "client_assertion" in form or "client_assertion_type" in form
    if asserted and (authorization or "client_secret" in form):
        raise OAuthError("invalid_request", "two-authentications")
    if not authorization:
        return OAuthRequest(form, form.get("client_id", ""), form.get("client_secret", ""), basic=False)
    if "client_secret" in form:
        raise OAuthError("invalid_request", "two-authentications")
    client_id, client_secret = _basic(authorization)
    if form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request", "two-authentications")
    return OAuthRequest(form, client_id, client_secret, basic=True)


def clip(value: str | None) -> str | None:
    """A value as evidence keeps it."""
    return value if value is None else value[:MAX_RECORDED]


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form; what is none, or repeats one, is an :class:`OAuthError` (RFC 6749 §3.1)."""
    try:
        return once(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as exc:
        raise OAuthError("invalid_request", "not-a-form") from exc


def once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Parameters, each of which may come once (RFC 6749 §3.1)."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise OAuthError("invalid_request", "repeated-parameter")
    return dict(pairs)


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, blob = authorization.partition(" ")
    try:
        decoded = base64.b64decode(blob.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise OAuthError("invalid_client", "wrong-client", 401, challenge=True) from exc
    name, separator, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not separator:
        raise OAuthError("invalid_client", "wrong-client", 401, challenge=True)
    return unquote_plus(name), unquote_plus(secret)
