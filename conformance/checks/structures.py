"""Checks on third-party structures that connect to the product by a certificate."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.structures import (
    GoodStructure,
    IdentifiedStructures,
    RefusedStructure,
    TracedStructure,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error

REM = "REM vague 2, instantané de travail du 14/03/2023"


@check("structure.valid", source=f"{REM}, SSI/IE.43", alone=False)
def a_good_certificate_is_let_in(structure: GoodStructure) -> Iterator[Finding]:
    """A structure that has an account and a good certificate is let in.

    Pass: the entrance gives what it is asked (2xx). Fail: it refuses.
    """
    if not structure.visit.let_in:
        yield error("structure.valid.refused", expected="2xx", got=structure.visit.how)


@check("structure.refused", source=f"{REM}, SSI/IE.43; RFC 5280 §6, RFC 6960", alone=False)
def a_bad_certificate_is_not_let_in(structure: RefusedStructure) -> Iterator[Finding]:
    """Without a certificate, or with one expired, revoked or of an unknown authority, nothing is given.

    Pass: the entrance refuses, while the same structure is let in with its good certificate before and after.
    Fail: it lets in.
    """
    if structure.visit.let_in:
        yield error("structure.refused.let-in", expected="-", got=structure.visit.how, case=structure.visit.case)


@check("structure.identified", source=f"{REM}, SSI/IE.42", alone=False)
def a_structure_is_known_by_its_number(structures: IdentifiedStructures) -> Iterator[Finding]:
    """A structure is known by its FINESS, SIREN or SIRET, or RPPS-rank, and let in when that number has an account.

    Pass: each kind is let in, and a structure whose number has no account is not.
    Fail: a kind is refused, or the stranger is let in.
    """
    for visit in structures.good:
        if not visit.let_in:
            yield error("structure.identified.refused", expected=visit.kind, got=visit.how, number=visit.number)
    if structures.stranger.let_in:
        yield error("structure.identified.anybody", expected="-", got=structures.stranger.number)


@check("structure.traced", source=f"{REM}, SSI/IE.42", alone=False)
def a_structure_is_named_in_the_traces(structure: TracedStructure) -> Iterator[Finding]:
    """The product's traces name the structures that were let in by their number.

    Pass: a trace holds the number. Fail: none does.
    """
    if not structure.traced:
        yield error("structure.traced.unnamed", expected=structure.number, got="-")
