"""The life of the mail sessions of a product, as failing servers and an ended login show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from conformance.checks.subjects.bad_servers import CREDENTIALS, PROTOCOLS, Connection, connections
from conformance.checks.subjects.window import address_of, in_force, recipients_of, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class ClosedSession:
    """A session that the operator closed although the login was good, and the logins of the same box that followed."""

    protocol: str
    address: str
    closed: Record
    reopened: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such session that was reopened, and in a settled window the others."""
        every = connections(observation)
        for server in observation.expected("bad-server"):
            if server.get("fault") != "closes":
                continue
            for cut in every:
                if cut.domain != server.get("domain") or cut.end is None or cut.end.data.get("how") != "closed":
                    continue
                later = _logins_after(every, cut)
                if later or settled(observation):
                    cited = (*observation.frame_evidence, server["evidence"], *cut.ids, *(r.id for r in later))
                    yield cls(PROTOCOLS[cut.service], address_of(server.get("address")), cut.end, later, cited)


@dataclass(frozen=True)
class StaleToken:
    """An access token that the operator said had expired, and the logins of the same box that followed."""

    protocol: str
    address: str
    token_id: str
    renewed: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such token that another one followed, and in a settled window the others; one for each protocol."""
        for server in observation.expected("bad-server"):
            if server.get("fault") != "expired-token":
                continue
            for service, protocol in PROTOCOLS.items():
                shown = [r for r in observation.of_kind(*CREDENTIALS) if r.service == service]
                mine = [r for r in shown if address_of(r.data.get("user")) == address_of(server.get("address"))]
                refused = [r for r in mine if r.data.get("reason") == "expired"]
                if not refused:
                    continue
                stale = str(refused[0].data.get("token_id"))
                after = [r for r in mine if r.monotonic > refused[0].monotonic and r.data.get("outcome") == "ok"]
                renewed = tuple(r for r in after if str(r.data.get("token_id")) != stale)
                if renewed or settled(observation):
                    cited = (server["evidence"], *(r.id for r in (*refused, *renewed)))
                    address = address_of(server.get("address"))
                    yield cls(protocol, address, stale, renewed, (*observation.frame_evidence, *cited))


@dataclass(frozen=True)
class BoxInService:
    """One of several boxes that are in service at once, and its logins once all of them were set up."""

    address: str
    protocol: str
    logins: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every box in both protocols: what it opened, and in a settled window what it did not open."""
        for wanted in observation.expected("boxes-in-service"):
            addresses = [address_of(box) for box in wanted.get("boxes") or ()]
            every = [r for r in observation.of_kind(*CREDENTIALS) if r.data.get("outcome") == "ok"]
            first = [min((r for r in every if _of(r, a)), key=lambda r: r.monotonic, default=None) for a in addresses]
            since = max((r.monotonic for r in first if r), default=0.0)
            for address in addresses:
                for service, protocol in PROTOCOLS.items():
                    mine = [r for r in every if r.service == service and _of(r, address) and r.monotonic >= since]
                    if mine or settled(observation):
                        cited = (*observation.frame_evidence, wanted["evidence"], *(r.id for r in mine))
                        yield cls(address, protocol, tuple(mine), cited)


def _of(record: Record, address: str) -> bool:
    return address_of(record.data.get("user")) == address


@dataclass(frozen=True)
class EndedLogin:
    """A Pro Santé Connect login that ended, that the product learnt of, and the sessions it had opened for the box."""

    address: str
    sessions: tuple[Connection, ...]
    still_open: tuple[Connection, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every ended login of a settled window, where the product was refused something afterwards.

        That refusal, of its token by the operator or of its refresh token by Pro Santé Connect, is what tells it.
        """
        if not settled(observation):
            return
        every = connections(observation)
        for ended in observation.of_kind("psc.login-ended"):
            address = address_of(ended.data.get("mailbox"))
            opened = [c for c in every if any(address_of(r.data.get("user")) == address for r in c.logins)]
            told = [r for r in _refusals(observation, address) if r.monotonic > ended.monotonic]
            if opened and told:
                cited = (ended.id, *(r.id for r in told), *(i for c in opened for i in c.ids))
                left = tuple(c for c in opened if not c.over)
                yield cls(address, tuple(opened), left, (*observation.frame_evidence, *cited))


@dataclass(frozen=True)
class TroubledMail:
    """A mailbox whose operator fails, and the document that had to leave from another one meanwhile."""

    fault: str
    meanwhile: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every failing mailbox whose trouble the product met, in a settled window or once the document left."""
        every = connections(observation)
        wanted = {str(e.get("domain")): e for e in observation.expected("meanwhile")}
        for server in observation.expected("bad-server"):
            expected = wanted.get(str(server.get("domain")))
            since, until = in_force(observation, str(server.get("domain")))
            if expected is None or since is None:
                continue
            met = [c for c in every if c.domain == server["domain"] and _begun(c) > since.monotonic]
            sent = tuple(
                r
                for r in observation.of_kind("smtp.message")
                if address_of(expected.get("to")) in recipients_of(r)
                and address_of(r.data.get("mail_from")) != address_of(server.get("address"))
                and r.monotonic > since.monotonic
                and (until is None or r.monotonic < until.monotonic)
            )
            if met and (sent or settled(observation)):
                switched = [r.id for r in (since, until) if r]
                cited = (server["evidence"], expected["evidence"], *switched, *met[0].ids, *(r.id for r in sent))
                yield cls(str(server["fault"]), sent, (*observation.frame_evidence, *cited))


@dataclass(frozen=True)
class KeptList:
    """A revocation list that the product fetched, whose publication then failed, and the logins that followed."""

    domain: str
    logins: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every server whose list was fetched before its publication failed, and that was met again afterwards."""
        every = connections(observation)
        for server in observation.expected("bad-server"):
            domain = str(server.get("domain"))
            since, until = in_force(observation, domain)
            if server.get("fault") != "crl-unavailable" or since is None:
                continue
            fetched = [
                r
                for r in observation.of_kind("pki.crl")
                if r.data.get("domain") == domain and r.data.get("status") == 200 and r.monotonic < since.monotonic
            ]
            met = [c for c in every if c.domain == domain and _begun(c) > since.monotonic]
            met = [c for c in met if until is None or _begun(c) < until.monotonic]
            if fetched and met and all(c.over for c in met):
                cited = (server["evidence"], fetched[0].id, since.id, *(i for c in met for i in c.ids))
                logins = tuple(r for c in met for r in c.logins)
                yield cls(domain, logins, (*observation.frame_evidence, *cited))


def _logins_after(every: Sequence[Connection], cut: Connection) -> tuple[Record, ...]:
    users = {address_of(r.data.get("user")) for r in cut.logins}
    after = cut.end.monotonic if cut.end else 0.0
    later = (r for c in every if c.service == cut.service and c is not cut for r in c.logins)
    return tuple(r for r in later if r.monotonic > after and address_of(r.data.get("user")) in users)


def _refusals(observation: Observation, address: str) -> Iterator[Record]:
    for record in observation.of_kind("psc.token", *CREDENTIALS):
        refused = record.data.get("outcome") == "refused"
        if refused and (record.kind == "psc.token" or address_of(record.data.get("user")) == address):
            yield record


def _begun(connection: Connection) -> float:
    return min(r.monotonic for r in connection.records)
