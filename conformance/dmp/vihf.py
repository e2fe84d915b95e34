"""The VIHF: the SAML 2.0 assertion that says who calls the DMP, from where, about whom (wire.md §2.4).

Only what the signature covers is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from conformance.dmp.codes import HL7, INS_OIDS
from conformance.soap.envelope import SAML
from conformance.soap.guarded import Element, text_of
from conformance.soap.signatures import DS, Refused, Signed, chain_fault, same_name, verify

X509_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
SUBJECT = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
PURPOSE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
# There when a secret connection is asked for, and only then (CI-SIS, volet de transmission d'un document CDA en HL7 v2, VIHF du
# DMP); its value is in no public source.
CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
MODES = ("DIRECTE", "INDIRECTE", "INDIRECTE_RENFORCEE")
# 3.0 in the published examples, 4.0 in later mappings (wire.md §2.4).
VERSIONS = ("3.0", "4.0")
PURPOSES = ("normal", "bris_de_glace", "centre15")
PURPOSE_SYSTEM = "1.2.250.1.213.1.1.4.248"
PROFESSIONS = "1.2.250.1.71.1.2.7"
SPECIALITIES = "1.2.250.1.71.4.2.5"
# Professions whose speciality is mandatory (G15: 10 physician, 21 pharmacist).
WITH_SPECIALITY = ("10", "21")
SECTOR_SYSTEM = "1.2.250.1.71.4.2.4"
# Each is a text that must be there and say something.
TEXTS = ("Identifiant_Structure", "LPS_ID", "LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP")
# No source gives the life of an assertion without conditions: both are hypotheses, wide enough to hinder nobody.
MAX_AGE = timedelta(hours=1)
SKEW = timedelta(minutes=5)

_RESOURCE = re.compile(r"(?P<ins>[0-9AB]{13,22})\^\^\^&(?P<oid>[0-9.]+)&ISO\^NH")
_SECTOR = re.compile(r"SA[0-9]{2}\^" + re.escape(SECTOR_SYSTEM))
_STRUCTURE = re.compile(r"[0-6][0-9A-Z]{5,}")
_PERSON = re.compile(r"8[0-9]{11}|0[0-9A-Z]{8,10}")


@dataclass(frozen=True, slots=True)
class Role:
    """A code and its system."""

    code: str
    system: str


@dataclass(frozen=True)
class Vihf:
    """An assertion whose signature holds. ``attributes`` are texts by name; ``sha1`` when SHA-1 served to sign."""

    id: str
    issuer: str
    issuer_format: str
    issued: str
    not_before: str
    not_after: str
    name_id: str
    context_class: str
    attributes: Mapping[str, tuple[str, ...]]
    roles: tuple[Role, ...]
    purposes: tuple[Role, ...]
    certificate: x509.Certificate
    sha1: bool

    def attribute(self, name: str) -> str:
        """The one value of an attribute; empty when it is missing or repeated."""
        values = self.attributes.get(name, ())
        return values[0] if len(values) == 1 else ""

    @property
    def mode(self) -> str:
        """How the user was authenticated; both spellings of the attribute are in use."""
        return self.attribute("Authentification_mode") or self.attribute("Authentification_Mode")

    @property
    def structure(self) -> str:
        """The national id of the structure, with its prefix."""
        return self.attribute("Identifiant_Structure")

    @property
    def patient(self) -> tuple[str, str] | None:
        """Matricule and OID of the person it is about; ``None`` when it names nobody readable."""
        match = _RESOURCE.fullmatch(self.attribute(RESOURCE))
        return (match["ins"], match["oid"]) if match else None


def open_assertion(assertion: Element) -> Vihf:
    """Verify an assertion's own signature and read what it covers; raises :class:`Refused`.

    The signature must be a child of the assertion, with one reference, to the assertion itself: whatever stands
    beside, around or instead of it in the message is never looked at.
    """
    found = assertion.findall(f"{{{DS}}}Signature")
    if len(found) != 1:
        raise Refused("unsigned" if not found else "several-signatures")
    uris = [r.get("URI") for r in found[0].iterfind(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")]
    if uris != [f"#{assertion.get('ID')}"]:
        raise Refused("other-reference")
    signed = verify(found[0], assertion, references=1, id_attribute="ID")
    covered = signed.elements[0] if signed.elements else None
    if covered is None or covered.tag != f"{{{SAML}}}Assertion" or covered.get("ID") != assertion.get("ID"):
        raise Refused("other-reference")
    return _read(covered, signed)


def faults(vihf: Vihf, anchor: x509.Certificate, at: datetime) -> Iterator[str]:
    """What is wrong with an assertion, in words of the record: name of the member, then what is wrong with it."""
    if reason := chain_fault(vihf.certificate, anchor, at):
        yield f"certificate:{reason}"
    if vihf.issuer_format != X509_NAME:
        yield "Issuer:format"
    if not same_name(vihf.issuer, vihf.certificate):
        yield "Issuer:other-name"
    yield from _times(vihf, at)
    yield from _who(vihf)
    yield from _attributes(vihf)


def _who(vihf: Vihf) -> Iterator[str]:
    if not _PERSON.fullmatch(vihf.name_id):
        yield "NameID:not-a-person"
    if not vihf.context_class:
        yield "AuthnContextClassRef:missing"
    professions = [r.code for r in vihf.roles if r.system == PROFESSIONS]
    specialities = [r.code for r in vihf.roles if r.system == SPECIALITIES]
    if len(professions) != 1:
        yield "role:profession"
    elif professions[0] in WITH_SPECIALITY and not specialities:
        yield "role:speciality"
    if [p.system for p in vihf.purposes] != [PURPOSE_SYSTEM] or vihf.purposes[0].code not in PURPOSES:
        yield "purposeofuse:code"


def _attributes(vihf: Vihf) -> Iterator[str]:
    for name in TEXTS:
        if not vihf.attribute(name):
            yield f"{name}:missing"
    if vihf.structure and not _STRUCTURE.fullmatch(vihf.structure):
        yield "Identifiant_Structure:form"
    if not _SECTOR.fullmatch(vihf.attribute("Secteur_Activite")):
        yield "Secteur_Activite:form"
    if vihf.attribute("VIHF_Version") not in VERSIONS:
        yield "VIHF_Version:unknown"
    if vihf.mode not in MODES:
        yield "Authentification_mode:unknown"
    if vihf.mode.startswith("INDIRECTE") and not vihf.attribute(SUBJECT):
        yield "subject-id:missing"
    if vihf.attribute("Ressource_URN") != "urn:dmp":
        yield "Ressource_URN:other"
    if vihf.attributes.get(RESOURCE) and (vihf.patient is None or vihf.patient[1] not in INS_OIDS):
        yield "resource-id:form"


def _times(vihf: Vihf, at: datetime) -> Iterator[str]:
    issued = moment(vihf.issued)
    if issued is None:
        yield "IssueInstant:form"
    elif not at - MAX_AGE <= issued <= at + SKEW:
        yield "IssueInstant:out-of-window"
    before, after = moment(vihf.not_before), moment(vihf.not_after)
    if (vihf.not_before and before is None) or (vihf.not_after and after is None):
        yield "Conditions:form"
    if (before and at + SKEW < before) or (after and at - SKEW >= after):
        yield "Conditions:out-of-window"


def moment(text: str) -> datetime | None:
    """An ``xs:dateTime`` with its zone; ``None`` for anything else."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else None


