"""The primitives of a stage: ask the product, know the people, say what is expected, wait with a limit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from conformance.bench.hindrance import Hindered
from conformance.bench.people import People
from conformance.bench.window import Window
from conformance.core.product import Front, Limits
from conformance.core.words import Fault, Provenance
from conformance.drivers import operations as ops
from conformance.drivers.outcome import Answered, Driver, Outcome
from conformance.population import Correspondent, IdentityStatus, Person
from conformance.services.client import Bench
from conformance.services.contract import LaneEndpoints

BoxKind = Literal["PER", "ORG", "APP"]
# Seconds between two questions to the product, and after it said that it is idle.
WAIT_SLICE = 1.0
IDLE_GRACE = 0.2
# Seconds between two questions while it ends what it has begun.
SETTLE_SLICE = 0.1


@dataclass(frozen=True)
class Floor:
    """One scenario in its lane. Every act goes through it, so that every act is evidence."""

    scenario: str
    window: Window
    driver: Driver
    bench: Bench
    here: LaneEndpoints
    people: People
    limits: Limits
    patient_digits: int = 15
    # Where the product's control API is; its pages are on the same host unless it says otherwise.
    front: str = ""
    # Where people enter, when the sheet says so: what the probes look at.
    door: Front | None = None

    # --- the product ------------------------------------------------------------------------------------------

    def perform(self, operation: ops.Operation) -> Outcome:
        """Ask the product; anything but *done* stops the scenario as :class:`Hindered`."""
        outcome = self.attempt(operation)
        if outcome.done:
            return outcome
        name, detail = operation.name, str(outcome.body.get("error", ""))
        match outcome.answered:
            case Answered.NOT_OFFERED:
                raise Hindered("hindrance.not-offered", Fault.PRODUCT, operation=name)
            case Answered.UNREACHABLE:
                raise Hindered("hindrance.unreachable", Fault.CONFIGURATION, operation=name, detail=detail)
            case Answered.REFUSED if outcome.status in (401, 403):
                raise Hindered("hindrance.token", Fault.CONFIGURATION, operation=name, status=outcome.status)
            case Answered.REFUSED:
                raise Hindered("hindrance.refused", Fault.PRODUCT, operation=name, status=outcome.status, detail=detail)
            case _:
                raise Hindered("hindrance.failed", Fault.PRODUCT, operation=name, status=outcome.status, detail=detail)

    def ask(self, operation: ops.Operation) -> Outcome:
        """Ask the product for something that the scenario judges: a refusal is evidence, an act that is not offered is not.

        What the product does not offer, or was not there to hear, stops the scenario: nothing can be said against it.
        """
        outcome = self.attempt(operation)
        if outcome.answered is Answered.NOT_OFFERED:
            raise Hindered("hindrance.not-offered", Fault.PRODUCT, operation=operation.name)
        if outcome.answered is Answered.UNREACHABLE:
            detail = str(outcome.body.get("error", ""))
            raise Hindered("hindrance.unreachable", Fault.CONFIGURATION, operation=operation.name, detail=detail)
        return outcome

    def attempt(self, operation: ops.Operation) -> Outcome:
        """Ask the product and take whatever answer comes; the request and the answer are evidence."""
        self.window.write("stimulus", {"operation": operation.name, "parameters": operation.as_json()})
        outcome = self.driver.perform(operation)
        self.window.write(
            "answer",
            {
                "operation": operation.name,
                "status": outcome.status,
                "outcome": str(outcome.answered),
                "body": outcome.body,
            },
            provenance=Provenance.PERSON if self.driver.guided else Provenance.PRODUCT,
            blobs={"content": outcome.content} if outcome.content is not None else None,
        )
        return outcome

    def idle(self) -> bool | None:
        """What the product says of its idleness; ``None`` when it cannot say."""
        outcome = self.driver.perform(ops.ReadIdle())
        return outcome.body.get("idle") is True if outcome.done else None

    def settle(self) -> None:
        """Let the product end what it has begun, within the limit; one that cannot say so is not waited for."""
        deadline = time.monotonic() + self.limits.answer
        while self.idle() is False and time.monotonic() < deadline:
            time.sleep(SETTLE_SLICE)

    # --- national services -----------------------------------------------------------------------------------

    def service(self, name: str) -> Mapping[str, Any]:
        """Where a national service of the lane is and what opens it; it starts when it is first asked for."""
        return self.bench.service(self.here.lane, name)

    def act(self, service: str, action: str, **members: Any) -> Mapping[str, Any]:
        """Tell a national service of the lane something: a population, a fault, a change."""
        return self.bench.act(self.here.lane, service, action, **members)

    # --- people and boxes -------------------------------------------------------------------------------------

    def mailbox(self, kind: BoxKind = "PER", *, user: str = "") -> str:
        """A box of the product on the lane's operator, set up from its autoconfiguration document.

        ``user`` names another professional of the site than the first, who has a box of their own.
        """
        # A person sets a box up once; a machine can afford one for each scenario, and attribution is then exact.
        local = "dui" if self.driver.guided else f"{self.scenario.replace('.', '-')}-{kind.lower()}"
        address = f"{local}{'-' if user else ''}{user}@{self.here.domain}"
        opened = self.bench.mailbox(self.here.lane, address, kind)
        self.window.write(
            "expectation",
            {"name": "mailbox", "address": address, "kind": kind, "domain": self.here.domain},
            marks=() if self.driver.guided else (address,),
        )
        self.perform(ops.ConfigureMailbox(address, kind, self._settings(kind, opened)))
        return address

    def bad_server(self, fault: str, kind: BoxKind = "PER", *, active: bool = True, again: bool = False) -> str:
        """Have the product set up a box on a bad server of the lane; whatever it answers is evidence.

        ``fault`` is one of ``docs/services/mssante.md``; ``active`` false leaves it off until :meth:`switch`. ``again`` puts
        the fault off afterwards and has the box set up once more. Answers the address of the box.
        """
        label = f"{self.scenario.replace('.', '-')}-{self.window.name.rpartition('#')[2]}"
        met = self.bench.fault(self.here.lane, fault, label=label, active=active)
        address = f"dui@{met['domain']}"
        opened = self.bench.mailbox(self.here.lane, address, kind)
        self.window.write(
            "expectation",
            {"name": "bad-server", "fault": fault, "domain": met["domain"], "address": address, "kind": kind},
            marks=(met["domain"], address),
        )
        settings = {**self._settings(kind, opened), "autoconfig_url": met["autoconfig_url"]}
        if "psc_token_endpoint" in met:
            settings["psc"] = {**settings["psc"], "token_endpoint": met["psc_token_endpoint"]}
        asked = ops.ConfigureMailbox(address, kind, settings)
        self.attempt(asked)
        if again:
            self.switch(address, active=False)
            self.attempt(asked)
        return address

    def switch(self, address: str, *, active: bool) -> None:
        """Put the fault of a box's bad server on or off."""
        self.bench.switch(self.here.lane, address.rpartition("@")[2], active=active)

    def end_login(self, address: str) -> None:
        """End the Pro Santé Connect login that opens a box, as when its owner leaves."""
        self.bench.end_login(self.here.lane, address)

    def person(self, role: str = "usager", *, status: IdentityStatus = "qualifiee", known: bool = True) -> Person:
        """A person of the run; ``known`` creates the record in the product."""
        person = self.people.person(self.place, role, status=status)
        self.window.write("population.person", person.as_json(), marks=(person.matricule, person.ins, person.key))
        if known:
            self.perform(ops.CreatePerson(person.key, person.as_json()))
        return person

    def correspondent(self, role: str, *, of: Person | None = None, kind: str = "PER") -> Correspondent:
        """A professional of the run, added to a person's record when ``of`` names one."""
        found = self.people.correspondent(self.place, role, domain=self.here.correspondents_domain, kind=kind)
        if of is not None:
            self.perform(ops.AddCorrespondent(of.key, found.address, found.as_json()))
        return found

    def citizen_address(self, person: Person) -> str:
        """The person's Mon espace santé address on this lane (wire.md §1.8)."""
        return f"{person.ins[: self.patient_digits]}@{self.here.patients_domain}"

    # --- expectations and waits -------------------------------------------------------------------------------

    def expect(self, name: str, *, marks: tuple[str, ...] = (), **members: Any) -> None:
        """Say what this scenario asked for; checks compare what came with it."""
        self.window.write("expectation", {"name": name, **members}, marks=marks)

    def expect_message(
        self, box: str, to: str, *, audience: str = "professional", person: Person | None = None, **members: Any
    ) -> None:
        """Say that a message must leave a box for an address; ``members`` are what its checks compare."""
        of: dict[str, Any] = {"person": None, "matricule": None}
        if person is not None:
            of = {"person": person.key, "matricule": person.ins, "status": person.status}
        told = {"document": None, "type_code": None, **of, **members}
        self.expect("message", marks=(to,), to=to, audience=audience, mailbox=box, **told)

    def now(self) -> dict[str, int]:
        """The last record of every service in this lane: what a later wait must come after."""
        return self.bench.sequences(self.here.lane)

    def await_record(self, kind: str, mark: str, *, after: Mapping[str, int] | None = None) -> Mapping[str, Any] | None:
        """Wait for a record of this lane that bears a mark; ``None`` when none came within the limit.

        ``after`` is what :meth:`now` answered before the stimulus; by default, the opening of the window.
        """
        since = self.window.starts if after is None else after
        deadline = time.monotonic() + self.limits.answer
        while True:
            # A product that says it is idle has nothing more to send: one last look, then no more waiting.
            over = time.monotonic() >= deadline or self.idle() is True
            slice_ = IDLE_GRACE if over else min(WAIT_SLICE, self.limits.answer)
            found = self.bench.await_record(self.here.lane, kind, mark.lower(), after=since, timeout=slice_)
            if found is not None or over:
                return found

    def control(self, name: str, record: Mapping[str, Any] | None) -> None:
        """Note a positive control; one that was not seen is noted too, and then no absence can be judged."""
        evidence = [record["id"]] if record is not None else []
        self.window.write("control", {"name": name, "evidence": evidence}, provenance=Provenance.WIRE)

    def deliver(self, mailbox: str, raw: bytes, what: str) -> Mapping[str, Any]:
        """Put an inbound message in a box."""
        return self.bench.deliver(self.here.lane, mailbox, raw, what)

    # --- inside -----------------------------------------------------------------------------------------------

    @cached_property
    def place(self) -> str:
        """What the population draws people for: this attempt of this scenario in this lane."""
        return self.window.name

    @cached_property
    def today(self) -> str:
        """The day of the acts, ISO 8601 with its offset; written into the evidence by the operations."""
        return datetime.now().astimezone().isoformat(timespec="seconds")

    def _settings(self, kind: BoxKind, opened: Mapping[str, Any]) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "autoconfig_url": self.here.autoconfig_url,
            "ca_pem": self.bench.endpoints.ca_pem,
            "patients_domain": self.here.patients_domain,
        }
        if kind == "APP":
            settings |= {name: opened[name] for name in ("client_certificate_pem", "client_key_pem")}
            return settings
        settings["psc"] = {
            "issuer": self.here.psc_issuer,
            "token_endpoint": self.here.psc_token_endpoint,
            "client_id": self.here.client_id,
            "client_secret": self.here.client_secret,
            "refresh_token": opened["refresh_token"],
        }
        return settings
