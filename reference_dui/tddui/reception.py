"""Taking in a record: a transaction is filed whole or refused whole.

An entry of a profile that the product does not know refuses the transaction rather than be lost, and so do answers in groups, and
a transaction that is about no one or about two persons. Elements beside those that it knows are not kept. A record of a person who is known already, by the matricule, is
filed in the record that exists.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conformance._bundled.fixtures.tddui.transfer import Unreadable, record_of

from ..faults import Fault

if TYPE_CHECKING:
    from ..application import Dui

Answer = tuple[int, dict[str, Any] | None]


def receive(dui: Dui, who: str, bundle: Any) -> Answer:
    """File a transaction; answers the HTTP status and the resource to answer with."""
    try:
        _whole(bundle)
        record = record_of(bundle)
        if not record["items"]:
            raise Unreadable("Bundle.entry")
        person = _file(dui, who, record)
    except (Unreadable, Fault) as fault:
        if dui.sins.has("keeps-what-came-before-the-fault"):
            _keep_the_beginning(dui, who, bundle)
        if dui.sins.has("refuses-without-a-reason"):
            return 400, None
        return (422 if isinstance(fault, Fault) else 400), _outcome(fault)
    return 200, _answered(dui, bundle, person)


def _whole(bundle: Any) -> None:
    """What every entry must say before anything is filed (FHIR R4, http.html#transaction)."""
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        raise Unreadable("Bundle.type")
    entries = bundle.get("entry")
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        request = entry.get("request") if isinstance(entry, Mapping) else None
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if not isinstance(request, Mapping) or not isinstance(resource, Mapping) or request.get("method") != "POST":
            raise Unreadable(f"Bundle.entry[{position}].request")
        if request.get("url") != resource.get("resourceType"):
            raise Unreadable(f"Bundle.entry[{position}].request.url")


def _file(dui: Dui, who: str, record: dict[str, Any]) -> str:
    items = record["items"]
    if dui.sins.has("files-no-evaluation"):
        items = [item for item in items if item["kind"] != "evaluation"]
    if dui.sins.has("files-days-instead-of-times"):
        items = [_by_day(item) for item in items]
    with dui.store.together():
        key = _known(dui, record["person"]) or f"t-{secrets.token_hex(5)}"
        dui.people.save(key, record["person"])
        dui.records.add(key, record["contact"], items)
    dui.traces.add(who, "record.import", key, str(len(items)))
    return key


def _known(dui: Dui, identity: Mapping[str, Any]) -> str:
    matricule, oid = identity.get("matricule"), identity.get("oid")
    if not matricule:
        return ""
    return next((p.key for p in dui.people.all() if (p.matricule, p.oid) == (matricule, oid)), "")


def _by_day(item: dict[str, Any]) -> dict[str, Any]:
    return {n: f"{v[:10]}T00:00:00+01:00" if n in ("start", "end") and len(str(v)) > 10 else v for n, v in item.items()}


def _keep_the_beginning(dui: Dui, who: str, bundle: Any) -> None:
    """The sin: file the entries that could be read before the one that could not."""
    entries = bundle.get("entry", [])
    for length in range(len(entries) - 1, 0, -1):
        try:
            _file(dui, who, record_of({**bundle, "entry": entries[:length]}))
        except (Unreadable, Fault):
            continue
        return


def _outcome(fault: Exception) -> dict[str, Any]:
    issue = {"severity": "error", "code": "processing", "diagnostics": str(fault)}
    if isinstance(fault, Unreadable):
        issue |= {"code": "invalid", "expression": [str(fault)]}  # type: ignore[dict-item]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _answered(dui: Dui, bundle: Mapping[str, Any], person: str) -> dict[str, Any]:
    """Flux 1.2: an entry for each, in order, each created, with an id and a version."""
    status = "200 OK" if dui.sins.has("answers-ok-instead-of-created") else "201 Created"
    entries = []
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        id = person if kind == "Patient" else secrets.token_hex(12)
        kept = {"resourceType": kind, "id": id, "meta": {"versionId": "1"}}
        response = {"status": status, "location": f"{kind}/{id}/_history/1", "etag": 'W/"1"'}
        entries.append({"resource": kept, "response": response})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
