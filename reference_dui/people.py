"""The persons accompanied, their correspondents and their oppositions."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from conformance.drivers.operations import Channel
from conformance.population import Correspondent, IdentityStatus, Person

from .faults import Fault, NotFound
from .sins import Sins
from .store import Store, now

CHANNELS: tuple[str, ...] = get_args(Channel)
STATUSES: tuple[str, ...] = get_args(IdentityStatus)
KINDS = ("PER", "ORG", "APP", "PATIENT")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_MATRICULE = re.compile(r"[0-9]{5}[0-9AB][0-9]{7}|[0-9]{6}[AB][0-9]{6}")
# Mandatory to create an identity (RNIV; requirement INS/va1.21): nothing else may be.
_TRAITS = ("birth_name", "birth_first_names", "birth_date", "sex", "birth_place")


class People:
    """The register of persons."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, key: str, identity: Mapping[str, Any]) -> Person:
        """Create a person or correct the identity; raises :class:`Fault` on a missing or wrong trait."""
        person = person_of(key, identity)
        self._store.run(
            "INSERT INTO persons VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET identity = excluded.identity",
            key,
            json.dumps(person.as_json(), ensure_ascii=False),
            now(),
        )
        return person

    def get(self, key: str) -> Person:
        """One person, or :class:`NotFound`."""
        row = self._store.row("SELECT identity FROM persons WHERE key = ?", key)
        if row is None:
            raise NotFound("refdui.fault.no-person", person=key)
        return _stored(row["identity"])

    def all(self) -> list[Person]:
        """Everybody, by name."""
        rows = self._store.rows("SELECT identity FROM persons")
        return sorted((_stored(r["identity"]) for r in rows), key=lambda p: (p.birth_name, p.birth_first_names))

    def born(self, birth_date: str, letters: str, sins: Sins) -> list[Person]:
        """Everybody of a birth date, of whom a name or first name begins with some letters (INS/va1.02, va1.25)."""
        found = (
            self.all() if sins.has("ignores-the-birth-date") else [p for p in self.all() if p.birth_date == birth_date]
        )
        spelling = str.upper if sins.has("searches-letters-as-typed") else letters_of
        begins = spelling(letters)
        return [p for p in found if any(spelling(name).startswith(begins) for name in _names(p))]

    def add_correspondent(self, key: str, address: str, raw: Mapping[str, Any]) -> Correspondent:
        """Add or correct a correspondent of a person."""
        self.get(key)
        found = correspondent_of(address, raw)
        self._store.run(
            "INSERT INTO correspondents VALUES (?, ?, ?)"
            " ON CONFLICT (person, address) DO UPDATE SET data = excluded.data",
            key,
            found.address,
            json.dumps(found.as_json(), ensure_ascii=False),
        )
        return found

    def correspondents(self, key: str) -> list[Correspondent]:
        """The correspondents of a person, by address."""
        rows = self._store.rows("SELECT data FROM correspondents WHERE person = ? ORDER BY address", key)
        return [Correspondent(**json.loads(row["data"])) for row in rows]

    def oppose(self, key: str, channel: str, opposed: bool) -> None:
        """Record or lift an opposition to a channel."""
        self.get(key)
        if channel not in CHANNELS:
            raise NotFound("refdui.fault.no-channel", channel=channel)
        if opposed:
            self._store.run("INSERT OR IGNORE INTO oppositions VALUES (?, ?, ?)", key, channel, now())
        else:
            self._store.run("DELETE FROM oppositions WHERE person = ? AND channel = ?", key, channel)

    def oppositions(self, key: str) -> dict[str, str]:
        """The channels a person is opposed to, with the instant it was recorded."""
        rows = self._store.rows("SELECT channel, since FROM oppositions WHERE person = ?", key)
        return {row["channel"]: row["since"] for row in rows}


def person_of(key: str, raw: Mapping[str, Any]) -> Person:
    """Read an identity; a qualified one needs matricule, key and OID."""
    if missing := [name for name in _TRAITS if not raw.get(name)]:
        raise Fault("refdui.fault.missing-trait", trait=", ".join(missing))
    names = raw["birth_first_names"]
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise Fault("refdui.fault.wrong-trait", trait="birth_first_names")
    status = str(raw.get("status") or "provisoire")
    matricule, cle = str(raw.get("matricule") or ""), str(raw.get("cle") or "")
    checks = {
        "sex": raw["sex"] in ("M", "F"),
        "status": status in STATUSES,
        "birth_place": bool(re.fullmatch(r"[0-9][0-9AB][0-9]{3}", str(raw["birth_place"]))),
        "birth_date": _is_date(raw["birth_date"]),
        "matricule": not matricule or bool(_MATRICULE.fullmatch(matricule)),
        "cle": not matricule or bool(re.fullmatch(r"[0-9]{2}", cle)),
        "oid": status != "qualifiee" or bool(matricule and cle and raw.get("oid")),
    }
    if wrong := [name for name, right in checks.items() if not right]:
        raise Fault("refdui.fault.wrong-trait", trait=", ".join(wrong))
    return _stored_members({**raw, "key": key, "status": status, "matricule": matricule, "cle": cle})


def correspondent_of(address: str, raw: Mapping[str, Any]) -> Correspondent:
    """Read a correspondent; the address of the path wins over the body's."""
    if not _ADDRESS.fullmatch(address):
        raise Fault("refdui.fault.wrong-address", address=address)
    kind = raw.get("kind", "PER")
    if kind not in KINDS:
        raise Fault("refdui.fault.wrong-trait", trait="kind")
    texts = {name: str(raw.get(name) or "") for name in ("identifier", "name", "first_name", "profession")}
    return Correspondent(address=address.lower(), kind=kind, **texts)


def letters_of(text: str) -> str:
    """A name without case, accents, hyphens, apostrophes or blanks."""
    bare = unicodedata.normalize("NFKD", text).upper()
    return "".join(c for c in bare if c.isalnum())


def _names(person: Person) -> tuple[str, ...]:
    return (person.birth_name, person.used_name, *person.birth_first_names)


def is_address(text: str) -> bool:
    """Whether a text can be a mail address (addr-spec without quotes or comments)."""
    return bool(_ADDRESS.fullmatch(text))


def _is_date(value: object) -> bool:
    try:
        return bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


def _stored(text: str) -> Person:
    return _stored_members(json.loads(text))


def _stored_members(raw: Mapping[str, Any]) -> Person:
    members = {name: raw[name] for name in Person.__slots__ if raw.get(name) is not None}
    return Person(**{**members, "birth_first_names": tuple(raw["birth_first_names"])})
