"""A browser of the bench's own: it walks through the product's front door, and each step is evidence of a probe.

Bounded in steps, time and size; it knows the bench's authority, keeps cookies as a browser does, and runs no script.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from html import unescape
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from conformance.bench.stage import Stage
from conformance.core.words import Provenance

MAX_STEPS = 12
MAX_PAGE = 1024 * 1024
LIMIT = 15.0


class Browser:
    """One browser with its own cookies; ``base`` is what relative addresses are resolved against."""

    def __init__(self, stage: Stage, base: str, label: str) -> None:
        self._stage = stage
        self._base = base
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
        here = urljoin(self._base, url)
        for _ in range(MAX_STEPS):
            location = self._step(here, purpose, ())
            if not location:
                return
            here = urljoin(here, location)

    def look(self, url: str, purpose: str, *, wanted: tuple[str, ...] = ()) -> None:
        """Go to one address, no further; ``wanted`` are the texts whose presence on the page is noted."""
        self._step(urljoin(self._base, url), purpose, wanted)

    def _step(self, url: str, purpose: str, wanted: tuple[str, ...]) -> str:
        told: dict[str, Any] = {"browser": self.label, "purpose": purpose, "url": _shown(url), "shows": []}
        location = ""
        try:
            with self._session.get(url, timeout=LIMIT, stream=True, allow_redirects=False) as answer:
                page = unescape(next(answer.iter_content(MAX_PAGE), b"").decode("utf-8", "replace"))
                location = answer.headers.get("Location", "") if answer.is_redirect else ""
                told |= {"status": answer.status_code, "location": _shown(urljoin(url, location)) if location else None}
                told |= {"shows": [text for text in wanted if text in page], "cookies": _cookies(answer)}
        except requests.RequestException as exc:
            told |= {"status": 0, "location": None, "error": type(exc).__name__, "cookies": []}
        self._stage.window.write("browser.visit", told, marks=(self._mark,), provenance=Provenance.PROBE)
        return location


def _shown(url: str) -> str:
    """An address as evidence keeps it: the names of its parameters, not their values, which may open something."""
    parts = urlsplit(url)
    names = "&".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))
    return f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{names}" if names else "")


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
