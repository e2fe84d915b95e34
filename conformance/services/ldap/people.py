"""The people and groups of a structure, as entries (RFC 2798, RFC 4519)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.core.errors import UsageError
from conformance.ldap.messages import BASE, ONE, Entry

ROOT = "dc=structure,dc=test"
PEOPLE, GROUPS = f"ou=personnes,{ROOT}", f"ou=groupes,{ROOT}"
MAX_PEOPLE = 10_000
_NAMES = ("uid", "family", "given", "mail")


@dataclass
class People:
    """Who works there, and in which groups."""

    _known: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def put(self, raw: Any) -> None:
        """Add people or change them: ``uid``, ``family``, ``given``, ``mail``, ``groups``."""
        if not isinstance(raw, list) or len(self._known) + len(raw) > MAX_PEOPLE:
            raise UsageError("services.control.bad-request", name="people")
        for one in raw:
            if not isinstance(one, dict) or not all(isinstance(one.get(n), str) and one[n] for n in _NAMES):
                raise UsageError("services.control.bad-request", name="people")
            groups = one.get("groups", [])
            if not isinstance(groups, list) or not all(isinstance(group, str) and group for group in groups):
                raise UsageError("services.control.bad-request", name="groups")
        for one in raw:
            self._known[one["uid"]] = one

    def remove(self, uid: str) -> None:
        """Somebody leaves."""
        self._known.pop(uid, None)

    def entries(self) -> Iterator[Entry]:
        """Every entry: the root, both branches, people, groups."""
        yield Entry(ROOT, {"objectClass": ["top", "domain"], "dc": ["structure"]})
        for dn in (PEOPLE, GROUPS):
            unit = dn.partition(",")[0].partition("=")[2]
            yield Entry(dn, {"objectClass": ["top", "organizationalUnit"], "ou": [unit]})
        members: dict[str, list[str]] = {}
        for uid, one in self._known.items():
            groups = list(one.get("groups", []))
            for group in groups:
                members.setdefault(group, []).append(person_dn(uid))
            told = {
                "objectClass": ["top", "person", "organizationalPerson", "inetOrgPerson"],
                "uid": [uid],
                "cn": [f"{one['given']} {one['family']}"],
                "sn": [one["family"]],
                "givenName": [one["given"]],
                "mail": [one["mail"]],
            }
            yield Entry(person_dn(uid), {**told, **({"memberOf": [group_dn(g) for g in groups]} if groups else {})})
        for group, dns in members.items():
            yield Entry(group_dn(group), {"objectClass": ["top", "groupOfNames"], "cn": [group], "member": dns})


def person_dn(uid: str) -> str:
    """The name of a person's entry."""
    return f"uid={uid},{PEOPLE}"


def group_dn(name: str) -> str:
    """The name of a group's entry."""
    return f"cn={name},{GROUPS}"


def within(dn: str, base: str, scope: int) -> bool:
    """Whether an entry lies where a search looks."""
    here, there = _plain(dn), _plain(base)
    if scope == BASE:
        return here == there
    if scope == ONE:
        return here.partition(",")[2] == there
    return here == there or here.endswith(f",{there}") or not there


def _plain(dn: str) -> str:
    return ",".join(part.strip() for part in dn.casefold().split(","))
