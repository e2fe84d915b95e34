"""Sending the product to a server that is not the national service, then back to the good one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.drivers.operations.base import Service

SERVICE = "impostor"
CERTIFICATES = ("expired", "unknown-ca", "wrong-name", "revoked")
CLEAR = "clear"


@dataclass(frozen=True)
class Peer:
    """A national service: its settings, the act that calls it, whom that act is about, the records of a good call."""

    name: Service
    settings: Mapping[str, Any]
    act: Callable[[], object]
    identity: Mapping[str, str]
    control: Sequence[str]


def meet(stage: Stage, peer: Peer, faults: Sequence[str]) -> None:
    """The good service first, then an impostor for each fault with the same act, then the good one again."""
    peer.act()
    try:
        for fault in faults:
            met = stage.act(SERVICE, "open", fault=fault)
            told = {"fault": fault, "peer": peer.name, "domain": met["domain"], "identity": dict(peer.identity)}
            stage.expect("impostor", marks=(met["domain"],), control=list(peer.control), **told)
            stage.attempt(ops.ConfigureService(peer.name, moved(peer.settings, str(met["origin"]))))
            peer.act()
    finally:
        stage.attempt(ops.ConfigureService(peer.name, peer.settings))
    peer.act()


def moved(settings: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """The same settings with every address at another scheme, host and port."""
    found = {}
    for name, value in settings.items():
        if isinstance(value, str) and value.startswith(("https://", "http://")):
            parts = urlsplit(value)
            found[name] = origin + parts.path + (f"?{parts.query}" if parts.query else "")
        else:
            found[name] = value
    return found
