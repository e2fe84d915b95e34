"""TD3.3a-d: masking, visibility, archiving and deletion (ITI-57), by the structure that fed the document only."""

from __future__ import annotations

from typing import Any

from lxml import etree

from conformance.dmp import codes
from conformance.dmp.objects import Association, Entry, Submission, person_of, read_submission
from conformance.services.dmp.exchange import Call, Rejected, Reply, registry_response
from conformance.services.dmp.filing import facts_of, link_of, set_of, uuid_of
from conformance.services.dmp.held import Held, matricule_of
from conformance.soap.guarded import Element

ACTION = "urn:ihe:iti:2010:UpdateDocumentSetResponse"
# From which status to which (wire.md §2.2: the published deletion starts from Archived).
_ALLOWED = {
    codes.APPROVED: {codes.ARCHIVED, codes.DELETED},
    codes.ARCHIVED: {codes.APPROVED, codes.DELETED},
}


def update(call: Call) -> Reply:
    """Change the status of a document, or its metadata."""
    submission = read_submission(call.envelope.body, call.package)
    data: dict[str, Any] = {"patient": call.ins, "changes": []}
    marks = [call.ins, matricule_of(call.ins)]
    try:
        with call.store.together():
            changes = _apply(call, submission)
        data["changes"] = changes
        marks += [c["unique_id"] for c in changes]
    except Rejected as exc:
        data |= {"reason": exc.reason, "targets": [a.target for a in submission.associations]}
        known = [call.store.entry(target) for target in data["targets"]]
        marks += [held.unique_id for held in known if held]
        made = registry_response(codes.FAILURE, [(exc.code, exc.sentence)])
        return Reply(made, ACTION, "failure", exc.code, data=data, marks=tuple(filter(None, marks)))
    return Reply(registry_response(codes.SUCCESS), ACTION, "ok", data=data, marks=tuple(filter(None, marks)))


def _apply(call: Call, submission: Submission) -> list[dict[str, Any]]:
    if call.patient() is None:
        raise Rejected("XDSUnknownPatientId", "no-record")
    if len(submission.sets) != 1:
        raise Rejected("XDSMetadataUpdateError", "set")
    told = submission.sets[0]
    if person_of(told.patient_id) != call.vihf.patient:
        raise Rejected("XDSPatientIdDoesNotMatch", "other-patient")
    if not told.unique_id:
        raise Rejected("XDSMetadataUpdateError", "set")
    if call.store.has_submission(told.unique_id):
        raise Rejected("XDSDuplicateUniqueIdInRegistry", "submission-twice", told.unique_id)
    statuses = [_status(call, a) for a in submission.associations if a.type == codes.UPDATES_STATUS]
    versions = [_metadata(call, submission, entry) for entry in submission.entries]
    if not statuses and not versions:
        raise Rejected("XDSMetadataUpdateError", "nothing")
    held = set_of(told, matricule=matricule_of(call.ins), structure=call.vihf.structure, at=call.now)
    ids = {told.id: held.uuid}
    ids |= {entry.id: str(made["entry"]) for entry, made in zip(submission.entries, versions, strict=True)}
    call.store.add_submission(held)
    for association in submission.associations:
        call.store.add_association(link_of(association, ids))
    return statuses + versions


def _status(call: Call, association: Association) -> dict[str, Any]:
    held = _own(call, association.target)
    before = next(iter(association.slots.get("OriginalStatus", ())), "")
    after = next(iter(association.slots.get("NewStatus", ())), "")
    if before != held.status or after not in _ALLOWED.get(before, set()):
        raise Rejected("XDSMetadataUpdateError", "status", f"{before} → {after}")
    call.store.set_status(held.uuid, after)
    return {"unique_id": held.unique_id, "entry": held.uuid, "status": after, "before": before}


def _metadata(call: Call, submission: Submission, entry: Entry) -> dict[str, Any]:
    held = _own(call, entry.lid)
    member = next((a for a in submission.associations if a.type == codes.HAS_MEMBER and a.target == entry.id), None)
    told = next(iter(member.slots.get("PreviousVersion", ())), "") if member else ""
    if told != str(held.version):
        raise Rejected("XDSMetadataVersionError", "version", told)
    if entry.unique_id != held.unique_id or person_of(entry.patient_id) != call.vihf.patient:
        raise Rejected("XDSMetadataUpdateError", "identity", entry.unique_id)
    uuid = uuid_of(entry.id)
    if call.store.has_object(uuid):
        raise Rejected("XDSMetadataUpdateError", "same-id", uuid)
    element = etree.fromstring(etree.tostring(entry.element, with_tail=False))
    element.attrib.update({"id": uuid, "lid": held.lid, "status": held.status})
    _keep_of_repository(held, element)
    made = Held(
        uuid=uuid,
        lid=held.lid,
        version=held.version + 1,
        unique_id=held.unique_id,
        matricule=held.matricule,
        status=held.status,
        structure=held.structure,
        person=held.person,
        at=call.now,
        facts=facts_of(entry),
        xml=etree.tostring(element),
    )
    call.store.add_entry(made, "")
    visibility = made.facts["codes"]["confidentiality"]
    return {"unique_id": held.unique_id, "entry": uuid, "version": made.version, "confidentiality": visibility}


def _keep_of_repository(held: Held, element: Element) -> None:
    """Add what the repository knows of a document and that no product needs to send (wire.md §2.6)."""
    told = {slot.get("name") for slot in element.iterfind(f"{{{codes.RIM}}}Slot")}
    for slot in reversed(etree.fromstring(held.xml).findall(f"{{{codes.RIM}}}Slot")):
        if slot.get("name") in ("hash", "size", "repositoryUniqueId") and slot.get("name") not in told:
            element.insert(0, slot)


def _own(call: Call, target: str) -> Held:
    held = call.store.entry(target)
    if held is None or held.matricule != matricule_of(call.ins):
        raise Rejected("XDSMetadataUpdateError", "unknown-entry", target)
    if held.structure != call.vihf.structure:
        raise Rejected("XDSMetadataUpdateError", "not-author", target)
    return held
