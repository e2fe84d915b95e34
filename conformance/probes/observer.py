"""Looking at a front door once, within a budget, and writing down what was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.probes import certificate, handshakes, pages
from conformance.probes.budget import Budget, Spent
from conformance.probes.target import Target

# Writes one record: kind, data, contents by role. The provenance is that of a probe.
Write = Callable[[str, Mapping[str, Any], Mapping[str, bytes]], None]


def observe(target: Target, write: Write, budget: Budget | None = None) -> bool:
    """Look at the door; answers whether it answered at all. A budget that is spent ends the look, and is told."""
    allowed = budget or Budget()
    reached, complete = False, False
    try:
        reached = _look(target, write, allowed)
        complete = True
    except Spent:
        pass
    write("probe.budget", {**allowed.as_json(), "complete": complete}, {})
    return reached


def _look(target: Target, write: Write, budget: Budget) -> bool:
    reached = _tls(target, write, budget) if target.encrypted else False
    for answer in pages.walk(target, budget):
        reached = reached or bool(answer.status)
        _told(target, answer, write)
    if reached:
        traced = pages.ask(target, budget, "TRACE", target.path)
        write("probe.method", {"method": "TRACE", "status": traced.status, "echoed": traced.echoed}, {})
    return reached


def _tls(target: Target, write: Write, budget: Budget) -> bool:
    tried = handshakes.versions(target, budget)
    agreed = [attempt for attempt in tried if attempt.outcome == "agreed"]
    if agreed:
        tried += handshakes.families(target, budget)
    write("probe.tls", {"host": target.host, "attempts": [attempt.as_json() for attempt in tried]}, {})
    shown = next((attempt.certificate for attempt in reversed(agreed) if attempt.certificate), b"")
    if shown:
        trusted, reason = certificate.vouched(target, budget)
        told = {"host": target.host, **certificate.described(shown), "trusted": trusted, "reason": reason}
        told["authority"] = "given" if target.ca else "machine"
        write("probe.certificate", told, {"certificate": shown})
    return bool(agreed)


def _told(target: Target, answer: pages.Answer, write: Write) -> None:
    leads = urljoin(answer.url, answer.location) if answer.location else ""
    parts = urlsplit(leads)
    told = {
        "url": answer.url,
        "encrypted": target.encrypted,
        "status": answer.status,
        # Where it leads, without parameters: their values may open something.
        "location": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if leads else None,
        "headers": answer.headers,
        "reason": answer.reason,
    }
    write("probe.headers", told, {})
    if answer.cookies:
        told = {"url": answer.url, "encrypted": target.encrypted, "cookies": list(answer.cookies)}
        write("probe.cookies", told, {})
