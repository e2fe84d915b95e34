"""The content of each record: how to reach the person, and items of every kind that a transfer carries."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from conformance._bundled.fixtures.tddui.shapes import BY_KIND
from conformance._bundled.fixtures.tddui.transfer import numbered

from .. import facts
from ..faults import Fault
from ..store import Store

MAX_ITEMS = 5_000
Item = dict[str, Any]


class Records:
    """The records, by person."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def local_id(self, person: str) -> str:
        """How this structure numbers a person: ``3``, its FINESS number, a slash, its own number."""
        row = self._store.row("SELECT number FROM records WHERE person = ?", person)
        if row is None:
            self._store.run("INSERT INTO records (person, contact) VALUES (?, '{}')", person)
            return self.local_id(person)
        return f"3{facts.STRUCTURE_FINESS}/U{row['number']:05d}"

    def contact(self, person: str) -> dict[str, Any]:
        """How to reach a person."""
        row = self._store.row("SELECT contact FROM records WHERE person = ?", person)
        found: dict[str, Any] = json.loads(row["contact"]) if row else {}
        return found

    def items(self, person: str) -> list[Item]:
        """The items of a record, oldest first."""
        rows = self._store.rows("SELECT id, kind, data FROM record_items WHERE person = ? ORDER BY position", person)
        return [{"kind": row["kind"], "id": row["id"], **json.loads(row["data"])} for row in rows]

    def fill(self, person: str, contact: Mapping[str, Any], items: Sequence[Any]) -> None:
        """Put this content in place of what the record held; each item gets its local number."""
        read = [_item(raw) for raw in items]
        if len(read) > MAX_ITEMS or len({item["id"] for item in read}) != len(read):
            raise Fault("refdui.fault.wrong-member", member="items")
        local = self.local_id(person)
        with self._store.together():
            self._store.run("UPDATE records SET contact = ? WHERE person = ?", _json(contact), person)
            self._store.run("DELETE FROM record_items WHERE person = ?", person)
            for position, item in enumerate(numbered(local, read)):
                self._insert(person, position, item)

    def add(self, person: str, contact: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
        """File items that came from elsewhere; one that is there already, by its number, is not filed twice.

        The caller holds :meth:`Store.together`.
        """
        self.local_id(person)
        held = self.items(person)
        names = {_name(item): item["id"] for item in held}
        ids = {item["id"]: names.get(_name(item)) or secrets.token_hex(8) for item in items}
        self._store.run(
            "UPDATE records SET contact = ? WHERE person = ?", _json({**self.contact(person), **contact}), person
        )
        for position, item in enumerate(items, len(held)):
            if _name(item) not in names:
                self._insert(person, position, _renamed(item, ids))

    def _insert(self, person: str, position: int, item: Mapping[str, Any]) -> None:
        data = {name: value for name, value in item.items() if name not in ("kind", "id")}
        self._store.run(
            "INSERT INTO record_items VALUES (?, ?, ?, ?, ?)", person, position, item["id"], item["kind"], _json(data)
        )


def _item(raw: Any) -> Item:
    if not isinstance(raw, Mapping) or raw.get("kind") not in BY_KIND or not isinstance(raw.get("id"), str):
        raise Fault("refdui.fault.wrong-member", member="items")
    known = {"kind", "id", "number", *(member.name for member in BY_KIND[raw["kind"]].members)}
    if unknown := set(raw) - known:
        raise Fault("refdui.fault.wrong-member", member=f"{raw['kind']}.{min(unknown)}")
    return dict(raw)


def _name(item: Mapping[str, Any]) -> str:
    """What two deliveries of the same item share: its number, else all it says but who it names."""
    if number := item.get("number") or item.get("unique_id") or item.get("national_id"):
        return f"{item['kind']}|{number}"
    links = {member.name for member in BY_KIND[item["kind"]].members if member.kind == "link"}
    return _json({name: value for name, value in item.items() if name not in ("id", *links)})


def _renamed(item: Mapping[str, Any], ids: Mapping[str, str]) -> Item:
    links = {member.name for member in BY_KIND[item["kind"]].members if member.kind == "link"}
    return {name: ids.get(value, value) if name == "id" or name in links else value for name, value in item.items()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
