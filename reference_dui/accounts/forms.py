"""The forms of the accounts: where each is, and what its fields are called, for people and for the bench alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .guard import DEVICE, PASSWORD

LOGIN, LOST = "/connexion", "/connexion/perte"


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its address, and the field of each thing that is asked."""

    path: str
    fields: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """As ``read_forms`` tells it."""
        return {"url": self.path, "fields": dict(self.fields)}


# What is typed in the clear; every other field is hidden as it is typed.
SHOWN = frozenset({"login", "code"})
FORMS: Mapping[str, Form] = {
    "login": Form(LOGIN, {"login": "login", "password": "password", "code": "code"}),
    "password": Form(PASSWORD, {"current": "actuel", "new": "nouveau"}),
    "lost": Form(LOST, {"login": "login", "password": "password"}),
    "device": Form(DEVICE, {"password": "password"}),
}
