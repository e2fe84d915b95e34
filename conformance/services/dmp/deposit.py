"""A document that somebody else fed: what the bench puts in a record for a product to find."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from conformance.core.errors import UsageError
from conformance.dmp import codes
from conformance.dmp.objects import read_submission
from conformance.services.dmp.filing import facts_of, link_of, registered, set_of
from conformance.services.dmp.held import Held, matricule_of
from conformance.services.dmp.store import Store
from conformance.soap.guarded import Unreadable, parse
from conformance.soap.mtom import Package


def deposit(store: Store, asked: Mapping[str, Any], at: str) -> Mapping[str, Any]:
    """File documents as of another structure: ``ins``, ``structure``, ``metadata`` (ebRIM), ``documents`` (base64 by entry id)."""
    try:
        submission = read_submission(parse(str(asked.get("metadata", "")).encode()), Package(b""))
        contents = {k: base64.b64decode(str(v), validate=True) for k, v in dict(asked.get("documents", {})).items()}
        matricule = matricule_of(str(asked["ins"]))
    except (Unreadable, binascii.Error, KeyError, TypeError, ValueError) as exc:
        raise UsageError("dmp.wrong-deposit", reason=str(exc)) from exc
    if not submission.sets or {entry.id for entry in submission.entries} != set(contents):
        raise UsageError("dmp.wrong-deposit", reason="entries")
    structure = str(asked.get("structure", ""))
    held_set = set_of(submission.sets[0], matricule=matricule, structure=structure, at=at)
    with store.together():
        store.add_submission(held_set)
        for association in submission.associations:
            store.add_association(link_of(association, {submission.sets[0].id: held_set.uuid}))
        for entry in submission.entries:
            content = contents[entry.id]
            sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            held = Held(
                uuid=entry.id,
                lid=entry.id,
                version=1,
                unique_id=entry.unique_id,
                matricule=matricule,
                status=codes.APPROVED,
                structure=structure,
                person="",
                at=at,
                facts=facts_of(entry),
                xml=registered(entry, entry.id, sha1, len(content)),
            )
            store.add_document(entry.unique_id, content, sha1)
            store.add_entry(held, submission.sets[0].unique_id)
        for entry in submission.entries:
            for target in submission.replaced_by(entry):
                store.set_status(target, codes.DEPRECATED)
    return {"documents": [entry.unique_id for entry in submission.entries]}


def withdraw(store: Store, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Delete a document as whoever fed it would (TD3.3c): ``unique_id``."""
    held = store.entry_of(str(asked.get("unique_id", "")))
    if held is None:
        raise UsageError("dmp.wrong-deposit", reason="unique_id")
    store.set_status(held.uuid, codes.DELETED)
    return {"document": held.unique_id}
