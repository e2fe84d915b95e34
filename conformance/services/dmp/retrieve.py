"""TD3.2: documents leave the repository (ITI-43), beside the answer."""

from __future__ import annotations

import asyncio

from lxml import etree

from conformance.dmp import codes
from conformance.dmp.codes import XDSB
from conformance.services.dmp.exchange import Call, Rejected, Reply, registry_response
from conformance.services.dmp.held import matricule_of
from conformance.services.dmp.view import may_consult, visible
from conformance.soap.guarded import Element, text_of
from conformance.soap.mtom import XOP

ACTION = "urn:ihe:iti:2007:RetrieveDocumentSetResponse"
MAX_DOCUMENTS = 20


async def retrieve(call: Call) -> Reply:
    """Answer the documents asked for; one that is not to be had makes the answer partial, all of them a failure.

    A request for none is refused: one ``DocumentRequest`` or more is required (IHE ITI TF-2, 3.43.4.1.2).
    """
    asked = [
        (text_of(r.find(f"{{{XDSB}}}RepositoryUniqueId")), text_of(r.find(f"{{{XDSB}}}DocumentUniqueId")))
        for r in call.envelope.body.iterfind(f"{{{XDSB}}}DocumentRequest")
    ]
    data = {"patient": call.ins, "documents": [unique for _, unique in asked]}
    marks = tuple(filter(None, (call.ins, matricule_of(call.ins), *data["documents"])))
    errors: list[tuple[str, str]] = []
    found: list[tuple[str, bytes]] = []
    try:
        may_consult(call)
        if not asked:
            raise Rejected("XDSRepositoryError", "nothing-asked")
        withheld = asked[-1:] if call.faults.strike("partial", call.transaction) is not None else []
        for repository, unique_id in asked[:MAX_DOCUMENTS]:
            try:
                if (repository, unique_id) in withheld:
                    raise Rejected("XDSRepositoryError", "asked")
                found.append((unique_id, await _document(call, repository, unique_id)))
            except Rejected as exc:
                errors.append((exc.code, exc.sentence))
        if len(asked) > MAX_DOCUMENTS:
            raise Rejected("XDSRepositoryError", "too-many", str(MAX_DOCUMENTS))
    except Rejected as exc:
        errors.append((exc.code, exc.sentence))
    status = codes.SUCCESS if not errors else codes.PARTIAL if found else codes.FAILURE
    outcome = {codes.SUCCESS: "ok", codes.PARTIAL: "partial", codes.FAILURE: "failure"}[status]
    made, parts = _response(status, errors, found)
    return Reply(
        made, ACTION, outcome, errors[0][0] if errors else "", parts, {**data, "given": [u for u, _ in found]}, marks
    )


async def _document(call: Call, repository: str, unique_id: str) -> bytes:
    if repository != codes.REPOSITORY:
        raise Rejected("XDSUnknownRepositoryId", "repository", repository)
    entry = call.store.entry_of(unique_id)
    kept = entry is not None and entry.status != codes.DELETED and entry.matricule == matricule_of(call.ins)
    read = call.store.reading(unique_id) if entry is not None and kept and visible(call, entry) else None
    if read is None:
        raise Rejected("XDSDocumentUniqueIdError", "unknown-document", unique_id)
    # A document may be large, and its message is hashed as it is read: other calls go on meanwhile.
    return await asyncio.to_thread(read)


def _response(
    status: str, errors: list[tuple[str, str]], found: list[tuple[str, bytes]]
) -> tuple[Element, list[tuple[str, bytes]]]:
    made = etree.Element(f"{{{XDSB}}}RetrieveDocumentSetResponse", nsmap={"xdsb": XDSB})
    made.append(registry_response(status, errors))
    parts = []
    for number, (unique_id, content) in enumerate(found, 1):
        one = etree.SubElement(made, f"{{{XDSB}}}DocumentResponse")
        etree.SubElement(one, f"{{{XDSB}}}RepositoryUniqueId").text = codes.REPOSITORY
        etree.SubElement(one, f"{{{XDSB}}}DocumentUniqueId").text = unique_id
        etree.SubElement(one, f"{{{XDSB}}}mimeType").text = "text/xml"
        name = f"document-{number}@bench.test"
        holder = etree.SubElement(one, f"{{{XDSB}}}Document")
        etree.SubElement(holder, f"{{{XOP}}}Include", nsmap={"xop": XOP}, attrib={"href": f"cid:{name}"})
        parts.append((name, content))
    return made, parts
