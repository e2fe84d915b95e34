"""Checks on identity vigilance: what leaves of an identity follows from the status that its acts gave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.subjects.vigilance import (
    FormerIdentity,
    GoneIdentity,
    QualifiedIdentity,
    UncalledIdentity,
    UnqualifiedIdentity,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

RULES = "guide d'implémentation de l'INS"
HISTORY = "GIE SESAM-Vitale, SEL-MP-043 (INSi): INSACTIF et INSHISTO"


@check("vigilance.diffused", source=f"SC.INS.15B; {RULES}, règles 19 et 20 (INS/va1.53, va1.54)", alone=False)
def a_qualified_identity_is_sent_with_its_ins(identity: QualifiedIdentity) -> Iterator[Finding]:
    """An identity that INSi gave and a document of trust confirmed is qualified: documents carry its INS.

    Pass: a document reached the correspondent, and each names the person by INSi's matricule and OID.
    Fail: no document came, or one has no INS or another.
    """
    expected = f"{identity.wanted['matricule']} {identity.wanted['oid']}"
    if not identity.documents:
        yield error("vigilance.diffused.none", expected="1", got="0", case=identity.case)
    for document in identity.documents:
        got = "-" if document.ins is None else " ".join(document.ins)
        if got != expected:
            yield error(
                "vigilance.diffused.ins", where=document.where(), expected=expected, got=got, case=identity.case
            )


@check(
    "vigilance.withheld",
    source=f"SC.INS.15B, SC.INS.43; {RULES}, règles 19, 20, 27 et 49 (INS/va1.20, va1.53, va1.59, va1.60)",
    alone=False,
)
def an_unqualified_identity_is_sent_without_ins(identity: UnqualifiedIdentity) -> Iterator[Finding]:
    """An identity that is provisional, retrieved or validated is sent without matricule or OID.

    Pass: a document reached the correspondent without INS, and the matricule is nowhere in its message: headers, wording,
    metadata, names of files; no message left for the box that the matricule names.
    Fail: it is somewhere. Without any document nothing can be concluded.
    """
    for document in identity.documents:
        if document.root is None:
            yield error("cda.unreadable", where=document.where())
        elif document.ins is not None:
            got = " ".join(document.ins)
            yield error("vigilance.withheld.ins", where=document.where(), expected="-", got=got, **_of(identity))
    for place in identity.spread:
        yield error("vigilance.withheld.spread", expected="-", got=place, **_of(identity))
    if not identity.documents and not identity.spread:
        yield warning("vigilance.withheld.unseen", expected="1", got="0", basis=Basis.HYPOTHESIS, **_of(identity))


@check(
    "vigilance.insi-blocked",
    source="SC.INS.15B (INS/va1.20); RNIV: identité douteuse, identité fictive",
    absence=True,
    alone=False,
)
def insi_is_not_asked_about_a_doubtful_identity(identity: UncalledIdentity) -> Iterator[Finding]:
    """While an identity is marked doubtful or fictive, INSi is not asked about it.

    Pass: in a closed window where INSi was asked about an identity without attribute, no call names this one.
    Fail: one does.
    """
    for record in identity.calls:
        yield error("vigilance.insi-blocked.made", expected="0", got=str(record.data["operation"]), case=identity.case)


@check("vigilance.former-withheld", source=f"SC.INS.06A; {RULES}, règle 6; {HISTORY}", alone=False)
def a_former_ins_is_not_sent(identity: FormerIdentity) -> Iterator[Finding]:
    """Where INSi tells former matricules beside the active one, nothing that leaves bears them.

    Pass: documents came, and no former matricule is in their messages.
    Fail: one is somewhere.
    """
    for place, number in identity.spread:
        yield error("vigilance.former-withheld.sent", expected="-", got=place, number=number, case=identity.case)


@check(
    "vigilance.gone",
    source=f"SC.INS.15B, SC.INS.43; {RULES}, règles 27 et 49 (INS/va1.53, va1.60)",
    absence=True,
    alone=False,
)
def nothing_leaves_under_a_matricule_that_was_taken_away(identity: GoneIdentity) -> Iterator[Finding]:
    """Once an identity is denied, doubtful or changed, nothing more leaves under its matricule.

    Pass: in a closed window where the person and the DMP were reached before, and others afterwards, no message to the box that the
    matricule names and no call to the DMP about it, but those that take back what went there before: a deletion, what looks its
    document up, a right given back.
    Fail: another one came.
    """
    for record in identity.breaches:
        yield error("vigilance.gone.sent", expected="-", got=record.kind, why=identity.why, record=record.id)


def _of(identity: UnqualifiedIdentity) -> dict[str, Any]:
    return {"case": identity.case, "status": identity.wanted["status"]}
