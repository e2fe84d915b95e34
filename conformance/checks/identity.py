"""The identity carried, wherever it is written: one rule for every carrier (:mod:`conformance.checks.subjects.identity`).

CDA headers, datamatrix and FHIR Patients have checks of their own (``cda.traits``, ``pdf.datamatrix``, ``tddui.identity``) that
compare by the same rule; here are the carriers that no format judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks.subjects.carried import MetadataIdentity, WithheldMatricule
from conformance.checks.subjects.identity import Identity, of_person
from conformance.core.check import Context, check
from conformance.core.finding import Finding, error

NAMING = ("birth_name", "first_name", "birth_date")
DESCRIBED = (*NAMING, "sex")


@check(
    "identity.metadata",
    source="Socle vague 1, SC.INS.30B (guide d'implémentation INS, règle 31); IHE ITI TF vol. 3, 4.2.3.2.22",
    alone=False,
)
def metadata_describe_the_person(carried: MetadataIdentity, context: Context) -> Iterator[Finding]:
    """The metadata that go with a document describe the person as identified: birth name, first name, birth date, sex.

    The person is the one of ``patientId``, else the one whose names and birth date they give.
    Pass: what ``sourcePatientInfo`` says of the person is what the harness issued; accents, hyphens and case aside.
    Fail: a trait is another one.
    """
    issued = _issued(carried.identity, context.population)
    if issued is None:
        return
    for name, expected, got in carried.identity.lettered.contradicts(issued.lettered, *DESCRIBED):
        carrier = carried.carrier
        yield error(
            "identity.metadata.differs", where=carried.where, expected=expected, got=got, trait=name, in_=carrier
        )


@check(
    "identity.withheld",
    source="Socle vague 1, SC.INS.30B (guide d'implémentation INS, règles 31 et 32; INS/va1.53, INS/va1.59)",
    alone=False,
)
def an_unqualified_matricule_is_withheld(withheld: WithheldMatricule) -> Iterator[Finding]:
    """The matricule of somebody whose identity is not qualified leaves in nothing that the product sends.

    Pass: an exchange names the person, and the matricule can be read in none: headers, words, names of files, CDA,
    metadata, text and datamatrix of the PDF, FHIR resources.
    Fail: it can be read somewhere.
    """
    for carrier in withheld.carriers:
        yield error("identity.withheld.carried", expected="-", got=withheld.matricule, carrier=carrier)


def _issued(identity: Identity, population: Mapping[str, Mapping[str, Any]]) -> Identity | None:
    """The identity issued under this matricule; without one, the one of these names and this birth date."""
    if identity.matricule:
        found = population.get(identity.matricule[:13])
        return of_person(found) if found else None
    for person in map(of_person, population.values()):
        if not list(identity.lettered.differs(person.lettered, *NAMING)):
            return person
    return None
