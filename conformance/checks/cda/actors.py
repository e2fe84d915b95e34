"""Who made, keeps and answers for a document: author, custodian, legal authenticator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from conformance.checks.cda import forms
from conformance.checks.cda.contact import contacts, people
from conformance.checks.cda.rules import SOURCE, Attribute, Child, Coded, Rule, cda_check, coded, identifier, judged
from conformance.checks.cda.tables.header_codes import AUTHOR_SPECIALTY, FUNCTION, PRACTICE_SETTING
from conformance.checks.subjects.cda import CdaDocument
from conformance.core.check import Context
from conformance.core.finding import Finding, error, warning

# National identifiers of people and of structures (CI-SIS, annexe "Sources des données personnes et structures").
IDNPS = "1.2.250.1.71.4.2.1"
IDNST = "1.2.250.1.71.4.2.2"
# The custodian of documents that a person deposits (SM-0630).
PATIENT_HOST = "1.2.250.1.213.4.1"
# Prefix of the kind, then the number: 8 RPPS (11 digits), and for structures 1 FINESS, 2 SIREN, 3 SIRET (wire.md §2.6).
_RPPS = re.compile(r"8\d{11}", re.ASCII)
_STRUCTURE = re.compile(r"0\d{9}|1\d[\dAB]\d{7}|2\d{9}|3\d{14}|4\d{11,16}", re.ASCII)

# Where published examples hold malformed numbers, these are told as warnings.
Tell: TypeAlias = Callable[..., Finding]
_AUTHOR = "h:author/h:assignedAuthor"
_AUTHOR_RULES: tuple[Rule, ...] = (
    Child("", "h:author", 1, None, "SM-0036"),
    Child("h:author", "h:time", 1, 1, "SM-0285/SM-0286"),
    Attribute("h:author/h:time", "value", forms.TIME, "SM-0299/SM-0300"),
    Child("h:author", "h:functionCode", 0, 1, "SM-0284"),
    *coded("h:author/h:functionCode", FUNCTION, "SM-0290…SM-0294", shown=False),
    Child("h:author", "h:assignedAuthor", 1, 1, "SM-0287/SM-0288"),
    Child(_AUTHOR, "h:id", 1, None, "SM-0301"),
    *identifier(f"{_AUTHOR}/h:id", root="SM-0310/SM-0311", extension="SM-0308/SM-0309", wants_extension=True),
    Child(_AUTHOR, "h:code", 0, 1, "SM-0302"),
    *coded(f"{_AUTHOR}/h:code", AUTHOR_SPECIALTY, "SM-0313…SM-0318"),
    Child(_AUTHOR, "h:representedOrganization", 0, 1, "SM-0306"),
)
_CUSTODIAN = "h:custodian/h:assignedCustodian/h:representedCustodianOrganization"
_CUSTODIAN_RULES: tuple[Rule, ...] = (
    Child("", "h:custodian", 1, 1, "SM-0038/SM-0039"),
    Child("h:custodian", "h:assignedCustodian/h:representedCustodianOrganization", 1, 1, "SM-0617…SM-0620"),
    Child(_CUSTODIAN, "h:id", 1, 1, "SM-0621/SM-0622"),
    *identifier(f"{_CUSTODIAN}/h:id", root="SM-0628/SM-0629", extension="SM-0627"),
    Child(_CUSTODIAN, "h:name", 0, 1, "SM-0623", null=True),
)
_LEGAL = "h:legalAuthenticator"
_SIGNER = f"{_LEGAL}/h:assignedEntity"
_LEGAL_RULES: tuple[Rule, ...] = (
    Child("", _LEGAL, 1, 1, "SM-0040/SM-0041"),
    Child(_LEGAL, "h:time", 1, 1, "SM-0776/SM-0777"),
    Attribute(f"{_LEGAL}/h:time", "value", forms.TIME, "SM-0784/SM-0785"),
    Child(_LEGAL, "h:signatureCode", 1, 1, "SM-0778/SM-0779"),
    Attribute(f"{_LEGAL}/h:signatureCode", "code", forms.exactly("S"), "SM-0787"),
    Child(_LEGAL, "h:assignedEntity", 1, 1, "SM-0780/SM-0781"),
    Child(_SIGNER, "h:id", 1, 1, "SM-0788/SM-0789"),
    *identifier(f"{_SIGNER}/h:id", root="SM-0794/SM-0795", extension="SM-0796/SM-0797", wants_extension=True),
    Attribute(f"{_SIGNER}/h:code", "code", forms.CODE, "SM-0799"),
    Coded(f"{_SIGNER}/h:code", AUTHOR_SPECIALTY, "SM-0799"),
    Coded(f"{_SIGNER}/h:representedOrganization/h:standardIndustryClassCode", PRACTICE_SETTING, "SM-0855"),
)


@cda_check("cda.author", source=f"{SOURCE}, author (SM-0036, SM-0282 to SM-0427)")
def an_author_is_named(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document names who wrote it, when, and as what.

    Pass: each author has a time, an identifier, and where given a known function, specialty, civility and title.
    Fail: none of them, no time, no identifier, an unknown code, or a national identifier that cannot be one.
    An RPPS or FINESS whose Luhn key is wrong is a warning: published test identifiers do not all have the right one.
    """
    yield from judged(document, _AUTHOR_RULES)
    yield from contacts(document, ("h:author",))
    yield from people(document, f"{_AUTHOR}/h:assignedPerson", "SM-0359…SM-0363")
    yield from person_ids(document, f"{_AUTHOR}/h:id")
    yield from structure_ids(document, f"{_AUTHOR}/h:representedOrganization/h:id")


