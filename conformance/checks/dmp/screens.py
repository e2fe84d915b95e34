"""Checks on what the product's pages say of the DMP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from conformance.checks.subjects.dmp_screens import (
    DeletionTold,
    FeedingShown,
    HeldTold,
    HelpOffered,
    NewerTold,
    News,
    NewsChosen,
    NewsCounted,
    NoNews,
    OriginShown,
    PageMeanwhile,
    Removed,
    StateShown,
)
from conformance.checks.subjects.screens import ShownWord
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis, Keyword, Level

# States whose answer to TD0.2 is a hypothesis of the bench (docs/services/dmp.md).
SUPPOSED = ("dmp.closed", "dmp.refused")


def told_apart(shown: ShownWord) -> Iterator[Finding]:
    """What a page may have against it: a word that is not there, that is not alone on its line, or that says two things."""
    if not shown.seen:
        yield error("screens.missing", expected=shown.word, got="-", name=shown.name, anchor=shown.anchor or "-")
    elif shown.mixed:
        got = ", ".join(shown.mixed)
        yield error("screens.mixed", expected=shown.word, got=got, name=shown.name, anchor=shown.anchor)
    if shown.twin:
        yield error("screens.same", expected=shown.word, got=shown.twin, name=shown.name)


@check("dmp.state-shown", source="REM vague 2, DMP/UX.12", alone=False)
def the_state_of_the_dmp_is_shown(shown: StateShown) -> Iterator[Finding]:
    """The page of a record says without a click whether the person has a DMP and whether the user may open it.

    Pass: once the DMP was asked (TD0.2), the page shows the product's word for the state, and each state has its own.
    Fail: it does not, or two states have the same word. How the DMP says that a record is closed, or that somebody has no
    right, is supposed: a word that is missing then asks for a person's judgement only.
    """
    for finding in told_apart(shown):
        supposed = shown.name in SUPPOSED and finding.code != "screens.same"
        yield replace(finding, level=Level.WARNING, basis=Basis.HYPOTHESIS) if supposed else finding


@check("dmp.feeding-shown", source="REM vague 2, DMP/HISTO.01", alone=False)
def what_became_of_a_feeding_is_shown(shown: FeedingShown) -> Iterator[Finding]:
    """The line of a document in the record says whether it was fed to the DMP with success.

    Pass: the line of a document that the DMP took, and that of one that it refused, each show the product's word for it.
    Fail: a word is missing, both stand on one line, or they are the same.
    """
    yield from told_apart(shown)


@check("dmp.origin-shown", source="REM vague 2, CDA/INT.08", alone=False)
def the_origin_of_a_document_is_shown(shown: OriginShown) -> Iterator[Finding]:
    """The line of a document in the record says where it came from, the DMP being told apart.

    Pass: the line of a document of the DMP, and that of one that came by mail, each show the product's word for it.
    Fail: a word is missing, both stand on one line, or they are the same.
    """
    yield from told_apart(shown)


@check("dmp.held-told", source="REM vague 2, CDA/DD.04", alone=False)
def a_document_that_is_held_is_told(shown: HeldTold) -> Iterator[Finding]:
    """Opening from the DMP a document that the record holds, the user is told so.

    Pass: the page that the user is then shown has the product's word for it.
    Fail: it has not.
    """
    yield from told_apart(shown)


@check("dmp.newer-told", source="REM vague 2, CDA/DD.05", alone=False)
def a_newer_version_is_told(shown: NewerTold) -> Iterator[Finding]:
    """Opening a record, the user is told that a document taken from the DMP has a newer version there.

    Pass: the line of the document shows the product's word for it.
    Fail: it does not.
    """
    yield from told_apart(shown)


@check("dmp.deletion-told", source="REM vague 2, CDA/DD.05", alone=False)
def a_deletion_is_told(shown: DeletionTold) -> Iterator[Finding]:
    """Opening a record, the user is told that a document taken from the DMP was deleted there.

    Pass: the line of the document shows the product's word for it.
    Fail: it does not.
    """
    yield from told_apart(shown)


@check("dmp.removed", source="REM vague 2, CDA/DD.05", alone=False)
def a_deleted_document_can_be_removed(removed: Removed) -> Iterator[Finding]:
    """A document that was deleted from the DMP can be removed from the record.

    Pass: once the user removed it, the record has it no more.
    Fail: it has it still.
    """
    if removed.held:
        yield error("dmp.removed.held", expected="-", got=removed.unique_id)


@check("dmp.page-not-blocked", source="REM vague 2, CDA/DD.05", alone=False)
def a_record_opens_while_the_dmp_takes_its_time(page: PageMeanwhile) -> Iterator[Finding]:
    """Opening a record has the DMP asked, and the page does not wait for the answer.

    Pass: the page was given before the slow DMP had answered.
    Fail: it was given afterwards.
    """
    if page.before:
        yield error("dmp.page-not-blocked.waited", expected="-", got=page.before[0].id)


@check("dmp.help-offered", source="REM vague 2, DMP/UX.45", level=Keyword.PEUT, alone=False)
def help_on_the_dmp_is_offered(offered: HelpOffered) -> Iterator[Finding]:
    """The page of a record leads to help on consulting the DMP.

    Pass: a link of the page leads to the help, and the help is there.
    Fail: there is no such link, or it leads nowhere. Where it leads elsewhere than to the product, nothing is concluded.
    """
    if not offered.linked:
        yield error("dmp.help-offered.none", expected="help_url", got="-")
    if offered.given is False:
        yield error("dmp.help-offered.nowhere", expected="200", got="-")


@check("dmp.news", source="REM vague 2, DMP/UX.15", alone=False)
def new_documents_are_counted_by_type(news: NewsCounted) -> Iterator[Finding]:
    """The page of a record announces what others fed to the DMP lately, counted by type.

    Pass: the numbers by type are those of what others fed, and the page shows each line.
    Fail: a number differs, a type is superfluous, or a line is not on the page.
    """
    yield from _counted(news, news.wanted)


@check("dmp.no-news", source="REM vague 2, DMP/UX.15", alone=False)
def nothing_new_is_announced_as_nothing(news: NoNews) -> Iterator[Finding]:
    """Where others fed nothing, the record announces nothing.

    Pass: with a document of the structure's own only, nothing is announced.
    Fail: something is.
    """
    yield from _counted(news, {})


@check("dmp.news-chosen", source="REM vague 2, DMP/UX.17", alone=False)
def the_types_announced_can_be_chosen(news: NewsChosen) -> Iterator[Finding]:
    """The types that the announcement follows are those that were set for the structure and the service.

    Pass: with each of two settings, the announcement tells the types of that setting, and those only.
    Fail: it does not. Other types may be told together as ``other``.
    """
    yield from _counted(news, news.wanted)


def _counted(news: News, wanted: Mapping[str, int]) -> Iterator[Finding]:
    announced = {code: count for code, count in news.announced.items() if code != "other" or not wanted}
    if announced != dict(wanted):
        yield error("dmp.news.differs", expected=_told(wanted), got=_told(announced))
    for line in news.unseen:
        yield error("dmp.news.unseen", expected=line, got="-")


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{code}: {count}" for code, count in sorted(counts.items())) or "-"
