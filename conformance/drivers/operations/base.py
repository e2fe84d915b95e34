"""One thing a product may be asked to do, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal
from urllib.parse import quote

Service = Literal["annuaire", "insi", "dmp", "psc", "tddui", "sdo", "notices", "ldap", "structures"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a product is asked to do. ``path`` names members in braces; the other members are the body."""

    name: ClassVar[str]
    method: ClassVar[str]
    path: ClassVar[str]
    reads: ClassVar[bool] = False

    def url_path(self) -> str:
        """The path with its members filled and quoted."""
        return self.path.format(**{f.name: quote(str(getattr(self, f.name)), safe="@") for f in fields(self)})

    def body(self) -> dict[str, Any] | None:
        """The JSON body: every member that the path does not carry; ``None`` for a GET."""
        if self.method == "GET":
            return None
        return {name: value for name, value in asdict(self).items() if "{" + name + "}" not in self.path}

    def as_json(self) -> dict[str, Any]:
        """All members, for the evidence."""
        return asdict(self)

    def told(self) -> dict[str, Any]:
        """All members, as a person needs them; one of several lines is put in a file."""
        return self.as_json()


@dataclass(frozen=True, slots=True)
class ReadIdle(Operation):
    """Is the product idle: nothing queued, nothing in progress? Answers ``{"idle": true}``."""

    name = "idle"
    method = "GET"
    path = "/idle"
    reads = True


@dataclass(frozen=True, slots=True)
class ReadAbout(Operation):
    """Who is the product? Answers ``{"name", "version", "reference", "operations": […]}``."""

    name = "about"
    method = "GET"
    path = "/about"
    reads = True


@dataclass(frozen=True, slots=True)
class Observe(Operation):
    """Look at a screen: what to do, and what must then be seen. Asked of a person only, never by the control API."""

    name = "observe"
    method = "GET"
    path = ""
    reads = True

    screen: str
    instruction: str
    expected: str


@dataclass(frozen=True, slots=True)
class ConfigureService(Operation):
    """Set up the connection to a national service, as an administrator would.

    ``settings`` says where the bench plays it and what opens it: ``ca_pem`` (trust anchor of the bench) and the
    members that the page of the service tells (``docs/services/``).
    """

    name = "configure_service"
    method = "PUT"
    path = "/services/{service}"

    service: Service
    settings: Mapping[str, Any] = field(default_factory=dict)
