"""A browser of the bench's own: it walks through the product's front door, and each step is evidence of a probe.

Bounded in steps, time and size; it knows the bench's authority, keeps cookies as a browser does, and runs no script.
It goes nowhere but to the product and to the simulated services: an address elsewhere is noted and left alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import requests

from conformance.bench.page_forms import Filled, Form, fill
from conformance.bench.sight import Sight, Wanted
from conformance.bench.stage import Stage
from conformance.core.words import Provenance

MAX_STEPS = 12
MAX_PAGE = 1024 * 1024
PIECE = 64 * 1024
LIMIT = 15.0
# Seconds past the limit of a visit before it is given up, so that the library's own time-out speaks first.
GRACE = 2.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Elsewhere(ValueError):
    """The product sends its user to a host that is neither its own nor one of the bench's."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one address gave."""

    status: int
    location: str
    page: str
    cookies: list[Mapping[str, Any]]


class Browser:
    """One browser with its own cookies; ``base`` is what relative addresses are resolved against."""

    def __init__(self, stage: Stage, base: str, label: str) -> None:
        self._stage = stage
        self._base = base
        self._hosts = {host(base), host(stage.here.psc_issuer), *LOOPBACK}
        self.label = label
        self._mark = f"browser:{stage.window.name}:{label}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._ca = tempfile.NamedTemporaryFile("w", suffix=".pem")  # noqa: SIM115 - closed with the browser
        self._ca.write(stage.bench.endpoints.ca_pem)
        self._ca.flush()
        self._session.verify = self._ca.name
        stage.expect("browser", marks=(self._mark,), label=label)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()
        self._ca.close()

    def follow(self, url: str, purpose: str) -> None:
        """Go to an address and wherever it leads, as a person who is sent from page to page."""
        here = url
        for _ in range(MAX_STEPS):
            here, _page = self._step(here, purpose, Wanted())
            if not here:
                return

    def fill(self, form: Form, typed: Mapping[str, str], purpose: str) -> bool:
        """Open the page of a form, fill it, send it and go wherever that leads; false when the page holds no such form.

        ``typed`` is by member of the form, those that it does not have left out; what the page put in the form besides,
        hidden or chosen, is sent along.
        """
        here, page = self._step(form.url, f"{purpose}-form", Wanted())
        named = form.named(typed)
        filled = fill(page, named) if named else None
        if here or filled is None:
            return False
        location, _page = self._step(urljoin(form.url, filled.action), f"{purpose}-sent", Wanted(), filled)
        if location:
            self.follow(location, purpose)
        return True

    def reopen(self) -> None:
        """Close the browser and open it again: what was kept for the session only is gone (RFC 6265 §5.3)."""
        self._session.close()
        self._session.cookies.clear_session_cookies()

    def call(self, url: str, login: str, password: str, purpose: str) -> None:
        """Ask an address as a process does: credentials by HTTP Basic (RFC 7617), and no screen."""
        self._session.auth = (login, password)
        try:
            self._step(url, purpose, Wanted())
        finally:
            self._session.auth = None

    def look(self, url: str, purpose: str, *, wanted: tuple[str, ...] | Wanted = (), pages: int = 1) -> None:
        """Go to one address; ``wanted`` is what is noted of the page: texts of its source, or more.

        Of a list of several pages, up to ``pages`` are turned until one shows all the texts: the last look is the one that counts.
        """
        sought, here = wanted if isinstance(wanted, Wanted) else Wanted(texts=wanted), url
        turned = {""}
        for left in reversed(range(pages)):
            _location, page = self._step(here, purpose, sought)
            if not left or not page or len(sought.on(page, here)["shows"]) == len(sought.texts):
                return
            at = urljoin(self._base, here)
            turned.add(urldefrag(at).url)
            here = Sight(page, at).next
            if here in turned:
                return

    def _step(self, url: str, purpose: str, wanted: Wanted, filled: Filled | None = None) -> tuple[str, str]:
        """One visit, written down; answers the absolute address that it leads to, or nothing, and the page."""
        told: dict[str, Any] = {"browser": self.label, "purpose": purpose, "url": "", "shows": []}
        told |= {"status": 0, "location": None, "cookies": []}
        location = page = ""
        try:
            here = urljoin(self._base, url)
            told["url"] = _shown(here)
            if host(here) not in self._hosts:
                raise Elsewhere(here)
            found = self._get(here, filled)
            page = found.page
            location = urljoin(here, found.location) if found.location else ""
            told |= {"status": found.status, "location": _shown(location) if location else None}
            told |= {**wanted.on(found.page, here), "cookies": found.cookies}
        except (requests.RequestException, ValueError) as exc:
            # A product may name an address that is none, or one elsewhere.
            told |= {"status": 0, "error": type(exc).__name__}
            location = ""
        self._stage.window.write("browser.visit", told, marks=(self._mark,), provenance=Provenance.PROBE)
        return location, page

    def _get(self, url: str, filled: Filled | None) -> _Found:
        # The library's limit is for each read: a page that drips would never end.
        asked: Queue[_Found | Exception] = Queue()
        Thread(target=lambda: asked.put(self._read(url, filled)), daemon=True).start()
        try:
            found = asked.get(timeout=LIMIT + GRACE)
        except Empty:
            raise requests.Timeout from None
        if isinstance(found, Exception):
            raise found
        return found

    def _read(self, url: str, filled: Filled | None) -> _Found | Exception:
        method, members = (filled.method, filled.data) if filled else ("GET", {})
        sent: dict[str, Any] = {"data": members} if method == "POST" else {"params": members}
        try:
            with self._session.request(
                method, url, **sent, timeout=LIMIT, stream=True, allow_redirects=False
            ) as answer:
                page = _bounded(answer).decode("utf-8", "replace")
                location = answer.headers.get("Location", "") if answer.is_redirect else ""
                return _Found(answer.status_code, location, page, _cookies(answer))
        except (requests.RequestException, ValueError) as exc:
            return exc


def _bounded(answer: requests.Response) -> bytes:
    """The beginning of a page, however many pieces it comes in."""
    page = bytearray()
    for piece in answer.iter_content(PIECE):
        page += piece
        if len(page) >= MAX_PAGE:
            break
    return bytes(page[:MAX_PAGE])


def _shown(url: str) -> str:
    """An address as evidence keeps it: the names of its parameters, not their values, which may open something."""
    parts = urlsplit(url)
    names = "&".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" + (f"?{names}" if names else "")


def _cookies(answer: requests.Response) -> list[Mapping[str, Any]]:
    """The cookies that an answer sets: their names and what protects them."""
    return [
        {
            "name": cookie.name,
            "secure": bool(cookie.secure),
            "http_only": cookie.has_nonstandard_attr("HttpOnly") or cookie.has_nonstandard_attr("httponly"),
            "same_site": cookie.get_nonstandard_attr("SameSite") or cookie.get_nonstandard_attr("samesite"),
        }
        for cookie in answer.cookies
    ]


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def host(url: str) -> str:
    """The host of an address, in lower case."""
    return (urlsplit(url).hostname or "").lower()
