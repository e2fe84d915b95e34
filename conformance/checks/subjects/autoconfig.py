"""The set-up of a mailbox from its operator's configuration document, as the operator saw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from conformance.checks.subjects.window import IMAP, SMTP, Expectation, address_of, domain_of, in_force, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# Référentiel socle MSSanté #2 v1.0, ECO.1.1.9: the document that an operator publishes for its clients.
PATH = "/mail/config-v1.1.xml"
SERVICES = {SMTP: "SMTP", IMAP: "IMAP"}
# The faults of a document (docs/services/mssante.md).
BROKEN = frozenset({"no-autoconfig", "malformed-autoconfig"})


def host_of(record: Record) -> str:
    """The host that a request named, lower case and without port."""
    name = str(record.data.get("host") or "").strip().lower()
    try:
        return urlsplit(f"//{name}").hostname or ""
    except ValueError:
        return name


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as where a bench cannot publish ``autoconfig.<domain>``."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class AutoconfigExchange:
    """One mailbox that the scenario set up: the requests for its configuration, and the logins that followed.

    ``requests`` are all those for the domain of the box; ``smtp`` and ``imap`` the accepted logins to the box that
    came after the configuration document was served.
    """

    expectation: Expectation
    requests: tuple[Record, ...]
    smtp: tuple[Record, ...]
    imap: tuple[Record, ...]
    evidence: tuple[str, ...]

    @property
    def address(self) -> str:
        """The mailbox."""
        return address_of(self.expectation.get("address"))

    @property
    def domain(self) -> str:
        """The mail domain of the box."""
        return str(self.expectation.get("domain") or domain_of(self.address)).lower()

    @property
    def host(self) -> str:
        """Where the configuration of this domain is published."""
        return f"autoconfig.{self.domain}"

    @property
    def served(self) -> tuple[Record, ...]:
        """The requests that the operator answered with the document."""
        return tuple(r for r in self.requests if served(r))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AutoconfigExchange]:
        """Every mailbox of the scenario whose configuration was asked, and in a settled window the others."""
        asked = observation.of_kind("autoconfig.request")
        for box in observation.expected("mailbox"):
            address = address_of(box.get("address"))
            domain = str(box.get("domain") or domain_of(address)).lower()
            mine = tuple(r for r in asked if str(r.data.get("domain") or domain).lower() == domain)
            if not mine and not settled(observation):
                continue
            since = min((r.monotonic for r in mine if served(r)), default=None)
            smtp = _logins(observation, SMTP, "smtp.auth", address, since)
            imap = _logins(observation, IMAP, "imap.auth", address, since)
            cited = (*observation.frame_evidence, box["evidence"], *(r.id for r in (*mine, *smtp, *imap)))
            yield cls(box, mine, smtp, imap, cited)


@dataclass(frozen=True)
class ConfiguredBox(AutoconfigExchange):
    """A mailbox whose set-up can be judged to its end: both logins were seen, or the window is settled."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ConfiguredBox]:
        """Every exchange that is whole, and in a settled window the others."""
        for found in AutoconfigExchange.of(observation):
            if (found.smtp and found.imap) or settled(observation):
                yield cls(found.expectation, found.requests, found.smtp, found.imap, found.evidence)


@dataclass(frozen=True)
class BrokenDocument:
    """A configuration document that was missing or broken when it was asked for, then mended.

    ``early`` are the logins tried on the domain's servers before it was mended, ``late`` the accepted ones after, by
    service.
    """

    fault: str
    address: str
    early: tuple[Record, ...]
    late: Mapping[str, Record]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[BrokenDocument]:
        """Every such document that was asked for: once the box opened in both protocols, else in a settled window."""
        for server in observation.expected("bad-server"):
            domain, address = str(server.get("domain")), address_of(server.get("address"))
            on, off = in_force(observation, domain)
            if server.get("fault") not in BROKEN or on is None or off is None:
                continue
            asked = [r for r in observation.of_kind("autoconfig.request") if domain in r.marks]
            asked = [r for r in asked if on.monotonic < r.monotonic < off.monotonic]
            logins = [
                r for r in observation.of_kind("smtp.auth", "imap.auth") if address_of(r.data.get("user")) == address
            ]
            early = tuple(r for r in logins if r.monotonic < off.monotonic)
            good = [r for r in logins if r.monotonic > off.monotonic and r.data.get("outcome") == "ok"]
            late = {r.service: r for r in reversed(good)}
            if asked and (early or len(late) == len(SERVICES) or settled(observation)):
                cited = (server["evidence"], on.id, off.id, *(r.id for r in (*asked, *early, *late.values())))
                yield cls(str(server["fault"]), address, early, late, (*observation.frame_evidence, *cited))


def served(record: Record) -> bool:
    """Whether a request was answered with the configuration document."""
    return str(record.data.get("status")) == "200" and str(record.data.get("path", "")).partition("?")[0] == PATH


def _logins(observation: Observation, service: str, kind: str, address: str, since: float | None) -> tuple[Record, ...]:
    # The services of a run live in one process, so their monotonic times can be compared (services/contract.py).
    return tuple(
        r
        for r in observation.of_kind(kind)
        if r.service == service
        and since is not None
        and r.monotonic >= since
        and r.data.get("outcome") == "ok"
        and address_of(r.data.get("user")) == address
    )
