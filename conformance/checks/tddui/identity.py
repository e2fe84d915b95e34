"""Checks on the identity that a transfer carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks import ins
from conformance.checks.subjects.identity import of_patient, of_person
from conformance.checks.subjects.transfer import TransferOfRecord, UnqualifiedTransfer, objects
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error
from conformance.core.words import Basis

SYSTEMS = {f"urn:oid:{oid}" for oid in ins.OIDS}
# Where a Patient writes each trait.
PLACES = {
    "birth_name": "Patient.name.family",
    "birth_first_names": "Patient.name.given",
    "birth_date": "Patient.birthDate",
    "sex": "Patient.gender",
    "birth_place": "Patient.extension",
}


@check(
    "tddui.identity",
    source="ANS, IG TDDUI 2.3.0-ballot, tddui-patient-ins; fr-core 2.1.0, fr-core-patient-ins; Référentiel INS",
    basis=Basis.GUIDE,
    alone=False,
)
def the_identity_is_the_records(transfer: TransferOfRecord) -> Iterator[Finding]:
    """The transfer is about one person, with the matricule INS under its OID and the five traits of the record.

    Pass: one Patient; its matricule, OID, birth name, first names at birth, date, sex and place are the record's.
    Fail: no Patient or several, another matricule or OID, a trait that differs.
    """
    patients = transfer.resources("Patient")
    if len(patients) != 1:
        yield error(
            "tddui.identity.patients", where=Where(fhirpath="Bundle.entry"), expected="1", got=str(len(patients))
        )
        return
    person, patient = transfer.asked["person"], patients[0]
    if person["status"] == "qualifiee":
        yield from _matricule(person, patient)
    for trait, expected, got in of_patient(patient).differs(of_person(person), *PLACES):
        where = Where(fhirpath=PLACES[trait])
        yield error("tddui.identity.trait", where=where, expected=expected, got=got or "-", trait=trait)


@check(
    "tddui.ins-withheld",
    source="Référentiel INS: a matricule is sent for a qualified identity only; ANS, IG TDDUI 2.3.0-ballot, tddui-patient",
    basis=Basis.GUIDE,
    alone=False,
)
def an_unqualified_identity_carries_no_matricule(transfer: UnqualifiedTransfer) -> Iterator[Finding]:
    """The record of a person whose identity is not qualified leaves without matricule INS.

    Pass: no identifier under an OID of the INS.
    Fail: a matricule, though the record says that the identity is not qualified.
    """
    for position, resource in enumerate(transfer.resources()):
        for identifier in identifiers_of(resource):
            if str(identifier.get("system")) in SYSTEMS:
                where = Where(fhirpath=f"Bundle.entry[{position}].resource.identifier")
                yield error("tddui.ins-withheld.sent", where=where, expected="-", got=str(identifier.get("system")))


def identifiers_of(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The identifiers of a resource."""
    return objects(resource.get("identifier"))


def _matricule(person: Mapping[str, Any], patient: Mapping[str, Any]) -> Iterator[Finding]:
    found = [i for i in identifiers_of(patient) if str(i.get("system")) in SYSTEMS]
    wanted = f"urn:oid:{person['oid']} {person['matricule']}{person['cle']}"
    given = [f"{i.get('system')} {i.get('value')}" for i in found]
    if given != [wanted]:
        where = Where(fhirpath="Patient.identifier")
        yield error("tddui.identity.matricule", where=where, expected=wanted, got=", ".join(given) or "-")
