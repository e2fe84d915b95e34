"""Sharing of health documents (PDSm): constraints that the guide publishes without an expression.

Source: ANS, IG PDSm 3.1.1, constraints constr-cdr-rempl, constr-bind-attachmenturl, constr-bind-context-event. The
other constr-bind-* name code lists of ANS that are not at hand: they stay *not checkable*.
"""

from __future__ import annotations

from conformance.checks.fhir.index import Frame
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.rules.register import Answer, Seen, objects, rule, text, told

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
DOCUMENT = GUIDE + "pdsm-comprehensive-document-reference"
PROVIDED = GUIDE + "pdsm-comprehensive-provide-document-bundle"
# constr-bind-context-event: CCAM, CIM-10, TRE_A00 (of which only the name is stable in addresses).
EVENTS = ("urn:oid:1.2.250.1.213.2.5", "urn:oid:2.16.840.1.113883.6.3", "TRE_A00")


@rule(
    "ig:pdsm#3.1.1/one-replaced",
    source="IG PDSm 3.1.1, constr-cdr-rempl",
    concerns=lambda seen: seen.claims(DOCUMENT),
)
def a_replacement_replaces_one_document(seen: Seen) -> Answer:
    """A document that replaces another names exactly one."""
    links = objects(seen.resource.get("relatesTo"))
    if any(link.get("code") == "replaces" for link in links) and len(links) != 1:
        yield told("fhir.pdsm.one-replaced", Place(seen.place, "relatesTo"), expected="1", got=len(links))


@rule(
    "ig:pdsm#3.1.1/content-provided",
    source="IG PDSm 3.1.1, constr-bind-attachmenturl",
    concerns=lambda seen: seen.claims(PROVIDED),
)
def every_document_brings_its_content(seen: Seen) -> Answer:
    """In a submission, the url of each new document leads to a Binary of the same Bundle."""
    for i, entry in enumerate(objects(seen.resource.get("entry"))):
        document, request = entry.get("resource"), entry.get("request")
        if not isinstance(document, dict) or document.get("resourceType") != "DocumentReference":
            continue
        if not isinstance(request, dict) or request.get("method") != "POST":
            continue
        for j, content in enumerate(objects(document.get("content"))):
            attachment = content.get("attachment")
            url = text(attachment.get("url")) if isinstance(attachment, dict) else ""
            found = seen.index.resolve(url, Frame(document)).resource if url else None
            if url and (found is None or found.get("resourceType") != "Binary"):
                inside = Place(Place(Place(seen.place, "entry", i), "resource"), "content", j)
                yield told("fhir.pdsm.content-provided", Place(Place(inside, "attachment"), "url"), got=url)


@rule(
    "ig:pdsm#3.1.1/event-systems",
    source="IG PDSm 3.1.1, constr-bind-context-event",
    concerns=lambda seen: seen.claims(GUIDE) and seen.resource.get("resourceType") == "DocumentReference",
)
def an_event_is_coded_in_a_known_system(seen: Seen) -> Answer:
    """The documented act comes from CCAM, CIM-10 or TRE_A00."""
    context = seen.resource.get("context")
    events = objects(context.get("event")) if isinstance(context, dict) else []
    for i, event in enumerate(events):
        systems = [text(c.get("system")) for c in objects(event.get("coding")) if text(c.get("system"))]
        if systems and not any(known in system for system in systems for known in EVENTS):
            place = Place(Place(seen.place, "context"), "event", i)
            yield told("fhir.pdsm.event-systems", place, expected=" | ".join(EVENTS), got=", ".join(systems))