@cda_check("cda.custodian", source=f"{SOURCE}, custodian (SM-0038, SM-0039, SM-0617 to SM-0669)")
def a_structure_keeps_the_document(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document names the structure that keeps it, by its national identifier.

    Pass: one custodian with one identifier under the OID of structures (or of the host of persons' own documents).
    Fail: none, several, another OID, or an identifier that cannot be one. A structure without a name is a warning.
    """
    yield from judged(document, _CUSTODIAN_RULES)
    yield from contacts(document, ("h:custodian",))
    for element in document.find(f"{_CUSTODIAN}/h:id"):
        root = element.get("root")
        if root and root not in (IDNST, PATIENT_HOST):
            expected = f"{IDNST} | {PATIENT_HOST}"
            yield error(
                "cda.custodian.root", where=document.where(element), expected=expected, got=root, rule="SM-0630"
            )
    for organisation in document.find(_CUSTODIAN):
        if not document.find("h:name", organisation):
            yield warning("cda.custodian.unnamed", where=document.where(organisation), beyond=True)
    yield from structure_ids(document, f"{_CUSTODIAN}/h:id")


@cda_check("cda.legal-authenticator", source=f"{SOURCE}, legalAuthenticator (SM-0040, SM-0041, SM-0774 to SM-0866)")
def somebody_answers_for_the_document(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document names who answers for it, and says that it is signed.

    Pass: one legal authenticator with a time, the signature code S, an identifier and a name.
    Fail: none, several, another signature code, a time that does not exist, an identifier that cannot be one.
    """
    yield from judged(document, _LEGAL_RULES)
    yield from contacts(document, (_LEGAL,))
    yield from people(document, f"{_SIGNER}/h:assignedPerson", "SM-0840…SM-0844")
    yield from person_ids(document, f"{_SIGNER}/h:id")
    yield from structure_ids(document, f"{_SIGNER}/h:representedOrganization/h:id", warning)


def person_ids(document: CdaDocument, path: str, tell: Tell = error) -> Iterator[Finding]:
    """National identifiers of people: the digit of their kind, and for an RPPS eleven digits after its 8."""
    for element in document.find(path):
        root, value = element.get("root"), element.get("extension", "")
        if root not in (IDNPS, IDNST) and value:
            yield warning("cda.person-id.root", where=document.where(element), expected=IDNPS, got=root, beyond=True)
        elif root == IDNPS and value.startswith("8"):
            if not _RPPS.fullmatch(value):
                yield tell(
                    "cda.person-id.rpps", where=document.where(element), expected="8\\d{11}", got=value, beyond=True
                )
            elif not forms.luhn(value[1:]):
                yield warning("cda.luhn", where=document.where(element), got=value, element="RPPS", beyond=True)
        elif root == IDNPS and value.strip() and not value[0].isdecimal():
            place = document.where(element)
            yield warning("cda.person-id.form", where=place, expected="8 RPPS | 0 ADELI …", got=value, beyond=True)


def structure_ids(document: CdaDocument, path: str, tell: Tell = error) -> Iterator[Finding]:
    """National identifiers of structures: the digit of their kind, then the number."""
    for element in document.find(path):
        value = element.get("extension", "")
        if element.get("root") != IDNST:
            continue
        if not value.strip():
            yield warning("cda.structure-id.none", where=document.where(element), expected="@extension", beyond=True)
        elif not _STRUCTURE.fullmatch(value):
            # A published example without official error bears a number one digit short: a wrong length is a warning.
            told = warning if value.isascii() and value.isdigit() else tell
            place, expected = document.where(element), "1 FINESS | 2 SIREN | 3 SIRET …"
            yield told("cda.structure-id.form", where=place, expected=expected, got=value, beyond=True)
        elif value[0] in "123" and value.isdecimal() and not forms.luhn(value[1:]):
            place = document.where(element)
            yield warning("cda.luhn", where=place, got=value, element="FINESS, SIREN, SIRET", beyond=True)
