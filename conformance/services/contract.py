"""What the running services tell the rest of the bench: one JSON file, one loopback control interface.

The services run in one process (``conformance serve``); the pytest side, the reference DUI's launcher and a
developer's shell read :class:`Endpoints` from ``services.json`` and talk to the control interface with
:class:`conformance.services.client.Bench`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Names of services in the journal. Each owns one gap-free sequence per lane.
PSC = "psc"
SMTP = "mssante.smtp"
IMAP = "mssante.imap"
AUTOCONFIG = "mssante.autoconfig"
DELIVERY = "mssante.delivery"
# What keeps the boxes of the MSSanté operator and answers for them, behind its doors.
EMBEDDED = "embedded"
DOVECOT = "dovecot"
BACKENDS = (EMBEDDED, DOVECOT)


@dataclass(frozen=True, slots=True)
class LaneEndpoints:
    """Where one lane's services listen, and what identifies the product there.

    ``smtp`` and ``imap`` are ``[host, port]``; URLs are absolute. ``domain`` is the lane's mail domain,
    ``correspondents_domain`` the domain of the professionals it writes to, ``patients_domain`` the citizens'.
    """

    lane: str
    domain: str
    correspondents_domain: str
    patients_domain: str
    smtp: tuple[str, int]
    imap: tuple[str, int]
    autoconfig_url: str
    psc_issuer: str
    psc_token_endpoint: str
    psc_introspection_endpoint: str
    psc_jwks_uri: str
    psc_ciba_endpoint: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The whole bench: control interface, trust anchor, lanes."""

    control_url: str
    control_token: str
    ca_pem: str
    pid: int
    mail_backend: str
    lanes: Mapping[str, LaneEndpoints] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write ``services.json`` (mode 0600: it holds the control token), whole or not at all."""
        scratch = path.with_suffix(".part")
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps({"schema": 1, **asdict(self)}, indent=1), encoding="utf-8")
        scratch.replace(path)

    @classmethod
    def read(cls, path: Path) -> Endpoints:
        """Read ``services.json``."""
        return cls.of(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Endpoints:
        """Build from the parsed form."""
        members = {name: raw[name] for name in cls.__slots__ if name != "lanes"}
        return cls(**members, lanes={name: lane_of(lane) for name, lane in raw["lanes"].items()})


def lane_of(raw: Mapping[str, Any]) -> LaneEndpoints:
    """One lane from its parsed form."""
    return LaneEndpoints(**{**raw, "smtp": tuple(raw["smtp"]), "imap": tuple(raw["imap"])})
