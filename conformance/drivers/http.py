"""The HTTP driver: calls the control API that the editor implements in front of the product."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from conformance.core.errors import SetupError
from conformance.drivers.operations import Operation
from conformance.drivers.outcome import Answered, Outcome

MAX_ANSWER = 32 * 1024 * 1024
CHUNK = 65536
# Seconds past the limit of a call before it is given up, so that the library's own time-out speaks first.
GRACE = 2.0


@dataclass(frozen=True, slots=True)
class Probed:
    """What a product answered to bytes: status (0: nothing came), media type, body."""

    status: int
    content_type: str
    content: bytes


class HttpDriver:
    """One lane's control API. ``answer`` is the limit of one call in seconds."""

    guided = False

    def __init__(self, url: str, token: str | None, answer: float) -> None:
        self._url = url.rstrip("/")
        self._answer = answer
        self._session = requests.Session()
        # Proxies and CA bundles of the environment are not the bench's business (a variable such as
        # REQUESTS_CA_BUNDLE overrides Session.verify).
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def perform(self, operation: Operation) -> Outcome:
        """One call. A 404 or 501 means the operation is not offered, another 4xx a refusal, a 5xx a failure."""
        return self._call(operation.method, operation.url_path(), operation.body())

    def prepare(self, defects: tuple[str, ...]) -> None:
        """Switch the reference DUI's defects; a refusal is a setup error."""
        outcome = self._call("PUT", "/defects", {"defects": list(defects)})
        if not outcome.done:
            raise SetupError("driver.no-defects", url=self._url, status=outcome.status)

    def probe(self, url: str, content: bytes, media_type: str) -> Probed:
        """Send bytes to an address that the product named, as another software would.

        ``url`` may be relative to the control API's origin; the control token goes with it there, and nowhere else.
        """
        target = urljoin(self._url, url)
        asked: Queue[Probed] = Queue()
        Thread(target=lambda: asked.put(self._send(target, content, media_type)), daemon=True).start()
        try:
            return asked.get(timeout=self._answer + GRACE)
        except Empty:
            return Probed(0, "", b"")

    def _send(self, url: str, content: bytes, media_type: str) -> Probed:
        headers = {"Content-Type": media_type, "Accept": media_type}
        same = urlsplit(url)[:2] == urlsplit(self._url)[:2]
        try:
            with requests.Session() as plain:
                plain.trust_env = False
                session = self._session if same else plain
                with session.post(
                    url, data=content, headers=headers, timeout=self._answer, stream=True, allow_redirects=False
                ) as response:
                    kind = response.headers.get("Content-Type", "")
                    return Probed(response.status_code, kind, _bounded(response))
        except requests.RequestException:
            return Probed(0, "", b"")

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Outcome:
        # The library's timeout is per read: an answer that drips would never end. The call has one limit as a whole.
        asked: Queue[Outcome] = Queue()
        Thread(target=lambda: asked.put(self._exchange(method, path, body)), daemon=True).start()
        try:
            return asked.get(timeout=self._answer + GRACE)
        except Empty:
            return Outcome(Answered.UNREACHABLE, body={"error": "Timeout"})

    def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> Outcome:
        try:
            with self._session.request(
                method, self._url + path, json=body, timeout=self._answer, stream=True, allow_redirects=False
            ) as response:
                return _outcome(response, _bounded(response))
        except requests.RequestException as exc:
            return Outcome(Answered.UNREACHABLE, body={"error": type(exc).__name__})


def _bounded(response: requests.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > MAX_ANSWER:
            raise requests.RequestException("answer too large")
    return bytes(content)


def _outcome(response: requests.Response, content: bytes) -> Outcome:
    status = response.status_code
    is_json = response.headers.get("Content-Type", "").split(";")[0].strip() == "application/json"
    body: dict[str, Any] = {}
    if is_json:
        try:
            parsed = json.loads(content) if content else {}
            json.dumps(parsed, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return Outcome(Answered.FAILED, status, {"error": "invalid JSON"})
        body = parsed if isinstance(parsed, dict) else {"value": parsed}
    if status in (404, 501) and not body.get("error"):
        return Outcome(Answered.NOT_OFFERED, status, body)
    if status == 501:
        return Outcome(Answered.NOT_OFFERED, status, body)
    if status >= 500:
        return Outcome(Answered.FAILED, status, body)
    if status >= 300:
        return Outcome(Answered.REFUSED, status, body)
    return Outcome(Answered.DONE, status, body, None if is_json else content)
