"""How a document reads as a whole, and what its non-structured body holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from conformance.checks.cda.rules import at, cda_check
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import HL7, SDTC
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context, check
from conformance.core.finding import Finding, error

# Children of ClinicalDocument in the order of the schema (HL7 CDA R2, POCD_MT000040.ClinicalDocument).
ORDER = (
    "realmCode",
    "typeId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "copyTime",
    "recordTarget",
    "author",
    "dataEnterer",
    "informant",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "participant",
    "inFulfillmentOf",
    "documentationOf",
    "relatedDocument",
    "authorization",
    "componentOf",
    "component",
)
_RANK = {name: rank for rank, name in enumerate(ORDER)}
# POCD_MT000040.ClinicalDocument gives these two attributes one value each (SM-0001, SM-0002).
_FIXED = {"classCode": "DOCCLIN", "moodCode": "EVN"}
PDF = b"%PDF-"


@check("cda.well-formed", source="XML 1.0 (5th ed.); HL7 CDA R2, POCD_MT000040 ; interdiction des DTD (OWASP XXE)")
def the_document_reads(document: CdaDocument) -> Iterator[Finding]:
    """The document reads as a CDA: well-formed XML without DOCTYPE, in its own encoding, header in order.

    Pass: it parses within bounds, its root is a ClinicalDocument, its children are those of the schema, in order.
    Fail: it does not parse, declares a DOCTYPE, is another kind of document, or its header is out of order.
    """
    fault = document.fault
    if document.root is None:
        if fault is not None:
            place = document.where()
            yield error(fault.code, where=place, expected=fault.expected, got=fault.got, **fault.values)
        return
    if document.mojibake:
        yield error("document.mojibake", where=document.where(), expected="UTF-8", beyond=True)
    for name, expected in _FIXED.items():
        got = document.root.get(name)
        if got not in (None, expected):
            place = at(document, document.root, name)
            yield error(
                "cda.value",
                where=place,
                expected=expected,
                got=got,
                element="ClinicalDocument",
                attribute=name,
                rule="SM-0001/SM-0002",
            )
    yield from _children(document, document.root)
    yield from _component(document)


@cda_check("cda.body-n1", source="CI-SIS Structuration minimale v1.16 et IHE XDS-SD (ITI TF-3, 5.2); wire.md §2.8")
def the_body_is_a_pdf(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """A non-structured body holds one PDF in base64.

    Pass: ``nonXMLBody/text`` says application/pdf and B64, and its content decodes to a PDF. A structured body passes:
    the check has nothing to say of it.
    Fail: another type, another representation, text that is not base64, or content that is not a PDF.
    """
    body = document.first("h:component/h:nonXMLBody")
    if body is None:
        return
    text = document.body_text
    if text is None:
        yield error("cda.body.no-text", where=document.where(body), expected="text")
        return
    for name, expected in (("mediaType", "application/pdf"), ("representation", "B64")):
        got = text.get(name)
        if got != expected:
            place = document.where(text) if got is None else at(document, text, name)
            yield error("cda.body.attribute", where=place, expected=expected, got=got, attribute=name, beyond=True)
    yield from _not_a_pdf(document, text)


def _not_a_pdf(document: CdaDocument, text: Element) -> Iterator[Finding]:
    content = document.pdf
    if content is None:
        yield error("cda.body.not-base64", where=document.where(text), expected="base64", beyond=True)
    elif not content:
        yield error("cda.body.empty", where=document.where(text), expected="%PDF-", beyond=True)
    elif not content.startswith(PDF):
        got = ascii(content[:8])
        yield error("cda.body.not-pdf", where=document.where(text), expected="%PDF-", got=got, beyond=True)


def _children(document: CdaDocument, root: Element) -> Iterator[Finding]:
    known: list[Element] = []
    for child in root.iterchildren("*"):
        space, _, name = str(child.tag).rpartition("}")
        if space == f"{{{HL7}" and name in _RANK:
            known.append(child)
        elif space != f"{{{SDTC}":
            yield error(
                "cda.foreign-element", where=document.where(child), expected="POCD_MT000040", got=str(child.tag)
            )
    for before, after in pairwise(known):
        first, then = _name(before), _name(after)
        if _RANK[first] > _RANK[then]:
            yield error("cda.order", where=document.where(after), expected=f"{then} < {first}", got=f"{first} < {then}")
    if (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        yield error("cda.stray-text", where=document.where())


def _component(document: CdaDocument) -> Iterator[Finding]:
    components = document.find("h:component")
    if len(components) != 1:
        code = "cda.repeated" if components else "cda.missing"
        place = document.where(components[1] if components else None)
        yield error(
            code, where=place, expected="1", got=str(len(components)), element="component", rule="SM-0046/SM-0047"
        )
        return
    bodies = list(components[0].iterchildren("*"))
    if len(bodies) != 1 or _name(bodies[0]) not in ("nonXMLBody", "structuredBody"):
        got = ", ".join(_name(b) for b in bodies) or None
        place = document.where(components[0])
        yield error("cda.one-body", where=place, expected="nonXMLBody | structuredBody", got=got, rule="SM-0006")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
