"""Bundles: addresses of entries, and what a transaction asks of each.

Sources: FHIR R4 4.0.1, bundle.html, http.html#transaction. One pass over the entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.checks.fhir.definitions import Tables
from conformance.checks.fhir.index import ABSOLUTE, RESTFUL
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.report import Report

# Bundles whose entries may have no address yet (R4, bundle.html#bundle-unique).
_FREE = ("batch", "transaction", "batch-response", "transaction-response")
_ASKING = ("batch", "transaction")


def judge_bundle(bundle: Mapping[str, Any], place: Place, tables: Tables, report: Report) -> None:
    """Judge the entries of one Bundle."""
    entries = bundle.get("entry")
    kind = bundle.get("type")
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        here = Place(place, "entry", i)
        _address(entry, kind, here, report)
        if kind in _ASKING and isinstance(entry.get("request"), dict):
            _request(entry, entry["request"], Place(here, "request"), tables, report)


def _address(entry: Mapping[str, Any], kind: Any, place: Place, report: Report) -> None:
    address, resource = entry.get("fullUrl"), entry.get("resource")
    if not isinstance(address, str):
        if isinstance(resource, dict) and kind not in _FREE and "fullUrl" not in entry:
            report.error("fhir.bundle.no-address", place)
        return
    here = Place(place, "fullUrl")
    if not ABSOLUTE.match(address):
        report.error("fhir.bundle.relative-address", here, "http(s)://… | urn:uuid:… | urn:oid:…", address)
        return
    match = RESTFUL.match(address)
    if match is None or not isinstance(resource, dict):
        return
    named = f"{resource.get('resourceType')}/{resource.get('id', match['id'])}"
    if f"{match['type']}/{match['id']}" != named:
        report.error("fhir.bundle.other-address", here, named, address)


def _request(
    entry: Mapping[str, Any], request: Mapping[str, Any], place: Place, tables: Tables, report: Report
) -> None:
    method, url, resource = request.get("method"), request.get("url"), entry.get("resource")
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if method in ("POST", "PUT", "PATCH") and not isinstance(resource, dict):
        report.error("fhir.bundle.no-resource", place, None, method)
    if method in ("GET", "HEAD", "DELETE") and isinstance(resource, dict):
        report.error("fhir.bundle.unasked-resource", place, None, method)
    _condition(request, method, place, report)
    if not isinstance(url, str) or not isinstance(kind, str):
        return
    target = url.partition("?")[0]
    here = Place(place, "url")
    if method == "POST" and target != kind and not target.rpartition("/")[2].startswith("$"):
        # The id that a creation proposes is ignored (http.html#create): the official chain lets it stand.
        tell = report.warning if target.startswith(f"{kind}/") and RESTFUL.match(target) else report.error
        tell("fhir.bundle.request-url", here, kind, url)
    elif method == "PUT" and not _updates(target, url, kind, resource):
        report.error("fhir.bundle.request-url", here, f"{kind}/[id] | {kind}?…", url)
    elif method == "PATCH" and tables.root(target.partition("/")[0]) is None:
        report.error("fhir.bundle.request-url", here, "Type/[id] | Type?…", url)


def _condition(request: Mapping[str, Any], method: Any, place: Place, report: Report) -> None:
    """``ifNoneExist`` makes a creation conditional: the criteria alone, as in a search (R4, Bundle.entry.request)."""
    criteria = request.get("ifNoneExist")
    if not isinstance(criteria, str):
        return
    here = Place(place, "ifNoneExist")
    if method != "POST":
        report.error("fhir.bundle.condition-method", here, "POST", method)
    if "?" in criteria or "=" not in criteria or any(c.isspace() for c in criteria):
        report.error("fhir.bundle.condition", here, "name=value&…", criteria)


def _updates(target: str, url: str, kind: str, resource: Any) -> bool:
    if "?" in url:
        return target == kind
    match = RESTFUL.match(target)
    id = resource.get("id") if isinstance(resource, dict) else None
    return match is not None and match["type"] == kind and (id is None or id == match["id"])
