"""The person a document is about: the record target, its national identity and its traits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks import ins
from conformance.checks.cda import forms
from conformance.checks.cda.birth import before_birth
from conformance.checks.cda.contact import contacts
from conformance.checks.cda.rules import SOURCE, Attribute, Child, Coded, Rule, cda_check, identifier, judged
from conformance.checks.cda.tables.header_codes import GENDER
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import text_of
from conformance.checks.subjects.identity import of_cda, of_person
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context
from conformance.core.finding import Finding, error, warning

_ROLE = "h:recordTarget/h:patientRole"
_PATIENT = f"{_ROLE}/h:patient"
_NAME = f"{_PATIENT}/h:name"
_RULES: tuple[Rule, ...] = (
    Child("", "h:recordTarget", 1, 1, "SM-0033/SM-0034"),
    Child("h:recordTarget", "h:patientRole", 1, 1, "SM-0097/SM-0098"),
    Child(_ROLE, "h:id", 1, None, "SM-0099"),
    *identifier(f"{_ROLE}/h:id", root="SM-0103/SM-0104", extension="SM-0105/SM-0106", wants_extension=True),
    Child(_ROLE, "h:patient", 1, 1, "SM-0100/SM-0101"),
    Child(_PATIENT, "h:name", 1, 1, "SM-0147/SM-0148"),
    Child(_NAME, "h:given", 1, None, "SM-0161"),
    Child(_NAME, "h:family", 1, None, "SM-0162"),
    Attribute(f"{_NAME}/h:family", "qualifier", forms.one_of("BR", "CL"), "SM-0160/SM-0166"),
    Attribute(f"{_NAME}/h:given", "qualifier", forms.one_of("BR", "CL"), "SM-0159", required=False),
    Child(_PATIENT, "h:administrativeGenderCode", 1, 1, "SM-0149/SM-0150"),
    Attribute(f"{_PATIENT}/h:administrativeGenderCode", "code", forms.CODE, "SM-0169"),
    Coded(f"{_PATIENT}/h:administrativeGenderCode", GENDER, "SM-0170"),
    Child(_PATIENT, "h:birthTime", 1, 1, "SM-0151/SM-0152"),
    Attribute(f"{_PATIENT}/h:birthTime", "value", forms.TIME, "SM-0173/SM-0174"),
)
# Strict traits of an identity (RNIV; SM-0035), with the path of each.
_TRAITS: Mapping[str, str] = {
    "name/family[@qualifier='BR']": f"{_NAME}/h:family[@qualifier='BR']",
    "name/given[@qualifier='BR']": f"{_NAME}/h:given[@qualifier='BR']",
    "birthTime": f"{_PATIENT}/h:birthTime",
    "birthplace/place/addr/county": f"{_PATIENT}/h:birthplace/h:place/h:addr/h:county",
    "administrativeGenderCode": f"{_PATIENT}/h:administrativeGenderCode",
}
# Where a CDA header writes each trait; the first four say who somebody is.
_PLACES: Mapping[str, str] = {
    "birth_name": "name/family[@qualifier='BR']",
    "first_name": "name/given[@qualifier='BR']",
    "birth_date": "birthTime",
    "sex": "administrativeGenderCode",
    "birth_place": "birthplace/place/addr/county",
}
_NAMING = tuple(_PLACES)[:4]
# Characters that INSi returns in a name: capitals without accents, hyphen, apostrophe, space (wire.md §3.5).
_INSI_NAME = re.compile(r"[A-Z][A-Z' -]*")
_COG = re.compile(r"(\d{2}|2[AB])\d{3}", re.ASCII)
RNIV = "RNIV, traits stricts ; INS/va1.53, INS/va1.59"


@cda_check("cda.record-target", source=f"{SOURCE}, recordTarget (SM-0033, SM-0034, SM-0097 to SM-0281)")
def one_person_is_named(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The document is about one person, who is identified, named, sexed and dated.

    Pass: one ``recordTarget`` with an identifier, a qualified name, a known sex, a birth date that exists.
    Fail: one of them is missing, repeated, or of a form that does not exist. A document made, signed or about an act before
    the birth is a warning: published examples of children's records hold such dates.
    """
    yield from judged(document, _RULES)
    yield from contacts(document, ("h:recordTarget",))
    yield from before_birth(document)


