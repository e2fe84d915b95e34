"""Checks that everything the record holds is in the transfer: items, answers, documents."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from conformance.checks.subjects.transfer import TransferOfRecord, objects
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error
from conformance.core.words import Basis

SOURCE = "ANS, IG TDDUI 2.3.0-ballot"
# The type of resource that carries each kind of item (tddui-bundle).
TYPES: Mapping[str, str] = {
    "structure": "Organization",
    "professional": "Practitioner",
    "contact": "RelatedPerson",
    "stay": "Encounter",
    "event": "Encounter",
    "evaluation": "QuestionnaireResponse",
    "document": "DocumentReference",
    "agreement": "Consent",
    "project": "CarePlan",
    "life-project": "Goal",
    "expectation": "Goal",
    "need": "ServiceRequest",
    "objective": "Goal",
    "action": "Task",
    "service": "Task",
    "review": "Task",
    "meal": "Observation",
    "mobility": "Observation",
    "transport": "Task",
    "calendar": "Schedule",
    "presence": "Slot",
    "decision": "Basic",
}
# Members that name other items, that checks of their own judge, or that are computed.
_ELSEWHERE = frozenset(
    {
        *("kind", "id", "number", "answers", "data", "size", "hash", "stay", "professional", "event", "author"),
        *("performer", "structure_agreement", "person_agreement", "project", "need", "objective", "owner", "action"),
        *("calendar", "structure"),
    }
)


@check("tddui.complete", source=f"{SOURCE}, modelling of the content", basis=Basis.GUIDE, alone=False)
def everything_is_there(transfer: TransferOfRecord) -> Iterator[Finding]:
    """What the record holds is in the transfer: every item, with every value that was entered.

    Pass: each item has a resource of its type that bears all its values, wherever the guide lets them stand.
    Fail: an item without resource, or a value that no resource of the item bears.
    """
    for item in ({"kind": "Patient", **transfer.asked["contact"]}, *transfer.asked["items"]):
        kind = TYPES.get(item["kind"], "Patient")
        wanted = {name: value for name, value in item.items() if name not in _ELSEWHERE}
        held = [set(_values(r)) for r in transfer.resources(kind)]
        missing = min(([n for n, v in wanted.items() if not _in(v, values)] for values in held), key=len, default=None)
        # A resource with less than half of the values is another item's.
        if missing is None or 2 * len(missing) > len(wanted):
            yield error("tddui.complete.item", expected=f"{kind} ({item['kind']})", got="-", item=_shown(wanted))
        else:
            for name in missing:
                where = Where(fhirpath=kind)
                yield error(
                    "tddui.complete.value",
                    where=where,
                    expected=_shown(wanted[name]),
                    got="-",
                    member=f"{item['kind']}.{name}",
                )


@check("tddui.answers", source=f"{SOURCE}, tddui-questionnaire-response", basis=Basis.GUIDE, alone=False)
def every_answer_is_there(transfer: TransferOfRecord) -> Iterator[Finding]:
    """Every answer of every evaluation is in the transfer, beside its question.

    Pass: an item of a QuestionnaireResponse bears the question (its text or its linkId) and the answer.
    Fail: an answer that is missing, or another answer.
    """
    given = [pair for r in transfer.resources("QuestionnaireResponse") for pair in _answers(r.get("item"))]
    for item in transfer.asked["items"]:
        for answer in item.get("answers", ()):
            found = [value for link, text, value in given if answer["text"] == text or answer["link"] == link]
            if answer["answer"] not in found:
                where = Where(fhirpath="QuestionnaireResponse.item")
                got = _shown(found[0]) if found else "-"
                yield error(
                    "tddui.answers.missing",
                    where=where,
                    expected=_shown(answer["answer"]),
                    got=got,
                    question=answer["text"],
                )


@check(
    "tddui.documents",
    source=f"{SOURCE}, tddui-document-reference; FHIR R4 4.0.1, Attachment",
    basis=Basis.GUIDE,
    alone=False,
)
def every_document_is_there(transfer: TransferOfRecord) -> Iterator[Finding]:
    """Every document of the record travels with its content, whose stated size and hash are right.

    Pass: for each document, an attachment with the same bytes; ``size`` and ``hash``, where given, are those of the bytes.
    Fail: a document whose bytes are not there, or a size or hash of something else.
    """
    contents = []
    for resource in transfer.resources("DocumentReference"):
        for i, content in enumerate(objects(resource.get("content"))):
            attachment = content.get("attachment")
            data = _decoded(attachment.get("data")) if isinstance(attachment, Mapping) else None
            if data is not None and isinstance(attachment, Mapping):
                contents.append(data)
                yield from _stated(attachment, data, f"DocumentReference.content[{i}].attachment")
    for item in transfer.asked["items"]:
        if item["kind"] == "document" and _decoded(item["data"]) not in contents:
            where = Where(fhirpath="DocumentReference.content")
            yield error("tddui.documents.missing", where=where, expected=item["hash"], got="-", title=item["title"])


def _stated(attachment: Mapping[str, Any], data: bytes, place: str) -> Iterator[Finding]:
    digest = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
    for name, right in (("size", len(data)), ("hash", digest)):
        stated = attachment.get(name)
        if stated is not None and stated != right:
            yield error(
                "tddui.documents.stated", where=Where(fhirpath=f"{place}.{name}"), expected=str(right), got=str(stated)
            )


def _decoded(data: Any) -> bytes | None:
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else None
    except (binascii.Error, ValueError):
        return None


def _answers(items: Any) -> Iterator[tuple[Any, Any, Any]]:
    """linkId, text and value of every answer, groups opened."""
    stack = objects(items)
    while stack:
        item = stack.pop()
        for answer in objects(item.get("answer")):
            values = [v for name, v in answer.items() if name.startswith("value")]
            yield from ((item.get("linkId"), item.get("text"), value) for value in values)
            stack += objects(answer.get("item"))
        stack += objects(item.get("item"))


def _values(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        elif item is not None:
            yield _plain(item)


def _in(wanted: Any, values: set[str]) -> bool:
    """Whether values hold something; of a list, each part."""
    if isinstance(wanted, list):
        return all(_in(part, values) for part in wanted)
    return _plain(wanted) in values


def _plain(value: Any) -> str:
    """A value as text that the same value shares: one instant is one, whatever its offset."""
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-":
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return value
        return read.astimezone(UTC).isoformat() if read.tzinfo else value
    return value if isinstance(value, str) else repr(value)


def _shown(value: Any) -> str:
    text = ", ".join(_shown(v) for v in value.values()) if isinstance(value, Mapping) else str(value)
    return text if len(text) <= 200 else text[:199] + "…"