def _read(assertion: Element, signed: Signed) -> Vihf:
    issuer = assertion.find(f"{{{SAML}}}Issuer")
    conditions = assertion.find(f"{{{SAML}}}Conditions")
    attributes: dict[str, tuple[str, ...]] = {}
    roles: list[Role] = []
    purposes: list[Role] = []
    for attribute in assertion.iterfind(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute"):
        name = attribute.get("Name", "")
        values = attribute.findall(f"{{{SAML}}}AttributeValue")
        roles += _coded(values, "Role") if name == ROLE else []
        purposes += _coded(values, "PurposeOfUse") if name == PURPOSE else []
        attributes[name] = (*attributes.get(name, ()), *(text_of(v) for v in values))
    return Vihf(
        id=assertion.get("ID", ""),
        issuer=text_of(issuer),
        issuer_format="" if issuer is None else issuer.get("Format", ""),
        issued=assertion.get("IssueInstant", ""),
        not_before="" if conditions is None else conditions.get("NotBefore", ""),
        not_after="" if conditions is None else conditions.get("NotOnOrAfter", ""),
        name_id=text_of(assertion.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID")),
        context_class=text_of(
            assertion.find(f"{{{SAML}}}AuthnStatement/{{{SAML}}}AuthnContext/{{{SAML}}}AuthnContextClassRef")
        ),
        attributes=attributes,
        roles=tuple(roles),
        purposes=tuple(purposes),
        certificate=signed.certificate,
        sha1=signed.sha1,
    )


def _coded(values: list[Element], name: str) -> list[Role]:
    return [
        Role(found.get("code", ""), found.get("codeSystem", ""))
        for value in values
        for found in value.iterfind(f"{{{HL7}}}{name}")
    ]