@cda_check("cda.ins", source="Référentiel INS et Guide d'implémentation de l'INS ; INS/va1.53, INS/va1.59")
def the_matricule_is_sound(document: CdaDocument, context: Context) -> Iterator[Finding]:
    """The national identity of the person is well formed, under an OID of the INS.

    Pass: one matricule of fifteen characters with its key, under an INS OID; in a run, that of a qualified identity
    that the harness issued.
    Fail: another form or OID, two identities, a wrong key; in a run, an identity issued by nobody. Judged alone, a wrong
    key is a warning: published test identities do not all have the right one.
    """
    held = [e for e in document.find(f"{_ROLE}/h:id") if e.get("root", "").startswith(ins.ARC)]
    national = [e for e in held if e.get("root") in ins.OIDS]
    for element in held:
        if element not in national:
            yield from _foreign(document, element, bool(national))
    numbers = {e.get("extension", "") for e in national}
    if len(numbers) > 1:
        got = ", ".join(sorted(numbers))
        yield error("cda.ins.several", where=document.where(national[1]), expected="1", got=got, beyond=True)
    for element in national:
        yield from _matricule(document, element, context)
    if not national:
        yield from _withheld(document, context)


@cda_check("cda.traits", source=f"{SOURCE}, recordTarget (SM-0035) ; {RNIV}")
def the_traits_come_with_the_matricule(document: CdaDocument, context: Context) -> Iterator[Finding]:
    """A document that carries a matricule carries every strict trait, and they agree with each other.

    Pass: birth name, first given name and list of given names, birth date, birth place and sex are there and agree.
    Fail: one is missing; the place is no COG code; a name holds digits; in a run, a trait differs from the identity
    issued. Sex or year that contradict the matricule, and names that INSi would not return, are warnings.
    """
    if document.ins is None:
        return
    held = {name: document.first(path) for name, path in _TRAITS.items()}
    missing = [name for name, element in held.items() if element is None or element.get("nullFlavor") is not None]
    missing += [] if document.first_names else ["name/given[not(@qualifier)]"]
    for name in missing:
        role = document.where(document.patient_role)
        yield error("cda.traits.missing", where=role, expected=name, element=name, rule="SM-0035")
    yield from _names(document)
    yield from _birth(document)
    yield from _agreement(document)
    issued = _issued(document, context)
    if issued:
        yield from _as_issued(document, issued)


def _foreign(document: CdaDocument, element: Element, beside_ins: bool) -> Iterator[Finding]:
    root = element.get("root", "")
    place = document.where(element)
    if root == ins.INS_C:
        yield error("cda.ins.ins-c", where=place, expected=" | ".join(ins.OIDS), got=root, beyond=True)
    else:
        tell = warning if beside_ins else error
        yield tell("cda.ins.unknown-oid", where=place, expected=" | ".join(ins.OIDS), got=root, beyond=True)


def _matricule(document: CdaDocument, element: Element, context: Context) -> Iterator[Finding]:
    value, oid = element.get("extension", ""), element.get("root", "")
    read = ins.read(value)
    issued = context.population.get(read.number) if read else None
    if read and read.key == read.expected_key and not context.population:
        return  # sound, and no identity of a run to compare it with
    place = document.where(element)
    if read is None:
        yield error("cda.ins.form", where=place, expected="[1-478]\\d{14} (2A, 2B)", got=value, beyond=True)
        return
    if not read.key:
        yield error("cda.ins.no-key", where=place, expected=f"{value}{read.expected_key}", got=value, beyond=True)
    if issued:
        if read.key and read.key != issued.get("cle"):
            expected = f"{read.number}{issued.get('cle')}"
            yield error("cda.ins.other-key", where=place, expected=expected, got=value, beyond=True)
        if oid != issued.get("oid"):
            yield error("cda.ins.other-oid", where=place, expected=str(issued.get("oid")), got=oid, beyond=True)
        if issued.get("status") != "qualifiee":
            yield error("cda.ins.unqualified", where=place, got=value, status=issued.get("status"))
        return
    if read.key and read.key != read.expected_key:
        tell = warning if context.alone else error
        expected = f"{read.number}{read.expected_key}"
        yield tell("cda.ins.wrong-key", where=place, expected=expected, got=value, beyond=True)
    if not context.alone and context.population:
        tell = error if oid in ins.PRODUCTION_OIDS else warning
        yield tell("cda.ins.not-issued", where=place, got=f"{value} ({oid})", beyond=True)


