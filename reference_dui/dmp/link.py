"""What an administrator set for the DMP: addresses, certificates, structure, and who acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..faults import Fault


@dataclass(frozen=True, slots=True)
class User:
    """The professional in whose name the product calls: national id, name, first name."""

    identifier: str
    name: str
    first_name: str


@dataclass(frozen=True, slots=True)
class Link:
    """The connection to the DMP."""

    base_url: str
    web_url: str
    repository_id: str
    ca_pem: str
    structure: str
    user: User
    client_certificate_pem: str
    client_key_pem: str
    signing_certificate_pem: str
    signing_key_pem: str
    # The authorization server that makes tokens for calls in the name of somebody logged in: empty where there is none.
    exchange: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Link:
        """Read the settings of the service; a missing one is a :class:`Fault`."""
        names = [name for name in cls.__slots__ if name not in ("user", "exchange")]
        told = settings.get("user")
        missing = [name for name in names if not isinstance(settings.get(name), str) or not settings[name]]
        if missing or not isinstance(told, Mapping):
            raise Fault("refdui.fault.wrong-member", member=", ".join(missing or ["user"]))
        user = User(*(str(told.get(name, "")) for name in User.__slots__))
        exchange = settings.get("exchange")
        texts = {name: str(value) for name, value in exchange.items()} if isinstance(exchange, Mapping) else {}
        return cls(user=user, exchange=texts, **{name: settings[name] for name in names})
