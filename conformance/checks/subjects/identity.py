"""The identity that something carries: matricule, OID and the five strict traits, whatever the carrier writes them in.

RNIV and Référentiel INS: birth name, first names of birth, birth date, sex and birth place are the strict traits; a
matricule and its OID come with them once the identity is qualified. Each carrier (CDA header, metadata of XDM and
XDS, FHIR Patient, datamatrix, identity issued by the harness) is read into the same :class:`Identity`, and compared by the same rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.checks import ins
from conformance.checks.datamatrix.payload import InsDatamatrix
from conformance.checks.mail.common import folded
from conformance.checks.subjects.cda import CdaDocument

# The five strict traits (RNIV); ``first_name`` is the first of the first names, which some carriers give alone.
STRICT = ("birth_name", "birth_first_names", "birth_date", "sex", "birth_place")
MEMBERS = ("matricule", "oid", "birth_name", "first_name", "birth_first_names", "birth_date", "sex", "birth_place")
URN = "urn:oid:"
# fr-core 2.1.0: where the list of first names at birth and the commune of birth stand.
FIRST_NAMES = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
# An HL7 CX as IHE writes it: number^^^&OID&ISO, then a type; sets bear a trailing date in published examples.
CX = re.compile(r"([^^&]+)\^\^\^&([0-9.]+)&ISO(?:\^(?:NH|PI|[A-Z-]+)?(?:\^.*)?)?")


@dataclass(frozen=True, slots=True)
class Identity:
    """Each member is empty where the carrier does not say it; ``birth_date`` is ``YYYYMMDD``, ``matricule`` has its key.

    ``local`` are the other identifiers of the person there, ``(extension, root)`` each.
    """

    matricule: str = ""
    oid: str = ""
    birth_name: str = ""
    first_name: str = ""
    birth_first_names: str = ""
    birth_date: str = ""
    sex: str = ""
    birth_place: str = ""
    local: tuple[tuple[str, str], ...] = ()

    @property
    def qualified(self) -> bool:
        """Whether it is given as qualified: only then do a matricule and its OID travel (INS/va1.53, va1.59)."""
        return bool(self.matricule and self.oid)

    @property
    def complete(self) -> bool:
        """Whether an INS comes with its OID and the four traits that MSS/CONF.14 counts."""
        return self.qualified and all((self.birth_name, self.first_name, self.birth_date, self.sex))

    @property
    def ids(self) -> tuple[tuple[str, str], ...]:
        """Every identifier of the person, ``(extension, root)`` each, the national one first."""
        return (*(((self.matricule, self.oid),) if self.matricule else ()), *self.local)

    def said(self) -> dict[str, str]:
        """The members that say something, by name."""
        return {name: value for name in MEMBERS if (value := str(getattr(self, name)))}

    def differs(self, expected: Identity, *names: str) -> Iterator[tuple[str, str, str]]:
        """Name, expected and found value of each member (of ``names``, or all) that ``expected`` says and this one says otherwise or not."""
        for name in names or MEMBERS:
            wanted, got = str(getattr(expected, name)), str(getattr(self, name))
            if wanted and wanted != got:
                yield name, wanted, got

    def contradicts(self, other: Identity, *names: str) -> Iterator[tuple[str, str, str]]:
        """As :meth:`differs`, of the members that both say."""
        for name, wanted, got in self.differs(other, *names):
            if got:
                yield name, wanted, got

    @property
    def lettered(self) -> Identity:
        """The same with the letters of its names alone: carriers write accents, hyphens and case each in their way."""
        return replace(
            self,
            birth_name=letters(self.birth_name),
            first_name=letters(self.first_name),
            birth_first_names=letters(self.birth_first_names),
        )

    def holds(self, number: tuple[str, str]) -> bool:
        """Whether an identifier ``(extension, root)`` is one of this person's here."""
        return number in self.ids

    def holds_short(self, number: tuple[str, str]) -> bool:
        """Whether it is one of them without its key, as a matricule of thirteen characters is."""
        return any(extension[:13] == number[0] and root == number[1] for extension, root in self.ids)


def of_cda(document: CdaDocument) -> Identity:
    """What the record target of a CDA says."""
    number = document.ins
    return Identity(
        matricule=number[0] if number else "",
        oid=number[1] if number else "",
        birth_name=document.birth_name or "",
        first_name=document.first_name or "",
        birth_first_names=document.first_names or "",
        birth_date=(document.birth_date or "")[:8],
        sex=document.sex or "",
        birth_place=document.birth_place or "",
        local=tuple((extension, root) for root, extension in document.patient_ids if (extension, root) != number),
    )


