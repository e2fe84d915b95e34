"""The SI-SDO of a lane: where it listens, what opens it, what the bench may tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.services.http import HttpServer
from conformance.services.lane_service import Action, LaneContext, LaneService
from conformance.services.sdo.app import MAX_PAGE, Desk, application
from conformance.services.sdo.invented import invented
from conformance.services.sdo.machine import TRANSITIONS, Machine

NAME = "sdo"
# Fictitious FINESS numbers of department 99, with their check digit: one legal entity, two establishments.
ENTITY = "1990000002"
ESTABLISHMENTS = ("990000010", "990000028")
STRUCTURE_NAME = "ESMS FICTIF DU BANC"


class Sdo(LaneService):
    """One SI-SDO, with mutual TLS."""

    name: ClassVar[str] = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        names = (f"sdo.{context.lane}.test",)
        tls = context.recorder.context(service=NAME, lane=context.lane, names=names, client_auth="required")
        self._server = HttpServer(context=tls, settled=context.journal.durable)
        self._desk = Desk(
            lane=context.lane,
            journal=context.journal,
            base=self._server.url(),
            key=context.tokens.key,
            entities={ENTITY: ESTABLISHMENTS},
        )

    async def start(self) -> None:
        """Listen."""
        await self._server.start(application(self._desk))

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def endpoints(self) -> Mapping[str, Any]:
        """The settings of a product (``docs/services/sdo.md``); its certificate is made for the legal entity."""
        certificate, key = self.context.pki.client(f"SDO-{self.context.lane}"[:64], ENTITY)
        return {
            "fhir_base": self._desk.fhir_base,
            "token_endpoint": self._desk.token_endpoint,
            "client_id": self._desk.tokens.client_id,
            "client_secret": self._desk.tokens.client_secret,
            "client_certificate_pem": certificate,
            "client_key_pem": key,
            "struct_idnat": f"1{ESTABLISHMENTS[0]}",
            "structure_name": STRUCTURE_NAME,
        }

    def actions(self) -> Mapping[str, Action]:
        """What the bench may tell it."""
        return {
            "populate": self._populate,
            "change": self._change,
            "announce": self._announce,
            "withdraw": self._withdraw,
            "fault": self._fault,
            "clear": self._clear,
            "expire_tokens": self._expire,
            "configure": self._configure,
        }

    async def _populate(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hold exactly ``decisions``; what was received before is forgotten, faults are off.

        ``count`` and ``seed`` in their place have that many fictitious ones drawn, for a developer's desk.
        """
        decisions = asked.get("decisions")
        if "count" in asked:
            decisions = invented(asked.get("count"), asked.get("seed", 0), f"1{ESTABLISHMENTS[0]}")
        if not isinstance(decisions, list):
            raise UsageError("services.sdo.dossier", reason="decisions")
        self._desk.faults.clear()
        return {"held": self._desk.register.replace(decisions)}

    async def _change(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Correct a decision: ``national``, ``content`` (CDA in base64)."""
        version = self._desk.register.change(str(asked.get("national")), str(asked.get("content")))
        self._note("decision.changed", national=asked.get("national"), version=version)
        return {"version": version}

    async def _announce(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Announce a status to the establishment: ``national``, ``status``."""
        national, status = str(asked.get("national")), str(asked.get("status"))
        id = self._desk.register.announce(national, status, STRUCTURE_NAME)
        self._note("status.announced", national=national, status=status, task=id)
        return {"task": id}

    async def _withdraw(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """A decision is gone between the list and the reading: ``national``."""
        self._desk.register.withdraw(str(asked.get("national")))
        self._note("decision.withdrawn", national=asked.get("national"))
        return {}

    async def _fault(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do something wrong (:mod:`conformance.services.sdo.faults`)."""
        fault = self._desk.faults.put(asked)
        self._note("fault.switched", fault=fault.name, on=fault.on, times=fault.left, active=True)
        return {}

    async def _clear(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Work properly again."""
        self._desk.faults.clear()
        self._note("fault.switched", fault="*", on="*", times=0, active=False)
        return {}

    async def _expire(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """End every token issued so far."""
        expired = self._desk.tokens.expire()
        self._note("tokens.expired", count=expired)
        return {"expired": expired}

    async def _configure(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Set ``page_size``, ``token_life`` (seconds), ``transitions`` and whether they are ``enforced``."""
        size, life = asked.get("page_size", self._desk.page_size), asked.get("token_life", self._desk.tokens.life)
        if not (isinstance(size, int) and 1 <= size <= MAX_PAGE and isinstance(life, int) and 1 <= life <= 3600):
            raise UsageError("services.control.bad-request", name="page_size, token_life")
        self._desk.page_size, self._desk.tokens.life = size, life
        transitions, enforced = asked.get("transitions"), asked.get("enforced")
        if transitions is not None or enforced is not None:
            table = transitions if isinstance(transitions, dict) else TRANSITIONS
            self._desk.machine = Machine(table, enforced=enforced is not False)
        return {"page_size": size, "token_life": life}

    def _note(self, kind: str, **data: Any) -> None:
        marks = [str(data["national"])] if "national" in data else []
        self.context.journal.append(
            NAME, self.context.lane, f"sdo.{kind}", provenance=Provenance.HARNESS, data=data, marks=marks
        )
