"""TD2.1: documents and their metadata enter the record (ITI-41), or the whole submission is refused."""

from __future__ import annotations

import re
from typing import Any

from conformance.core.texts import say
from conformance.dmp import codes, xades
from conformance.dmp.digests import LARGE
from conformance.dmp.objects import Entry, Submission, person_of, read_submission
from conformance.evidence.pack import Filed
from conformance.services.dmp.exchange import Call, Rejected, Reply, registry_response
from conformance.services.dmp.filing import facts_of, link_of, registered, set_of, uuid_of
from conformance.services.dmp.held import Held, Place, matricule_of
from conformance.soap.signatures import Refused

ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse"
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
MAX_OID = 64
# What every entry says (IHE ITI TF-3, 4.2.3.2, « R » of the DMP's own table).
REQUIRED_CODES = ("class_code", "type_code", "format_code", "facility", "practice_setting", "confidentiality")
REQUIRED_SLOTS = ("creationTime", "languageCode", "sourcePatientId", "sourcePatientInfo")


async def provide_and_register(call: Call) -> Reply:
    """Accept a submission, durably, or say why not; nothing of a refused one is kept."""
    submission = read_submission(call.envelope.body, call.package)
    # While the message is written down and its documents are hashed beside this, its signature is opened.
    signature = _signature(submission)
    filed = await call.filed if call.filed else None
    # From here on nothing is awaited: the registry that is judged by is the one that is written to.
    data: dict[str, Any] = {
        "patient": call.ins,
        "submission": submission.sets[0].unique_id if submission.sets else "",
        "documents": [_told(call, submission, entry) for entry in submission.entries if not entry.is_signature],
    }
    ids = [entry.unique_id for entry in submission.entries]
    marks = tuple(filter(None, (call.ins, matricule_of(call.ins), *ids)))
    try:
        if (code := call.faults.strike("refuses")) is not None:
            raise Rejected(code or "XDSRegistryBusy", "asked")
        _judge(call, submission)
        _judge_signature(call, submission, signature)
        _keep(call, submission, filed)
    except Rejected as exc:
        made = registry_response(codes.FAILURE, [(exc.code, exc.sentence)])
        data["reason"] = f"{exc.reason}:{exc.detail}" if exc.detail else exc.reason
        return Reply(made, ACTION, "failure", exc.code, data=data, marks=marks)
    warned = call.faults.strike("partial", call.transaction) is not None
    told = [("XDSExtraMetadataNotSaved", say("dmp.error.extra", "fr"))] if warned else []
    made = registry_response(codes.SUCCESS, told, codes.WARNING)
    return Reply(made, ACTION, "ok", data={**data, "warned": warned}, marks=marks)


def _told(call: Call, submission: Submission, entry: Entry) -> dict[str, Any]:
    content = submission.documents.get(entry.id)
    return {
        "unique_id": entry.unique_id,
        "entry": entry.id,
        "type_code": entry.code("type_code"),
        "format_code": entry.code("format_code"),
        "confidentiality": [code for code, _ in entry.codes["confidentiality"]],
        "replaces": list(submission.replaced_by(entry)),
        "sha256": call.digests.of("sha256", content).hex() if content is not None else None,
    }


def _judge(call: Call, submission: Submission) -> None:
    if call.patient() is None:
        raise Rejected("XDSUnknownPatientId", "no-record")
    if len(submission.sets) != 1 or not submission.entries:
        raise Rejected("XDSRegistryMetadataError", "set")
    held = submission.sets[0]
    if not (held.unique_id and held.source_id and held.submitted and held.content_type and held.persons):
        raise Rejected("XDSRegistryMetadataError", "set")
    if call.store.has_submission(held.unique_id):
        raise Rejected("XDSDuplicateUniqueIdInRegistry", "submission-twice", held.unique_id)
    for owner in (held.patient_id, *(entry.patient_id for entry in submission.entries)):
        if person_of(owner) != call.vihf.patient:
            raise Rejected("XDSPatientIdDoesNotMatch", "other-patient")
    members = {a.target for a in submission.associations if a.type == codes.HAS_MEMBER and a.source == held.id}
    for entry in submission.entries:
        _judge_entry(call, submission, entry, member=entry.id in members)
    if stray := set(submission.documents) - {entry.id for entry in submission.entries}:
        raise Rejected("XDSMissingDocumentMetadata", "no-entry", min(stray))
    _judge_ids(call, submission)


def _judge_ids(call: Call, submission: Submission) -> None:
    """Each id is that of one object: of this message, and of the registry (IHE ITI TF-3, 4.2.1.5)."""
    ids = [submission.sets[0].id, *(entry.id for entry in submission.entries)]
    uniques = [entry.unique_id for entry in submission.entries]
    if len(set(uniques)) != len(uniques):
        raise Rejected("XDSRegistryDuplicateUniqueIdInMessage", "twice")
    if len(set(ids)) != len(ids):
        raise Rejected("XDSRegistryMetadataError", "twice")
    if known := next((id for id in ids if call.store.has_object(id)), None):
        raise Rejected("XDSRegistryMetadataError", "same-id", known)


