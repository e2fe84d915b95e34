"""How the product behaved before the bad servers that a scenario sent it to, beside the good one of its lane.

A refusal proves nothing alone: every subject holds its positive control, an accepted login of the same protocol on
the good server in the same window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.window import IMAP, SMTP
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

PROTOCOLS = {SMTP: "SMTP", IMAP: "IMAP"}
# What a client sends only once it trusts the server.
CREDENTIALS = ("smtp.auth", "imap.auth")
_TRUSTING = frozenset({"AUTH", "AUTHENTICATE", "LOGIN", "MAIL", "RCPT", "DATA", "SELECT", "EXAMINE"})


@dataclass(frozen=True)
class Connection:
    """One connection to a mail server: its records in order, and the front that it reached (empty: the good server)."""

    service: str
    domain: str
    records: tuple[Record, ...]

    @property
    def handshake(self) -> Record | None:
        """The outcome of its TLS handshake, if one began."""
        return next((r for r in self.records if r.kind == "tls.handshake"), None)

    @property
    def agreed(self) -> bool:
        """Whether the handshake came to its end."""
        return self.handshake is not None and self.handshake.data.get("outcome") == "ok"

    @property
    def trusted(self) -> Record | None:
        """The first record that shows that the product trusted this server; ``None`` when it never did."""
        return next((r for r in self.records if r.kind in CREDENTIALS or _verb(r) in _TRUSTING), None)

    @property
    def over(self) -> bool:
        """Whether its end was seen."""
        return self.end is not None

    @property
    def end(self) -> Record | None:
        """The record of its end."""
        return next((r for r in self.records if r.kind.endswith(".end")), None)

    @property
    def logins(self) -> tuple[Record, ...]:
        """The accepted logins."""
        return tuple(r for r in self.records if r.kind in CREDENTIALS and r.data.get("outcome") == "ok")

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its records."""
        return tuple(r.id for r in self.records)


def connections(observation: Observation) -> list[Connection]:
    """Every connection to the mail servers of the lane, in journal order."""
    found = []
    for service in PROTOCOLS:
        for records in observation.sessions(service).values():
            opening = next((r for r in records if r.kind.endswith(".connection")), None)
            domain = str(opening.data.get("domain") or "") if opening else ""
            found.append(Connection(service, domain, tuple(records)))
    return found


@dataclass(frozen=True)
class BadServer:
    """One bad server and one protocol: the connections that reached its TLS, and the control."""

    fault: str
    protocol: str
    connections: tuple[Connection, ...]
    evidence: tuple[str, ...]

    faults: ClassVar[frozenset[str]] = frozenset()
    # A connection that did not reach TLS proves nothing, but before a server that has none.
    under_tls: ClassVar[bool] = True

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every bad server of these faults whose TLS was met, each protocol that has its control apart.

        A connection that did not reach TLS, or whose outcome was not seen, proves nothing and is left out.
        """
        every = connections(observation)
        for server in observation.expected("bad-server"):
            if server.get("fault") not in cls.faults:
                continue
            for service, protocol in PROTOCOLS.items():
                met = [c for c in every if c.service == service and c.domain == server.get("domain")]
                met = [c for c in met if (c.handshake is not None or not cls.under_tls) and (c.over or c.trusted)]
                control = [c for c in every if c.service == service and not c.domain and c.agreed and c.logins]
                if met and control:
                    cited = (server["evidence"], *(i for c in met for i in c.ids), *control[0].ids)
                    yield cls(str(server["fault"]), protocol, tuple(met), (*observation.frame_evidence, *cited))


class ExpiredServer(BadServer):
    """A server whose certificate has expired."""

    faults = frozenset({"expired"})


class RevokedServer(BadServer):
    """A server whose certificate is revoked, as its CRL and its OCSP responder say."""

    faults = frozenset({"revoked"})


class StrangeServer(BadServer):
    """A server certified by an authority that is not the operators': unknown, or a usual commercial one."""

    faults = frozenset({"unknown-ca", "commercial-ca"})


class MisnamedServer(BadServer):
    """A server whose certificate is for another name."""

    faults = frozenset({"wrong-name"})


class ModernServer(BadServer):
    """A server that speaks TLS 1.3 and nothing else."""

    faults = frozenset({"only-tls-1-3"})


class ClearServer(BadServer):
    """A server that neither announces nor obeys STARTTLS, and offers to authenticate in clear."""

    faults = frozenset({"no-starttls"})
    under_tls = False


class OldServer(BadServer):
    """A server that speaks TLS 1.1 at most."""

    faults = frozenset({"old-version"})


class WeakServer(BadServer):
    """A server that agrees to suites of TLS 1.2 that MSSanté does not name, and to no other."""

    faults = frozenset({"weak-suite"})


class ShortServer(BadServer):
    """A server whose key exchange groups are too short: 1024-bit DH, or a curve under 256 bits."""

    faults = frozenset({"small-dh", "small-curve"})


def _verb(record: Record) -> str:
    data: Mapping[str, Any] = record.data
    return str(data.get("verb") or "").upper() if data.get("tls") else ""
