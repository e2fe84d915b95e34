"""One call of the DMP: what was asked, what is answered, and what the journal keeps of it."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from lxml import etree

from conformance.core.texts import say
from conformance.dmp import codes
from conformance.dmp.codes import RS
from conformance.dmp.digests import Digests
from conformance.dmp.vihf import Vihf
from conformance.evidence.pack import Filed
from conformance.services.dmp.faults import Faults
from conformance.services.dmp.held import Patient
from conformance.services.dmp.store import Store
from conformance.soap.envelope import Envelope
from conformance.soap.guarded import Element
from conformance.soap.mtom import Package


@dataclass(frozen=True)
class Call:
    """An authenticated request.

    ``at`` is the instant of its arrival, ``filed`` gives its bytes, if many, once written, ``revoked`` are the serial
    numbers of the certificates that the lane's authority revoked.
    """

    envelope: Envelope
    package: Package
    vihf: Vihf
    transaction: str
    store: Store
    faults: Faults
    anchor: x509.Certificate
    at: datetime
    digests: Digests
    filed: Awaitable[Filed] | None
    revoked: Collection[int] = ()

    @property
    def now(self) -> str:
        """The instant, ISO 8601 in UTC."""
        return self.at.isoformat(timespec="milliseconds")

    @property
    def ins(self) -> str:
        """The person that the assertion names; empty when it names nobody."""
        return self.vihf.patient[0] if self.vihf.patient else ""

    def patient(self) -> Patient | None:
        """That person, if the DMP knows them under that OID and their record is open."""
        found = self.store.patient(self.ins) if self.ins else None
        known = found is not None and self.vihf.patient is not None and self.vihf.patient[1] == found.oid
        return found if known and found is not None and found.state == "open" else None


@dataclass(frozen=True)
class Reply:
    """What is answered: the body of the envelope, its action, documents beside it; ``data`` and ``marks`` go to the journal."""

    body: Element
    action: str
    outcome: str
    code: str = ""
    parts: Sequence[tuple[str, bytes]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    marks: tuple[str, ...] = ()


class SoapFault(Exception):
    """The request is answered by a SOAP fault; ``code`` is its own, ``reason`` a word of the catalogue."""

    def __init__(self, code: str, reason: str, detail: str = "", status: int = 500) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.detail = detail
        self.status = status
        self.data: Mapping[str, Any] = {}

    @property
    def sentence(self) -> str:
        """What the fault says to a reader."""
        return say(f"dmp.fault.{self.reason}", "fr", detail=self.detail or "-")


class Rejected(Exception):
    """The request is answered by a registry response that says failure."""

    def __init__(self, code: str, reason: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.detail = detail

    @property
    def sentence(self) -> str:
        """The code context."""
        return say(f"dmp.error.{self.reason}", "fr", detail=self.detail or "-")


def registry_response(status: str, errors: Sequence[tuple[str, str]] = (), severity: str = codes.ERROR) -> Element:
    """A ``RegistryResponse``; ``errors`` are (code, context)."""
    made = etree.Element(f"{{{RS}}}RegistryResponse", nsmap={"rs": RS}, attrib={"status": status})
    if errors:
        held = etree.SubElement(made, f"{{{RS}}}RegistryErrorList", highestSeverity=severity)
        for code, context in errors:
            told = {"errorCode": code, "codeContext": context, "severity": severity, "location": ""}
            etree.SubElement(held, f"{{{RS}}}RegistryError", told)
    return made