def _judge_entry(call: Call, submission: Submission, entry: Entry, *, member: bool) -> None:
    required = ("class_code", "type_code", "format_code") if entry.is_signature else REQUIRED_CODES
    missing = [name for name in required if not entry.code(name)]
    missing += [] if entry.is_signature else [name for name in REQUIRED_SLOTS if not entry.slot(name)]
    missing += [] if entry.mime else ["mimeType"]
    missing += [] if member else ["HasMember"]
    if missing:
        raise Rejected("XDSRegistryMetadataError", "attribute", ", ".join(missing))
    if not _OID.fullmatch(entry.unique_id) or len(entry.unique_id) > MAX_OID:
        raise Rejected("XDSDocumentUniqueIdError", "unique-id", entry.unique_id)
    content = submission.documents.get(entry.id)
    if content is None:
        raise Rejected("XDSMissingDocument", "no-document", entry.unique_id)
    sha1 = _sha1(call, content)
    if (known := call.store.sha1_of(entry.unique_id)) is not None:
        code = "XDSDuplicateUniqueIdInRegistry" if known == sha1 else "XDSNonIdenticalHash"
        raise Rejected(code, "document-twice", entry.unique_id)
    if (entry.slot("hash") and entry.slot("hash").lower() != sha1) or (
        entry.slot("size") and entry.slot("size") != str(len(content))
    ):
        raise Rejected("XDSRepositoryMetadataError", "hash", entry.unique_id)
    for target in submission.replaced_by(entry):
        _replaceable(call, target)


def _replaceable(call: Call, target: str) -> Held:
    found = call.store.entry(target)
    same = found is not None and found.matricule == matricule_of(call.ins) and found.structure == call.vihf.structure
    if found is None or not same or found.status != codes.APPROVED:
        raise Rejected("XDSReplaceFailed", "replaced", target)
    return found


def _signature(submission: Submission) -> xades.SetSignature | Rejected:
    """The signature of the set, which holds, or why it is refused."""
    signatures = [entry for entry in submission.entries if entry.is_signature]
    signing = {a.source for a in submission.associations if a.type == codes.SIGNS}
    if len(signatures) != 1 or signatures[0].id not in signing:
        return Rejected("XDSRegistryMetadataError", "unsigned")
    try:
        return xades.open_signature(submission.documents.get(signatures[0].id) or b"")
    except Refused as exc:
        return Rejected("XDSRegistryMetadataError", "signature", str(exc))


def _judge_signature(call: Call, submission: Submission, signature: xades.SetSignature | Rejected) -> None:
    """The set is signed, and the signature covers every other document of it."""
    if isinstance(signature, Rejected):
        raise signature
    if signature.certificate.serial_number in call.revoked:
        raise Rejected("XDSRegistryMetadataError", "signature", "certificate:revoked")
    documents = {e.unique_id: submission.documents[e.id] or b"" for e in submission.entries if not e.is_signature}
    for fault in xades.faults(signature, documents, call.anchor, call.at, call.digests.of):
        raise Rejected("XDSRegistryMetadataError", "signature", fault)


def _keep(call: Call, submission: Submission, filed: Filed | None) -> None:
    """File everything in one transaction, which is on the disk before the journal tells of it, hence before the answer."""
    held = set_of(submission.sets[0], matricule=matricule_of(call.ins), structure=call.vihf.structure, at=call.now)
    uuids = {submission.sets[0].id: held.uuid} | {entry.id: uuid_of(entry.id) for entry in submission.entries}
    with call.store.together():
        call.store.add_submission(held)
        for entry in submission.entries:
            content = submission.documents[entry.id] or b""
            sha1 = _sha1(call, content)
            call.store.add_document(entry.unique_id, content, sha1, _place(call, content, filed))
            xml = registered(entry, uuids[entry.id], sha1, len(content))
            call.store.add_entry(_held(call, entry, uuids[entry.id], xml), held.unique_id)
        for association in submission.associations:
            call.store.add_association(link_of(association, uuids))
            if association.type == codes.REPLACES:
                call.store.set_status(_replaceable(call, association.target).uuid, codes.DEPRECATED)


def _held(call: Call, entry: Entry, uuid: str, xml: bytes) -> Held:
    return Held(
        uuid=uuid,
        lid=uuid,
        version=1,
        unique_id=entry.unique_id,
        matricule=matricule_of(call.ins),
        status=codes.APPROVED,
        structure=call.vihf.structure,
        person=call.vihf.name_id,
        at=call.now,
        facts=facts_of(entry),
        xml=xml,
    )


def _place(call: Call, content: bytes, filed: Filed | None) -> Place | None:
    """Where a document stands in the filed message; one that came otherwise, or was redacted there, is kept itself."""
    start = call.package.place(content) if filed and filed.verbatim else None
    return Place(filed.digest, start) if filed and start is not None and len(content) >= LARGE else None


def _sha1(call: Call, content: bytes) -> str:
    # SHA-1 is what XDS names for this attribute (IHE ITI TF-3, 4.2.3.2.10).
    return call.digests.of("sha1", content).hex()
