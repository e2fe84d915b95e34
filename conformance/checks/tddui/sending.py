"""Checks on the transaction that the product sends: its shape, its profiles, its references."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from conformance.checks.subjects.transfer import RefusedTransfer, Transfer, TransferAwaited, objects, resources_of
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error
from conformance.core.words import Basis, Level

SOURCE = "ANS, IG TDDUI 2.3.0-ballot"
BUNDLE = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/tddui-bundle"
MEDIA_TYPE = "application/fhir+json"
# Rules of ours about entries, said by tddui.entries and tddui.references alone.
OWN = "ig:tddui#2.3/"
ENTRY_RULES = (OWN + "entry-profile", OWN + "create-only")


@check("tddui.sent", source=f"{SOURCE}, flux 1.1 and 1.2", basis=Basis.GUIDE, alone=False)
def the_record_reaches_the_consumer(awaited: TransferAwaited) -> Iterator[Finding]:
    """A record that a user exports reaches the consumer, and is taken.

    Pass: a transaction came for it and was answered 200.
    Fail: none came, or the consumer could not take it.
    """
    if awaited.transfer is None:
        yield error("tddui.sent.none", expected="POST [base]", got="-")
    elif not awaited.transfer.accepted:
        issues = ", ".join(str(code) for code in awaited.transfer.record.get("issues", ()))
        yield error(
            "tddui.sent.refused", expected="200", got=awaited.transfer.record.get("status"), issues=issues or "-"
        )


@check("tddui.transaction", source=f"{SOURCE}, flux 1.1; FHIR R4 4.0.1, http.html", basis=Basis.GUIDE, alone=False)
def a_record_is_one_transaction(transfer: Transfer) -> Iterator[Finding]:
    """A record leaves as one Bundle of type transaction, in FHIR JSON, under the profile of the guide.

    Pass: media type ``application/fhir+json``, Bundle, type ``transaction``, profile tddui-bundle declared.
    Fail: another media type, body, type, or no such profile.
    """
    media = str(transfer.record.get("headers", {}).get("content-type", "")).partition(";")[0].strip().lower()
    if media != MEDIA_TYPE:
        yield error(
            "tddui.transaction.media-type", where=Where(header="Content-Type"), expected=MEDIA_TYPE, got=media or "-"
        )
    bundle = transfer.bundle
    if bundle is None or bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        got = "-" if bundle is None else f"{bundle.get('resourceType')} {bundle.get('type')}"
        yield error(
            "tddui.transaction.type", where=Where(fhirpath="Bundle.type"), expected="Bundle transaction", got=got
        )
    elif BUNDLE not in _profiles(bundle):
        where = Where(fhirpath="Bundle.meta.profile")
        yield error("tddui.transaction.profile", where=where, expected=BUNDLE, got=", ".join(_profiles(bundle)) or "-")


@check("tddui.profiles", source=f"{SOURCE}, profiles of tddui-bundle; FHIR R4 4.0.1", basis=Basis.GUIDE, alone=False)
def every_resource_is_valid(transfer: Transfer) -> Iterator[Finding]:
    """Every resource is valid against FHIR R4 and against the profiles that it declares.

    Pass: no error of the validator; lists that are not published are told as not checkable.
    Fail: any error (cardinality, type, slice, code, invariant …), each with its place.
    """
    if transfer.bundle is None:
        return
    for finding in _validated(json.dumps(transfer.bundle)):
        if finding.check in ENTRY_RULES or finding.code.startswith("fhir.attachment."):
            continue
        if finding.level is not Level.INFO or finding.code.startswith("fhir.not-checkable."):
            yield finding


@check("tddui.entries", source=f"{SOURCE}, flux 1.1, tddui-bundle", basis=Basis.GUIDE, alone=False)
def every_entry_creates_a_known_resource(transfer: Transfer) -> Iterator[Finding]:
    """Every entry creates a resource that says which profile of the guide it follows.

    Pass: ``request.method`` POST, and a profile of the guide in ``meta.profile``, for each.
    Fail: another method, or a resource of no profile of the guide (the slices are open: none would be required).
    """
    if transfer.bundle is None:
        return
    for finding in _validated(json.dumps(transfer.bundle)):
        if finding.check in ENTRY_RULES:
            yield finding


@check("tddui.references", source=f"{SOURCE}, flux 1.1, references between resources", basis=Basis.GUIDE, alone=False)
def every_reference_leads_to_an_entry(transfer: Transfer) -> Iterator[Finding]:
    """Every reference leads to another entry: by its fullUrl, or by the type and id of its resource.

    Pass: each is found among the entries (or contained, or an identifier alone).
    Fail: a reference that the consumer cannot follow.
    """
    if transfer.bundle is None:
        return
    known = {str(e.get("fullUrl")) for e in objects(transfer.bundle.get("entry"))}
    known |= {f"{r.get('resourceType')}/{r.get('id')}" for r in resources_of(transfer.bundle)}
    for position, resource in enumerate(resources_of(transfer.bundle)):
        for path, literal in references(resource, f"Bundle.entry[{position}].resource"):
            if not literal.startswith("#") and literal not in known:
                yield error(
                    "tddui.references.outside", where=Where(fhirpath=path), expected="Bundle.entry", got=literal
                )


@check(
    "tddui.sent-whole",
    source=f"{SOURCE}, flux 1.2: a refused transaction creates nothing",
    basis=Basis.GUIDE,
    alone=False,
)
def a_refused_record_is_sent_again_whole(refused: RefusedTransfer) -> Iterator[Finding]:
    """After a refusal, the record leaves again whole or not at all: never the part that was not at fault.

    Pass: every later transaction holds as many entries as the refused one.
    Fail: one that holds fewer, which would leave half a record at the consumer.
    """
    whole = _entries(refused.refused)
    for transfer in refused.after:
        if _entries(transfer) < whole:
            yield error("tddui.sent-whole.part", expected=str(whole), got=str(_entries(transfer)))


@lru_cache(maxsize=8)
def _validated(bundle: str) -> tuple[Finding, ...]:
    """What the validator says of a transaction, kept since two checks and every judging ask it."""
    # The library of FHIR is loaded when a resource is judged.
    from conformance.checks.fhir.judge import bundled_validator

    return tuple(bundled_validator().validate(json.loads(bundle), profiles=[BUNDLE]))


def references(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every literal reference under a value, with its place."""
    stack: list[tuple[str, Any]] = [(path, value)]
    while stack:
        here, item = stack.pop()
        if isinstance(item, Mapping):
            literal = item.get("reference")
            if isinstance(literal, str):
                yield f"{here}.reference", literal
            stack += [(f"{here}.{name}", inner) for name, inner in item.items() if isinstance(inner, (Mapping, list))]
        elif isinstance(item, list):
            stack += [(f"{here}[{i}]", inner) for i, inner in enumerate(item) if isinstance(inner, (Mapping, list))]


def _entries(transfer: Transfer) -> int:
    return len(list(resources_of(transfer.bundle))) if transfer.bundle else 0


def _profiles(bundle: Mapping[str, Any]) -> list[str]:
    meta = bundle.get("meta")
    declared = meta.get("profile") if isinstance(meta, Mapping) else None
    return [p.partition("|")[0] for p in declared if isinstance(p, str)] if isinstance(declared, list) else []
