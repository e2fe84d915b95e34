"""The requests that the product makes to the directory: a search with all its pages, the extraction."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from ..connections import Connections
from ..faults import Fault, MailFault
from ..national import trusting
from ..sins import Sins
from ..web_client import call
from .entry import Entry, of_practitioner

SERVICE = "annuaire"
MAX_BUNDLE = 8 * 1024 * 1024
MAX_ZIP = 256 * 1024 * 1024
MAX_PAGES = 40
# How often a refused request is made again, and the longest wait between two.
ATTEMPTS, LONGEST_WAIT = 4, 4.0


class DirectoryFault(MailFault):
    """The directory refused, or its answer cannot be read."""


class Client:
    """The directory as it was set up."""

    def __init__(self, connections: Connections, sins: Sins) -> None:
        self._connections = connections
        self._sins = sins

    def search(self, family: str, given: str, *, attempts: int = ATTEMPTS) -> list[Entry]:
        """Everybody of that name, from every page; ``attempts`` at each while the directory is busy."""
        settings = self._connections.of(SERVICE)
        asked = {"family": family, **({"given": given} if given else {})}
        url = f"{settings['url']}/Practitioner?{urlencode(asked)}"
        found: list[Entry] = []
        for _ in range(MAX_PAGES):
            bundle = self._bundle(settings, url, attempts)
            found += [entry for entry in map(of_practitioner, _resources(bundle)) if entry]
            following = _next(bundle, settings["url"])
            if not following or self._sins.has("reads-the-first-page-of-the-directory"):
                return found
            url = following
        return found

    def extraction(self) -> bytes:
        """The zip of the public extraction."""
        settings = self._connections.of(SERVICE)
        return self._get(settings, settings["extraction_url"], MAX_ZIP, keyed=False)

    def _bundle(self, settings: Mapping[str, Any], url: str, attempts: int) -> Mapping[str, Any]:
        keyed = not self._sins.has("searches-the-directory-without-its-key")
        content = self._get(settings, url, MAX_BUNDLE, keyed=keyed, attempts=attempts)
        try:
            bundle = json.loads(content)
        except (ValueError, RecursionError) as exc:
            raise DirectoryFault("refdui.fault.directory-answer", transient=False) from exc
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            raise DirectoryFault("refdui.fault.directory-answer", transient=False)
        return bundle

    def _get(
        self, settings: Mapping[str, Any], url: str, limit: int, *, keyed: bool, attempts: int = ATTEMPTS
    ) -> bytes:
        """One request, made again after a while when the directory says that it cannot now (RFC 9110 §10.2.3)."""
        headers = {settings["api_key_header"]: settings["api_key"]} if keyed else {}
        trust = trusting(self._sins, settings["ca_pem"])
        status = 0
        for attempt in range(attempts):
            status, content = call("GET", url, settings["ca_pem"], limit=limit, headers=headers, **trust)
            if status == 200:
                return content
            if status != 429 and status < 500:
                break
            if self._sins.has("gives-up-on-a-busy-directory"):
                break
            if attempt + 1 < attempts and not self._sins.has("hammers-a-busy-directory"):
                time.sleep(min(1.1 * 2**attempt, LONGEST_WAIT))
        raise DirectoryFault("refdui.fault.directory-refused", status=status)


def _resources(bundle: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = [e.get("resource") for e in bundle.get("entry", ()) if isinstance(e, dict)]
    return [r for r in entries if isinstance(r, dict) and r.get("resourceType") == "Practitioner"]


def _next(bundle: Mapping[str, Any], base: str) -> str:
    """The address of the next page; one that leaves the directory's host is refused, for the key would go with it."""
    for link in bundle.get("link", ()):
        if link.get("relation") == "next":
            url = str(link.get("url", ""))
            if urlsplit(url)[:2] != urlsplit(base)[:2]:
                raise Fault("refdui.fault.directory-elsewhere", host=urlsplit(url).netloc)
            return url
    return ""
