"""Sending the whole record of a person: one transaction, accepted whole or sent again whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance._bundled.fixtures.tddui.transfer import bundle_of

from .. import web_client
from ..faults import Fault
from . import sins

if TYPE_CHECKING:
    from ..application import Dui

MEDIA_TYPE = "application/fhir+json"
MAX_ANSWER = 64 * 1024 * 1024


class Refused(Fault):
    """The receiving service refused the record, or could not take it."""

    status = 502


def export(dui: Dui, who: str, person: str) -> dict[str, Any]:
    """Send the record; answers how many entries were taken. A refusal is :class:`Refused`, and nothing was sent by halves."""
    settings = dui.connections.of("tddui")
    bundle = bundle_for(dui, person)
    if dui.sins.has("exports-nothing"):
        return {"entries": len(bundle["entry"])}
    status = _post(dui, settings, bundle)
    if status >= 400 and dui.sins.has("sends-the-rest-of-a-refused-record"):
        _post(dui, settings, {**bundle, "entry": bundle["entry"][:2]})
    dui.traces.add(who, "record.export", person, str(len(bundle["entry"])), str(status))
    if status != 200:
        raise Refused("refdui.fault.export-refused", status=status)
    return {"entries": len(bundle["entry"])}


def bundle_for(dui: Dui, person: str) -> dict[str, Any]:
    """The transaction of a record as it leaves."""
    known = dui.people.get(person)
    if known.status != "qualifiee" and known.matricule and dui.sins.has("transfers-an-unqualified-matricule"):
        known = _called_qualified(known)
    bundle: dict[str, Any] = bundle_of(
        known, dui.records.local_id(person), dui.records.contact(person), dui.records.items(person)
    )
    sins.alter(bundle, dui.sins)
    return bundle


def _called_qualified(person: Any) -> Any:
    return type(person)(**{**{n: getattr(person, n) for n in person.__slots__}, "status": "qualifiee"})


def _post(dui: Dui, settings: dict[str, Any], bundle: dict[str, Any]) -> int:
    kind = "application/json" if dui.sins.has("names-fhir-as-plain-json") else MEDIA_TYPE
    status, _ = web_client.call(
        "POST",
        settings["base"],
        settings["ca_pem"],
        certificate=(settings.get("client_certificate_pem", ""), settings.get("client_key_pem", "")),
        limit=MAX_ANSWER,
        data=json.dumps(bundle, ensure_ascii=False).encode(),
        headers={"Content-Type": kind, "Accept": MEDIA_TYPE},
    )
    return status