def of_person(person: Mapping[str, Any]) -> Identity:
    """The identity that the harness issued (:class:`conformance.population.Person`), matricule included where it has one."""
    names = [str(name) for name in person.get("birth_first_names") or ()]
    matricule = str(person.get("matricule") or "")
    return Identity(
        matricule=matricule + str(person.get("cle") or "") if matricule else "",
        oid=str(person.get("oid") or "") if matricule else "",
        birth_name=str(person.get("birth_name") or ""),
        first_name=names[0] if names else str(person.get("first_name") or ""),
        birth_first_names=" ".join(names),
        birth_date=str(person.get("birth_date") or "").replace("-", ""),
        sex=str(person.get("sex") or ""),
        birth_place=str(person.get("birth_place") or ""),
    )


def of_cx(value: str | None) -> Identity | None:
    """What an HL7 CX says (``patientId`` of a submission); ``None`` for what is no CX."""
    match = CX.fullmatch(value or "")
    if match is None:
        return None
    number, oid = match.group(1), match.group(2)
    return Identity(matricule=number, oid=oid) if oid in ins.OIDS else Identity(local=((number, oid),))


def of_datamatrix(matrix: InsDatamatrix) -> Identity:
    """What an INS datamatrix says."""
    blocks = matrix.blocks
    return Identity(
        matricule=matrix.ins or "",
        oid=matrix.oid or "",
        birth_name=blocks.get("S4", ""),
        birth_first_names=blocks.get("S3", ""),
        birth_date=matrix.birth_date or "",
        sex=blocks.get("S5", ""),
        birth_place=blocks.get("S7", ""),
    )


def of_patient(patient: Mapping[str, Any]) -> Identity:
    """What a FHIR Patient of the French core says (fr-core 2.1.0)."""
    names = _objects(patient.get("name"))
    official = next((n for n in names if n.get("use") == "official"), {})
    given = [str(g) for g in official.get("given") or () if isinstance(official.get("given"), list)]
    listed = str(_extension(official, FIRST_NAMES).get("valueString") or "")
    numbers = [i for i in _objects(patient.get("identifier")) if str(i.get("system")).removeprefix(URN) in ins.OIDS]
    return Identity(
        matricule=str(numbers[0].get("value") or "") if numbers else "",
        oid=str(numbers[0].get("system")).removeprefix(URN) if numbers else "",
        birth_name=str(official.get("family") or ""),
        first_name=given[0] if given else "",
        birth_first_names=listed or " ".join(given),
        birth_date=str(patient.get("birthDate") or "").replace("-", ""),
        sex={"male": "M", "female": "F"}.get(str(patient.get("gender")), ""),
        birth_place=_commune(patient),
    )


def of_info(info: Iterable[str], patient_id: str | None) -> Identity:
    """What ``sourcePatientInfo`` and ``patientId`` of a document entry say (IHE ITI TF-3, 4.2.3.2.22: parts of a PID)."""
    named = of_cx(patient_id) or Identity()
    parts = [value.partition("|") for value in info]
    births = [v.split("^") for n, _, v in parts if n == "PID-5" and (v.split("^") + [""] * 7)[6] in ("L", "")]
    single = {name: value.strip() for name, _, value in parts if name in ("PID-7", "PID-8")}
    return replace(
        named,
        birth_name=births[0][0] if births else "",
        first_name=births[0][1] if births and len(births[0]) > 1 else "",
        birth_date=single.get("PID-7", "")[:8],
        sex=single.get("PID-8", ""),
    )


def letters(name: str) -> str:
    """The letters of a name alone, in capitals; nothing for a name with digits, which other checks tell."""
    return "" if any(c.isdigit() for c in name) else " ".join(re.findall("[A-Z]+", folded(name).upper()))


def _commune(patient: Mapping[str, Any]) -> str:
    address = _extension(patient, BIRTH_PLACE).get("valueAddress")
    coded = [e.get("valueCoding") for e in _objects(address.get("extension"))] if isinstance(address, Mapping) else []
    return next((str(code.get("code")) for code in coded if isinstance(code, Mapping)), "")


def _extension(element: Mapping[str, Any], url: str) -> Mapping[str, Any]:
    return next((e for e in _objects(element.get("extension")) if e.get("url") == url), {})


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
