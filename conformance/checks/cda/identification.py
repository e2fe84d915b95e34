"""What a document says it is: realm, type, templates, identifiers, title, dates, language, version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks.cda import forms
from conformance.checks.cda.rules import SOURCE, Attribute, Child, at, cda_check, coded, identifier, judged
from conformance.checks.cda.tables.header_codes import CONFIDENTIALITY
from conformance.checks.cda.tables.type_codes import TYPE_CODE
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import identifier_of, text_of
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context
from conformance.core.finding import Finding, error, warning

# CDA R2 (HL7, POCD_HD000040) and the templates that a French document declares (wire.md §2.8).
CDA_R2 = "2.16.840.1.113883.1.3"
CDA_R2_EXTENSION = "POCD_HD000040"
HL7_FRANCE = "2.16.840.1.113883.2.8.2.1"
CI_SIS = "1.2.250.1.213.1.1.1.1"
XDS_SD = "1.3.6.1.4.1.19376.1.2.20"

_ID = (Child("", "h:id", 1, 1, "SM-0017/SM-0018"), *identifier("h:id", root="SM-0063/SM-0064", extension="SM-0062"))
_CODE = (Child("", "h:code", 1, 1, "SM-0019/SM-0020"), *coded("h:code", TYPE_CODE, "SM-0067…SM-0072"))
_TIME = (
    Child("", "h:effectiveTime", 1, 1, "SM-0023/SM-0024"),
    Attribute("h:effectiveTime", "value", forms.TIME, "SM-0076/SM-0077"),
)
_CONFIDENTIALITY = (
    Child("", "h:confidentialityCode", 1, 1, "SM-0025/SM-0026"),
    *coded("h:confidentialityCode", CONFIDENTIALITY, "SM-0079…SM-0084"),
)
_LANGUAGE = (
    Child("", "h:languageCode", 1, 1, "SM-0027/SM-0028"),
    Attribute("h:languageCode", "code", forms.LANGUAGE, "SM-0086…SM-0088"),
)
_PARENT = "h:relatedDocument[@typeCode='RPLC']/h:parentDocument"
_VERSION = (
    Child("", "h:setId", 1, 1, "SM-0029/SM-0030"),
    *identifier("h:setId", root="SM-0091/SM-0092", extension="SM-0090"),
    Child("", "h:versionNumber", 1, 1, "SM-0031/SM-0032"),
    Attribute("h:versionNumber", "value", forms.VERSION, "SM-0094…SM-0096"),
    Child("", "h:relatedDocument[@typeCode='RPLC']", 0, 1, "SM-0043", null=True),
    Child("h:relatedDocument[@typeCode='RPLC']", "h:parentDocument", 1, 1, "SM-1357/SM-1358"),
    Child(_PARENT, "h:id", 1, 1, "SM-1359/SM-1360"),
    *identifier(f"{_PARENT}/h:id", root="SM-1364/SM-1365", extension="SM-1363"),
    Attribute(f"{_PARENT}/h:versionNumber", "value", forms.VERSION, "SM-1367/SM-1368", required=False),
)


@cda_check("cda.realm", source=f"{SOURCE}, realmCode (SM-0008, SM-0009, SM-0049)")
def the_realm_is_france(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document declares the French realm.

    Pass: ``realmCode`` is there once with the code FR.
    Fail: it is missing, repeated, or names another realm.
    """
    yield from judged(document, (Child("", "h:realmCode", 1, 1, "SM-0008/SM-0009"),))
    yield from judged(document, (Attribute("h:realmCode", "code", forms.exactly("FR"), "SM-0049"),))


