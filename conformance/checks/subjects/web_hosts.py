"""How the product behaved before the hosts of the web whose certificate is wrong: configuration, Pro Santé Connect.

As for mail servers (:mod:`.bad_servers`), each subject holds its positive control: the good host of the same kind,
which answered a request in the same window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from conformance.checks.subjects.autoconfig import served
from conformance.checks.subjects.bad_servers import Connection
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

AUTOCONFIG, PSC = "mssante.autoconfig", "psc"


class WebConnection(Connection):
    """One TLS connection to a host of the web; a request on it shows that the product trusted the host."""

    @property
    def trusted(self) -> Record | None:
        """The first request; ``None`` when there was none."""
        return next((r for r in self.records if not r.kind.startswith("tls.")), None)


@dataclass(frozen=True)
class BadWebHost:
    """One host with a bad certificate, and the connections that reached its TLS."""

    fault: str
    protocol: str
    connections: tuple[WebConnection, ...]
    evidence: tuple[str, ...]

    service: ClassVar[str]
    prefix: ClassVar[str]

    @property
    def kind(self) -> str:
        """What is wrong with the certificate: ``expired``, ``revoked``, ``unknown-ca`` or ``wrong-name``."""
        return self.fault.removeprefix(self.prefix)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such host that was met; one that was asked nothing is concluded on in a settled window only."""
        sessions = [tuple(records) for records in observation.sessions(cls.service).values()]
        strange = {r.id for records in sessions if _domain(records) for r in records}
        good = (r for r in observation.exchanges if cls._answered(r) and r.id not in strange)
        control = next(good, None)
        for server in observation.expected("bad-server"):
            fault = str(server.get("fault"))
            if not fault.startswith(cls.prefix) or control is None:
                continue
            met = [WebConnection(cls.service, _domain(r), r) for r in sessions if _domain(r) == server.get("domain")]
            met = [c for c in met if c.handshake is not None]
            if met and (any(c.trusted for c in met) or settled(observation)):
                cited = (server["evidence"], *(i for c in met for i in c.ids), control.id)
                yield cls(fault, cls.service, tuple(met), (*observation.frame_evidence, *cited))

    @classmethod
    def _answered(cls, record: Record) -> bool:
        raise NotImplementedError


class BadConfigurationHost(BadWebHost):
    """A host that publishes a configuration document."""

    service, prefix = AUTOCONFIG, "web-"

    @classmethod
    def _answered(cls, record: Record) -> bool:
        return record.kind == "autoconfig.request" and served(record) and not record.data.get("fault")


class BadIdentityProvider(BadWebHost):
    """A Pro Santé Connect."""

    service, prefix = PSC, "psc-"

    @classmethod
    def _answered(cls, record: Record) -> bool:
        return record.kind == "psc.token" and record.data.get("outcome") == "ok"


def _domain(records: tuple[Record, ...]) -> str:
    """The front that a connection reached, as its handshake says; empty for the good host."""
    return next((str(r.data["domain"]) for r in records if r.kind.startswith("tls.") and r.data.get("domain")), "")
