"""Checks on identity vigilance: what leaves of an identity follows from the status that its acts gave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.subjects.identity_created import CreatedIdentity, IncompleteIdentity, TracedIdentity
from conformance.checks.subjects.vigilance import QualifiedIdentity, UncalledIdentity, UnqualifiedIdentity
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

RULES = "guide d'implémentation de l'INS"
# What a trace says (INS/va1.27): when, who, what.
TRACED = ("at", "who", "action")


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


@check("vigilance.created", source=f"SC.INS.06A; {RULES}, règle 5 (INS/va1.22)", alone=False)
def the_mandatory_traits_are_enough(created: CreatedIdentity) -> Iterator[Finding]:
    """A person is created from birth name, first names, birth date, sex and birth place, which may be unknown (99999).

    Pass: a document then leaves that names the person by these traits.
    Fail: the product refuses, or the document names somebody else.
    """
    if created.refused:
        yield error("vigilance.created.refused", expected=str(created.wanted["birth_name"]), got="-")
    elif not created.documents:
        yield warning("vigilance.created.unseen", expected="1", got="0", basis=Basis.HYPOTHESIS)
    due = {
        "birth_name": str(created.wanted["birth_name"]),
        "first_name": str(created.wanted["first_name"]),
        "birth_date": str(created.wanted["birth_date"]).replace("-", ""),
    }
    for document in created.documents:
        said = {
            "birth_name": document.birth_name or "",
            "first_name": document.first_name or "",
            "birth_date": (document.birth_date or "")[:8],
        }
        for name, expected in due.items():
            if said[name] != expected:
                got = said[name] or "-"
                yield error("vigilance.created.trait", where=document.where(), expected=expected, got=got, trait=name)


@check(
    "vigilance.incomplete-refused",
    source=f"SC.INS.06A; {RULES}, règle 5 (INS/va1.21)",
    absence=True,
    alone=False,
)
def nobody_is_created_without_a_mandatory_trait(incomplete: IncompleteIdentity) -> Iterator[Finding]:
    """A person who lacks the birth name, the first names, the birth date or the sex is not created.

    Pass: the product refuses and INSi is asked nothing about such a person, in a closed window where it is asked about a
    complete one.
    Fail: the product says that it created the person, or INSi is asked about it.
    """
    if incomplete.done:
        yield error("vigilance.incomplete-refused.created", expected="4xx", got="2xx", trait=incomplete.missing)
    elif incomplete.calls:
        got = str(len(incomplete.calls))
        yield error("vigilance.incomplete-refused.called", expected="0", got=got, trait=incomplete.missing)


@check("traces.identity", source=f"SC.INS.06A; {RULES}, règle 16 (INS/va1.27, va1.39)", alone=False)
def each_access_and_change_of_an_identity_is_traced(traced: TracedIdentity) -> Iterator[Finding]:
    """Creating, reading, correcting and marking an identity leave a trace each, with who, when and what.

    Pass: as many traces name the person as acts were done, and each says ``at``, ``who`` and ``action``.
    Fail: fewer, or one that lacks a member. It is the product's own word: a pass is for a person to give.
    """
    if len(traced.traces) < len(traced.acts):
        got = str(len(traced.traces))
        yield error("traces.identity.missing", expected=", ".join(traced.acts), got=got, person=traced.person)
    for row in traced.traces:
        if missing := [name for name in TRACED if not str(row.get(name) or "").strip()]:
            yield error("traces.identity.member", expected=", ".join(TRACED), got=", ".join(missing))


def _of(identity: UnqualifiedIdentity) -> dict[str, Any]:
    return {"case": identity.case, "status": identity.wanted["status"]}