@cda_check("cda.type-id", source=f"{SOURCE}, typeId (SM-0010, SM-0011, SM-0051, SM-0052)")
def the_type_is_cda_r2(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document declares itself a CDA R2.

    Pass: ``typeId`` is there once and is that of CDA R2.
    Fail: it is missing, repeated, or is another.
    """
    yield from judged(
        document,
        (
            Child("", "h:typeId", 1, 1, "SM-0010/SM-0011"),
            Attribute("h:typeId", "root", forms.exactly(CDA_R2), "SM-0051"),
            Attribute("h:typeId", "extension", forms.exactly(CDA_R2_EXTENSION), "SM-0052"),
        ),
    )


@cda_check("cda.template-ids", source=f"{SOURCE}, templateId (SM-0006, SM-0007, SM-0012 to SM-0016)")
def the_templates_are_declared(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document declares the templates that it follows.

    Pass: HL7 France and CI-SIS once each, and at least one more; for a non-structured body, XDS-SD and nothing else.
    Fail: one is missing, repeated, or not an OID; one of these three bears a version, which none of them has; or a
    non-structured body declares a structured model.
    """
    declared = document.find("h:templateId")
    roots = [t.get("root", "") for t in declared]
    for root, rule in ((HL7_FRANCE, "SM-0012"), (CI_SIS, "SM-0014")):
        if root not in roots:
            yield error("cda.template.missing", where=document.where(), expected=root, rule=rule)
    if not set(roots) - {HL7_FRANCE, CI_SIS}:
        yield error("cda.template.no-model", where=document.where(), rule="SM-0016")
    yield from _versioned(document, declared)
    for position, element in enumerate(declared):
        if identifier_of(element) in [identifier_of(e) for e in declared[:position]]:
            place = document.where(element)
            yield error("cda.template.repeated", where=place, got=element.get("root"), rule="SM-0013/SM-0015")
    yield from judged(document, identifier("h:templateId", root="SM-0059/SM-0060", extension="DT:II"))
    if document.first("h:component/h:nonXMLBody") is None:
        return
    if XDS_SD not in roots:
        yield error("cda.template.missing", where=document.where(), expected=XDS_SD, rule="SM-0007")
    for element in declared:
        if element.get("root") not in (HL7_FRANCE, CI_SIS, XDS_SD):
            yield error(
                "cda.template.structured", where=document.where(element), got=element.get("root"), rule="SM-0006"
            )


def _versioned(document: CdaDocument, declared: Sequence[Element]) -> Iterator[Finding]:
    """An identifier is its root and its extension together (HL7 data types, II): with one, it is another template."""
    for element in declared:
        root, version = element.get("root"), element.get("extension")
        if version is not None and root in (HL7_FRANCE, CI_SIS, XDS_SD):
            place = at(document, element, "extension")
            yield error("cda.template.versioned", where=place, expected=root, got=version, rule="II", beyond=True)


@cda_check("cda.id", source=f"{SOURCE}, id (SM-0017, SM-0018, SM-0061 to SM-0064)")
def the_document_is_identified(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document bears one identifier, an OID or a UUID.

    Pass: ``id`` is there once with a root that is an OID or a UUID.
    Fail: it is missing, null, repeated, or its root is something else.
    """
    yield from judged(document, _ID)


@cda_check("cda.code", source=f"{SOURCE}, code (SM-0019, SM-0020, SM-0065 to SM-0072); JDV_J07-XdsTypeCode-CISIS")
def the_type_of_document_is_known(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document bears a type of the value set JDV_J07.

    Pass: ``code`` is there once, in the value set, under its own code system, with a label.
    Fail: it is missing, unknown, or under another code system. A label that differs is a warning.
    """
    yield from judged(document, _CODE)


@cda_check("cda.title", source=f"{SOURCE}, title (SM-0021, SM-0022, DT:ST)")
def the_document_has_a_title(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document has a title that can be read.

    Pass: ``title`` is there once and holds text.
    Fail: it is missing, null, repeated or blank.
    """
    yield from judged(document, (Child("", "h:title", 1, 1, "SM-0021/SM-0022"),))
    for element in document.find("h:title"):
        if element.get("nullFlavor") is None and not text_of(element):
            yield error("cda.blank", where=document.where(element), element="title", attribute="text", rule="DT:ST")


@cda_check("cda.effective-time", source=f"{SOURCE}, effectiveTime (SM-0023, SM-0024, SM-0075 to SM-0077)")
def the_document_is_dated(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document says when it was made.

    Pass: ``effectiveTime`` is there once and is a time of the calendar.
    Fail: it is missing, repeated, or no such time exists. A time without its offset is a warning: XDS needs the instant.
    """
    yield from judged(document, _TIME)
    read = forms.moment(document.created)
    element = document.first("h:effectiveTime")
    if read and element is not None and (read.digits < 12 or not read.zoned):
        place = at(document, element, "value")
        expected = forms.TIME.expected
        yield warning("cda.time.no-instant", where=place, expected=expected, got=document.created, beyond=True)


@cda_check("cda.confidentiality", source=f"{SOURCE}, confidentialityCode (SM-0025, SM-0026, SM-0079 to SM-0084)")
def the_confidentiality_is_stated(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document states its confidentiality.

    Pass: ``confidentialityCode`` is there once, with a code of the value set, under its code system.
    Fail: it is missing, repeated, unknown, or under another code system.
    """
    yield from judged(document, _CONFIDENTIALITY)


@cda_check("cda.language", source=f"{SOURCE}, languageCode (SM-0027, SM-0028, SM-0086 to SM-0088)")
def the_language_is_stated(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document states its language.

    Pass: ``languageCode`` is there once, as language and country.
    Fail: it is missing, repeated, or of another form. A language other than fr-FR is a warning.
    """
    yield from judged(document, _LANGUAGE)
    language = document.language
    element = document.first("h:languageCode")
    if element is not None and language and forms.LANGUAGE.accepts(language) and language != "fr-FR":
        place = at(document, element, "code")
        yield warning("cda.language.other", where=place, expected="fr-FR", got=language, beyond=True)


@cda_check(
    "cda.version", source=f"{SOURCE}, setId, versionNumber, relatedDocument (SM-0029 to SM-0032, SM-0043, SM-1357…)"
)
def the_version_is_stated(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document says which version of which set it is, and what it replaces.

    Pass: ``setId`` and ``versionNumber`` are there once each, the number is 1 or more; a replacement names another document.
    Fail: one is missing, repeated or of another form; or the document replaces itself.
    A link of another kind than RPLC is a warning.
    """
    yield from judged(document, _VERSION)
    if document.replaces and document.replaces == document.unique_id:
        place = document.where(document.parent)
        yield error("cda.version.itself", where=place, got=document.replaces, beyond=True)
    for element in document.find("h:relatedDocument"):
        if element.get("typeCode") != "RPLC":
            place = at(document, element, "typeCode")
            yield warning("cda.version.link", where=place, expected="RPLC", got=element.get("typeCode"))
