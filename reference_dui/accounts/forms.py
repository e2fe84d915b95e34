"""The forms of the accounts: where each is, and what its fields are called, for people and for the bench alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .guard import ACCOUNT, DEVICE, PASSWORD

LOGIN, LOST, CONFIRM, RECOVER = "/connexion", "/connexion/perte", "/connexion/confirmation", "/connexion/oubli"
RESET, REGISTER, CONTACT = "/connexion/nouveau", "/inscription", f"{ACCOUNT}/coordonnee"


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its address, and the field of each thing that is asked."""

    path: str
    fields: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """As ``read_forms`` tells it."""
        return {"url": self.path, "fields": dict(self.fields)}


# What is hidden as it is typed.
HIDDEN = frozenset({"password", "current", "new"})
FORMS: Mapping[str, Form] = {
    "login": Form(LOGIN, {"login": "login", "password": "password", "code": "code"}),
    "password": Form(PASSWORD, {"current": "actuel", "new": "nouveau"}),
    "lost": Form(LOST, {"login": "login", "password": "password"}),
    "device": Form(DEVICE, {"password": "password"}),
    "contact": Form(CONTACT, {"contact": "coordonnee", "password": "password"}),
    "confirm": Form(CONFIRM, {"login": "login", "code": "code"}),
    "recover": Form(RECOVER, {"login": "login"}),
    "reset": Form(RESET, {"login": "login", "code": "code", "new": "nouveau"}),
    "register": Form(
        REGISTER,
        {
            "login": "login",
            "password": "password",
            "birth_name": "nom",
            "birth_first_names": "prenoms",
            "birth_date": "naissance",
            "sex": "sexe",
            "birth_place": "lieu",
        },
    ),
}
