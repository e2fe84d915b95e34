"""The line to the SI-SDO: mutual TLS, an access token of its own, the establishment in a header.

Source: IG ans.fhir.fr.sdo, page « Sécurité » (since 4.0.4).
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..connections import Connections
from ..faults import Fault, MailFault
from ..sins import Sins
from ..tls import strict_context
from ..web_client import call

SERVICE = "sdo"
MARGIN = 5.0
DEFAULT_LIFE = 60.0
MAX_ANSWER = 16 * 1024 * 1024
# What is worth another try: throttled, failed, unavailable (RFC 9110 §15.6, RFC 6585 §4).
TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
# Seconds before each new try of something that only reads.
PAUSES = (0.3, 0.8, 1.5)

Caller = Callable[..., tuple[int, bytes]]
Json = dict[str, Any]


class Line:
    """Requests to the SI-SDO, with the rights of the establishment."""

    def __init__(
        self,
        connections: Connections,
        sins: Sins,
        *,
        caller: Caller = call,
        clock: Callable[[], float] = time.monotonic,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._connections = connections
        self._sins = sins
        self._call = caller
        self._clock = clock
        self._pauses = tuple(pauses)
        self._lock = threading.Lock()
        self._token: tuple[str, str, float] = ("", "", 0.0)

    @property
    def settings(self) -> dict[str, Any]:
        """Where the SI-SDO is and what opens it; a :class:`Fault` when nobody set it up."""
        return self._connections.of(SERVICE)

    def read(self, path: str) -> Json:
        """Read a resource or a page; what is transient is tried again. ``path`` is relative, or an address handed out."""
        for pause in (*self._pauses, None):
            try:
                status, answer = self.ask("GET", path)
            except MailFault as fault:
                if pause is None or not fault.transient:
                    raise
            else:
                if status == 200:
                    return answer
                if pause is None or status not in TRANSIENT:
                    raise _refused(status, answer)
            time.sleep(pause)
        raise MailFault("refdui.fault.unreachable", host=path, reason="-")

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Json]:
        """One request; a token that is refused is renewed once."""
        settings = self.settings
        self._defects(settings, method, path)
        status, answer = self._ask(settings, method, path, body, self._access(settings))
        if status == 401:
            with self._lock:
                self._token = ("", "", 0.0)
            status, answer = self._ask(settings, method, path, body, self._access(settings))
        return status, answer

    def _ask(
        self,
        settings: Mapping[str, Any],
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        token: str,
        structure: str | None = None,
    ) -> tuple[int, Json]:
        headers = {"Accept": "application/fhir+json", "struct_idnat": structure or settings["struct_idnat"]}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/fhir+json"
            content = json.dumps(body, ensure_ascii=False).encode()
        status, answer = self._call(
            method,
            _address(settings["fhir_base"], path),
            settings["ca_pem"],
            **self._trusting(settings),
            limit=MAX_ANSWER,
            headers=headers,
            data=content,
        )
        return status, _object(answer)

    def _access(self, settings: Mapping[str, Any]) -> str:
        with self._lock:
            endpoint, token, until = self._token
            if token and endpoint == settings["token_endpoint"] and self._clock() < until - MARGIN:
                return token
            if self._sins.has("asks-the-sdo-for-a-token-by-password-first"):
                with suppress(MailFault):
                    self._granted(settings, {"grant_type": "password", "username": "dui", "password": "essai"})
            answer = self._granted(settings, {"grant_type": "client_credentials"})
            life = answer.get("expires_in")
            until = self._clock() + (float(life) if isinstance(life, int | float) else DEFAULT_LIFE)
            self._token = (settings["token_endpoint"], answer["access_token"], until)
            return str(answer["access_token"])

    def _granted(self, settings: Mapping[str, Any], form: Mapping[str, str]) -> Json:
        status, content = self._call(
            "POST",
            settings["token_endpoint"],
            settings["ca_pem"],
            **self._trusting(settings),
            data=dict(form),
            auth=(settings["client_id"], settings["client_secret"]),
            headers={"Accept": "application/json"},
        )
        answer = _object(content)
        if status != 200 or not isinstance(answer.get("access_token"), str):
            reason = str(answer.get("error") or status)
            raise MailFault("refdui.fault.token-refused", transient=status in TRANSIENT, reason=reason[:100])
        return answer

    def _trusting(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The client certificate, and whom to trust: the authority of the settings, save under one defect."""
        pair = (settings["client_certificate_pem"], settings["client_key_pem"])
        if not self._sins.has("trusts-any-sdo"):
            return {"certificate": pair}
        context = strict_context(settings["ca_pem"], *pair)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"context": context, "verify": False}

    def _defects(self, settings: Mapping[str, Any], method: str, path: str) -> None:
        if method != "GET":
            return
        with suppress(Fault):
            if self._sins.has("calls-the-sdo-without-a-certificate-first"):
                self._ask({**settings, "client_certificate_pem": "", "client_key_pem": ""}, method, path, None, "")
            if self._sins.has("calls-the-sdo-without-a-token-first"):
                self._ask(settings, method, path, None, "")
            if self._sins.has("names-its-legal-entity-to-the-sdo-first"):
                self._ask(settings, method, path, None, self._access(settings), "1990000002")


def _address(base: str, path: str) -> str:
    if not path.startswith("https://"):
        return f"{base}/{path}"
    # An address that an answer hands out must lead to the same server: the token goes there.
    if not path.startswith(base + "/"):
        raise Fault("refdui.fault.foreign-address", url=path)
    return path


def _object(content: bytes) -> Json:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _refused(status: int, answer: Mapping[str, Any]) -> MailFault:
    return MailFault(
        "refdui.fault.sdo-refused", transient=status in TRANSIENT, status=status, reason=words_of(answer) or "-"
    )


def words_of(outcome: Mapping[str, Any]) -> str:
    """What an OperationOutcome says, shortened."""
    issues = outcome.get("issue")
    first = issues[0] if isinstance(issues, list) and issues and isinstance(issues[0], dict) else {}
    return str(first.get("diagnostics") or first.get("code") or "")[:200]
