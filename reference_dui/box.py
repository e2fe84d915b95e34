"""A mailbox as the mail engine needs it: who it is, where its operator answers, how it authenticates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .autoconfig import Server, Servers
from .faults import Fault
from .people import is_address

KINDS = ("PER", "ORG", "APP")
PATIENTS_DOMAIN = "patient.mssante.fr"  # Mon espace santé (wire.md §1.8)
_PSC = ("token_endpoint", "client_id", "client_secret", "refresh_token")


@dataclass(frozen=True, slots=True)
class Box:
    """A configured mailbox. ``psc`` holds endpoint and client, never a token."""

    address: str
    kind: str
    ca_pem: str
    autoconfig_url: str = ""
    psc: Mapping[str, str] = field(default_factory=dict)
    certificate_pem: str = ""
    key_pem: str = ""
    patients_domain: str = PATIENTS_DOMAIN
    servers: Servers | None = None

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]

    def as_json(self) -> dict[str, Any]:
        """All members, for the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Box:
        """Read what :meth:`as_json` wrote."""
        servers = raw["servers"]
        read = Servers(Server(**servers["smtp"]), Server(**servers["imap"])) if servers else None
        return cls(**{**raw, "servers": read})


def box_of(address: str, kind: str, settings: Mapping[str, Any]) -> tuple[Box, str]:
    """Read the settings of a mailbox; answers the box and the refresh token, which stays apart."""
    if not is_address(address):
        raise Fault("refdui.fault.wrong-address", address=address)
    if kind not in KINDS:
        raise Fault("refdui.fault.wrong-setting", setting="kind")
    texts = {
        name: _text(settings, name)
        for name in ("autoconfig_url", "ca_pem", "client_certificate_pem", "client_key_pem", "patients_domain")
    }
    if "-----BEGIN CERTIFICATE-----" not in texts["ca_pem"]:
        raise Fault("refdui.fault.wrong-setting", setting="ca_pem")
    psc = _psc(settings) if kind in ("PER", "ORG") else {}
    if kind == "APP" and not (texts["client_certificate_pem"] and texts["client_key_pem"]):
        raise Fault("refdui.fault.wrong-setting", setting="client_certificate_pem, client_key_pem")
    refresh = psc.pop("refresh_token", "")
    made = Box(
        address=address.lower(),
        kind=kind,
        ca_pem=texts["ca_pem"],
        autoconfig_url=texts["autoconfig_url"],
        psc=psc,
        certificate_pem=texts["client_certificate_pem"],
        key_pem=texts["client_key_pem"],
        patients_domain=texts["patients_domain"] or PATIENTS_DOMAIN,
    )
    return made, refresh


def _psc(settings: Mapping[str, Any]) -> dict[str, str]:
    raw = settings.get("psc")
    if not isinstance(raw, Mapping) or not all(isinstance(raw.get(name), str) for name in _PSC):
        raise Fault("refdui.fault.wrong-setting", setting="psc")
    return {name: raw[name] for name in _PSC}


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name) or ""
    if not isinstance(value, str):
        raise Fault("refdui.fault.wrong-setting", setting=name)
    return value
