"""Checks on what a product fetches of the DMP: not without the right, and before a visit what was chosen."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dmp_ahead import ForbiddenPreload, ForbiddenWithoutRight, OpenedCopy, Preloaded
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

SOURCE = "REM vague 2, DMP/UX.34"


@check("dmp.no-right", source="REM vague 2, DMP/UX.08", absence=True, alone=False)
def nothing_is_consulted_without_the_right(forbidden: ForbiddenWithoutRight) -> Iterator[Finding]:
    """Nothing of the DMP is searched or read once the DMP said that the user has no right.

    That any other word than ``VALIDE`` gives no right is all that this rests on: which word refuses is not known.

    Pass: in a closed window whose control was consulted, a TD0.2 that did not answer « valid » or a TD0.4 without the person,
    and neither search nor read.
    Fail: one came.
    """
    for record in forbidden.breaches:
        yield error("dmp.no-right.asked", expected="-", got=str(record.data.get("transaction")), record=record.id)


@check("dmp.no-preload", source=SOURCE, absence=True, alone=False)
def nothing_is_preloaded_without_the_right(forbidden: ForbiddenPreload) -> Iterator[Finding]:
    """Nothing is preloaded of a person who refuses the user.

    Pass: in a closed window where the documents of another person were preloaded, a TD0.2 that did not answer « valid » or a
    TD0.4 without the person, and neither search nor read.
    Fail: one came.
    """
    for record in forbidden.breaches:
        yield error("dmp.no-preload.asked", expected="-", got=str(record.data.get("transaction")), record=record.id)


@check("dmp.preloaded", source=SOURCE, alone=False)
def a_planned_visit_has_the_chosen_documents_read(visit: Preloaded) -> Iterator[Finding]:
    """A planned visit has the documents of the chosen types read from the DMP, and those only.

    Pass: each document of a chosen type was given by the DMP, and none of another type.
    Fail: one of a chosen type was not read, or one of another type was.
    """
    if missing := visit.wanted - visit.read:
        yield error("dmp.preloaded.missing", expected=", ".join(sorted(missing)), got="-")
    if superfluous := visit.others & visit.read:
        yield error("dmp.preloaded.superfluous", expected="-", got=", ".join(sorted(superfluous)))


@check("dmp.preload-kept", source=SOURCE, alone=False)
def a_copy_serves_for_its_time_only(opened: OpenedCopy) -> Iterator[Finding]:
    """A preloaded document opens from its copy for the time set, and is asked for again past it.

    Pass: within the time the DMP is not asked again; past it, it is.
    Fail: the copy did not serve within its time, or still served past it. Where the opening came late, nothing is concluded.
    """
    if opened.past and not opened.again:
        yield error("dmp.preload-kept.past", expected="ITI-43", got="-", document=opened.unique_id)
    elif not opened.past and opened.again and not opened.late:
        got = opened.again[0].id
        yield error("dmp.preload-kept.within", expected="-", got=got, document=opened.unique_id)
    elif not opened.past and opened.late:
        yield warning("dmp.preload-kept.late", expected="-", got=opened.again[0].id, basis=Basis.HYPOTHESIS)