def _withheld(document: CdaDocument, context: Context) -> Iterator[Finding]:
    """A qualified identity must be sent with its matricule."""
    for person in context.population.values():
        if person.get("status") == "qualifiee" and _same_person(document, person):
            got = f"{document.birth_name} {document.first_name} {document.birth_date}"
            expected = f"{person.get('matricule')}{person.get('cle')} ({person.get('oid')})"
            yield error("cda.ins.withheld", where=document.where(document.patient_role), expected=expected, got=got)
            return


def _issued(document: CdaDocument, context: Context) -> Mapping[str, Any] | None:
    number = document.ins[0][:13] if document.ins else ""
    return context.population.get(number)


def _same_person(document: CdaDocument, person: Mapping[str, Any]) -> bool:
    issued = of_person(person)
    return bool(issued.first_name) and not list(of_cda(document).differs(issued, *_NAMING))


def _as_issued(document: CdaDocument, person: Mapping[str, Any]) -> Iterator[Finding]:
    """One finding for each strict trait that differs from the identity that the harness issued."""
    for trait, expected, got in of_cda(document).differs(of_person(person), *_PLACES):
        name = _PLACES[trait]
        element = document.first(_TRAITS[name])
        place = document.where(document.patient_role if element is None else element)
        yield error("cda.traits.differs", where=place, expected=expected, got=got or None, element=name, beyond=True)


def _names(document: CdaDocument) -> Iterator[Finding]:
    for name in ("h:family[@qualifier='BR']", "h:given[@qualifier='BR']", "h:given"):
        for element in document.find(f"{_NAME}/{name}"):
            if name == "h:given" and element.get("qualifier") is not None:
                continue
            value = text_of(element)
            if _INSI_NAME.fullmatch(value):
                continue
            place = document.where(element)
            if not value:
                yield error("cda.traits.blank", where=place, expected="A-Z - '", got=value, beyond=True)
            elif any(c.isdigit() for c in value):
                yield error("cda.traits.digits", where=place, expected="A-Z - '", got=value, beyond=True)
            else:
                yield warning("cda.traits.letters", where=place, expected="A-Z - '", got=value, beyond=True)
    first, names = document.first_name, document.first_names
    if first and names and not (names == first or names.startswith((f"{first} ", f"{first},"))):
        place = document.where(document.first(f"{_NAME}/h:given[@qualifier='BR']"))
        yield error("cda.traits.first-name", where=place, expected=names, got=first, beyond=True)


def _birth(document: CdaDocument) -> Iterator[Finding]:
    place = document.birth_place
    if place is not None and not _COG.fullmatch(place):
        where = document.where(document.first(_TRAITS["birthplace/place/addr/county"]))
        yield error("cda.traits.cog", where=where, expected="\\d{5} (2A, 2B)", got=place, beyond=True)
    born = forms.moment(document.birth_date)
    if born and born.digits < 8:
        where = document.where(document.first(_TRAITS["birthTime"]))
        yield warning("cda.traits.birth-date", where=where, expected="YYYYMMDD", got=document.birth_date, beyond=True)


def _agreement(document: CdaDocument) -> Iterator[Finding]:
    """Sex and year as the matricule tells them; rectified identities may differ, so this never fails alone."""
    read = ins.read(document.ins[0]) if document.ins else None
    if read is None:
        return
    sex, birth = document.sex, document.birth_date or ""
    if read.sex and sex in ("M", "F") and sex != read.sex:
        where = document.where(document.first(_TRAITS["administrativeGenderCode"]))
        yield warning("cda.traits.sex", where=where, expected=read.sex, got=sex, beyond=True)
    if birth[:4].isdigit() and birth[2:4] != read.year:
        where = document.where(document.first(_TRAITS["birthTime"]))
        yield warning("cda.traits.year", where=where, expected=f"..{read.year}", got=birth, beyond=True)
