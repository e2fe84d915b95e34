"""The whole record of a person: filled, exported to another DUI, imported from one (IG TDDUI)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.drivers.operations.base import Operation, Service


@dataclass(frozen=True, slots=True)
class FillRecord(Operation):
    """Write the content of a record, as its users would over time.

    ``contact`` is how to reach the person, ``items`` what happened and what is planned: ``{"kind", "id", …}`` each, of the
    kinds that ``docs/services/tddui.md`` tells. Items name each other by ``id``.
    """

    name = "fill_record"
    method = "PUT"
    path = "/persons/{person}/record"

    person: str
    contact: Mapping[str, Any]
    items: Sequence[Mapping[str, Any]]

    def told(self) -> dict[str, Any]:
        """The items in a file: they are many."""
        return {"person": self.person, "contact": self.contact, "items_json": _lines(list(self.items))}


@dataclass(frozen=True, slots=True)
class ExportRecord(Operation):
    """Send the whole record of a person to the receiving service that was set up (``configure_service`` tddui)."""

    name = "export_record"
    method = "POST"
    path = "/persons/{person}/export"

    person: str


@dataclass(frozen=True, slots=True)
class ImportRecord(Operation):
    """Take in the record that a transaction carries, as if it had come to the product's own FHIR endpoint.

    Answers ``{"status", "response"}``: the HTTP status and the resource that the endpoint would answer. The id that the
    product gives to the Patient is how the control API then calls that person.
    """

    name = "import_record"
    method = "POST"
    path = "/imports"

    bundle: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The hash of the transaction: its bytes are evidence of their own."""
        content = json.dumps(self.bundle, ensure_ascii=False, sort_keys=True).encode()
        return {"bundle": f"sha256:{hashlib.sha256(content).hexdigest()}"}

    def told(self) -> dict[str, Any]:
        """The transaction in a file."""
        return {"bundle_json": _lines(self.bundle)}


@dataclass(frozen=True, slots=True)
class ReadReception(Operation):
    """Where the product itself answers for a national service. Answers ``{"url": "http(s)://…"}``."""

    name = "read_reception"
    method = "GET"
    path = "/services/{service}/reception"
    reads = True

    service: Service


def _lines(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
