"""Follow-up of orientation decisions (SDO): rules whose published expression can never fail.

Source: ANS, IG SDO 4.0. The published ``regle-StatutUnite`` looks for ``input.type.text`` while the data carry
``input.type.coding.code``: it is always true. This one reads the codes.
"""

from __future__ import annotations

from conformance.checks.fhir.path import Place
from conformance.checks.fhir.rules.register import Answer, Seen, codes, objects, rule, text, told

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/"
WITH_UNIT = ("idUnite", "nomUnite", "categorieOrganisation", "modePriseCharge", "dateStatutUnite")
# Title that goes with each type of document (LOINC code), as the guide words them.
TITLES = {"57830-2": "Document Individu et décision", "51848-0": "Document évaluation"}


@rule(
    "ig:sdo#4.0/unit-status",
    source="IG SDO 4.0, esms-task and sdo-task, regle-StatutUnite",
    concerns=lambda seen: seen.claims(GUIDE) and seen.resource.get("resourceType") == "Task",
)
def a_unit_status_names_its_unit(seen: Seen) -> Answer:
    """A Task that gives the status of a unit says which unit, of which kind, and since when."""
    given = {code for item in objects(seen.resource.get("input")) for code in codes(item.get("type"))}
    if "statutUnite" in given and (missing := [name for name in WITH_UNIT if name not in given]):
        place = Place(seen.place, "input")
        yield told("fhir.sdo.unit-status", place, expected=", ".join(WITH_UNIT), got=f"∅ {', '.join(missing)}")


@rule(
    "ig:sdo#4.0/document-type",
    source="IG SDO 4.0, esms-document-reference: type, whose value set names another value set as its system",
    concerns=lambda seen: seen.claims(GUIDE + "esms-document-reference"),
)
def a_document_has_one_of_two_types(seen: Seen) -> Answer:
    """The type is the individual file with the decision, or the evaluation; the title goes with it."""
    found = codes(seen.resource.get("type"))
    known = found & set(TITLES)
    if not known:
        yield told("fhir.sdo.document-type", Place(seen.place, "type"), expected=" | ".join(TITLES), got=found or None)
        return
    titles = {TITLES[code] for code in known}
    for i, content in enumerate(objects(seen.resource.get("content"))):
        attachment = content.get("attachment")
        title = text(attachment.get("title")) if isinstance(attachment, dict) else ""
        if title and title not in titles:
            place = Place(Place(Place(seen.place, "content", i), "attachment"), "title")
            yield told("fhir.sdo.document-title", place, expected=" | ".join(sorted(titles)), got=title)
