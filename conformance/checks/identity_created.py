"""Checks on identities as a product creates, traces and remembers them."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.identity import of_cda
from conformance.checks.subjects.identity_created import (
    CreatedIdentity,
    IncompleteIdentity,
    LockedIdentity,
    ToldHistory,
    ToldStatuses,
    TracedIdentity,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

RULES = "guide d'implémentation de l'INS"
# What a trace says (INS/va1.27): when, who, what.
TRACED = ("at", "who", "action")


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


@check(
    "vigilance.history-kept",
    source="GIE SESAM-Vitale, SEL-MP-043 (INSi): INSHISTO",
    basis=Basis.GUIDE,
    alone=False,
)
def former_ins_are_kept(history: ToldHistory) -> Iterator[Finding]:
    """The matricules that INSi tells as former, and those that a person had here, stay known.

    Pass: the product tells each of them with its key. It is the product's own word: a pass is for a person to give.
    Fail: one is missing.
    """
    for number in history.former:
        if number not in history.told:
            yield error("vigilance.history-kept.missing", expected=number, got=", ".join(sorted(history.told)) or "-")


@check("vigilance.locked", source=f"SC.INS.15B; {RULES}, règle 26 (INS/va1.18, va1.48)", alone=False)
def what_comes_from_insi_is_locked(identity: LockedIdentity) -> Iterator[Finding]:
    """A user without any special right cannot change the strict traits of a qualified identity.

    Pass: after such a user tried each of them, and changed a complementary trait, a document still names the person by matricule, OID
    and traits of INSi.
    Fail: one of them is gone or another.
    """
    for document in identity.documents:
        if document.root is None:
            yield error("cda.unreadable", where=document.where())
            continue
        for name, expected, got in of_cda(document).differs(identity.expected):
            yield error(
                "vigilance.locked.changed", where=document.where(), expected=expected, got=got or "-", trait=name
            )


@check("vigilance.status-history", source=f"SC.INS.15B; {RULES}, règle 21 (INS/va1.44)", alone=False)
def each_change_of_status_is_remembered(statuses: ToldStatuses) -> Iterator[Finding]:
    """Each change of status is remembered, with the former status, the instant and who made it.

    Pass: the product tells each change in its order, each with ``at`` and ``who``. It is the product's own word: a pass is for a person
    to give.
    Fail: one is missing, or does not say when or who.
    """
    seen = iter(statuses.told)
    for before, after in statuses.expected:
        row = next((r for r in seen if (r.get("previous"), r.get("status")) == (before, after)), None)
        if row is None:
            yield error("vigilance.status-history.missing", expected=f"{before} > {after}", got="-")
        elif missing := [name for name in ("at", "who") if not str(row.get(name) or "").strip()]:
            yield error(
                "vigilance.status-history.member", expected=", ".join(missing), got="-", change=f"{before} > {after}"
            )
