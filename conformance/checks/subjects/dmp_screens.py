"""What the product's pages say of the DMP, as the bench's browser read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.dmp import RETRIEVAL, SEARCH, SUBMISSION, TEST, about, accepted, calls
from conformance.checks.subjects.screens import ShownWord, look_of
from conformance.checks.subjects.told import place_of, told
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# A page that is given, and from where one is not (RFC 9110 §15).
OK, REFUSED_PAGE = 200, 400


def _asked(*kinds: str) -> Any:
    """The calls of these kinds about the person of an expectation that the DMP accepted."""

    def happened(observation: Observation, expected: Mapping[str, Any]) -> tuple[str, ...]:
        mine = [r for r in calls(observation, *kinds) if about(r, str(expected["matricule"]))]
        return tuple(r.id for r in mine if accepted(r))

    return staticmethod(happened)


def _fed_or_refused(observation: Observation, expected: Mapping[str, Any]) -> tuple[str, ...]:
    """The submissions about the person that had the end that the word is about.

    A product that tried again what was refused, with success, has no refusal to show.
    """
    mine = [r for r in calls(observation, SUBMISSION) if about(r, str(expected["matricule"]))]
    fed = expected["word_name"] == "feeding.fed"
    retried = bool(mine) and not fed and accepted(mine[-1])
    return () if retried else tuple(r.id for r in mine if accepted(r) == fed)


class StateShown(ShownWord):
    """The state of a person's DMP, on the page of the record, once the product asked the DMP for it."""

    what = "dmp"
    happened = _asked(TEST)


class FeedingShown(ShownWord):
    """What became of a document fed, on its line in the record."""

    what = "feeding"
    happened = staticmethod(_fed_or_refused)


class OriginShown(ShownWord):
    """Where a document came from, on its line in the record."""

    what = "origin"


class NoticeShown(ShownWord):
    """A notice about a document that was taken from the DMP."""

    what = "notice"
    happened = _asked(RETRIEVAL)
    name_of: ClassVar[str]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """The notices of this name."""
        return (shown for shown in super().of(observation) if shown.name == cls.name_of)


class HeldTold(NoticeShown):
    """The notice that the record holds already what is opened from the DMP."""

    name_of = "notice.held"


class NewerTold(NoticeShown):
    """The notice that the DMP has a newer version."""

    name_of = "notice.newer"


class DeletionTold(NoticeShown):
    """The notice that the document was deleted from the DMP."""

    name_of = "notice.deleted"


@dataclass(frozen=True)
class Removed:
    """A document that the user removes from the record: whether the record still has it."""

    unique_id: str
    held: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Removed]:
        """Every expectation ``dmp-removed`` that a reading of the record follows."""
        for expected in observation.expected("dmp-removed"):
            after = place_of(observation, expected["evidence"])
            mine = [
                t
                for t in told(observation, "read_record", after=after)
                if t.parameters == {"person": expected["person"]} and t.lists("documents")
            ]
            if mine:
                held = any(d.get("unique_id") == expected["unique_id"] for d in mine[-1].listed("documents"))
                cited = (*observation.frame_evidence, str(expected["evidence"]), mine[-1].record.id)
                yield cls(str(expected["unique_id"]), held, cited)


@dataclass(frozen=True)
class PageMeanwhile:
    """A record that was opened while the DMP took its time: whether its page came before the DMP had answered."""

    before: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[PageMeanwhile]:
        """Every expectation ``dmp-page-meanwhile`` whose page was given and whose opening had the DMP asked, once all is settled."""
        if not settled(observation):
            return
        for expected in observation.expected("dmp-page-meanwhile"):
            visit = look_of(observation, expected)
            asked = [r for r in calls(observation, TEST, SEARCH) if about(r, str(expected["matricule"]))]
            # A call that the bench did not slow down may well be over before the page comes.
            asked = [r for r in asked if r.seq > int(expected["before"]) and r.data.get("delayed")]
            if visit is not None and asked:
                cited = (*observation.frame_evidence, str(expected["evidence"]), visit.id, *(r.id for r in asked))
                yield cls(tuple(r for r in asked if r.seq <= int(expected["after"])), cited)


@dataclass(frozen=True)
class HelpOffered:
    """The help on consulting the DMP: whether the page of the record leads to it, and whether it is there.

    ``given`` is ``None`` where the browser did not see it: it stays on the product's hosts, and follows no redirection.
    """

    linked: bool
    given: bool | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[HelpOffered]:
        """Every expectation ``dmp-help`` whose page is one about the person."""
        for expected in observation.expected("dmp-help"):
            visit = look_of(observation, expected)
            pages = [r for r in observation.of_kind("browser.visit") if r.data["purpose"] == "help"]
            if visit is None or not pages:
                continue
            linked, status = bool(visit.data["links"]), int(pages[-1].data["status"])
            given = None if status != OK and status < REFUSED_PAGE else status == OK
            if given is not None or not linked:
                cited = (*observation.frame_evidence, str(expected["evidence"]), visit.id, *(r.id for r in pages))
                yield cls(linked, given, cited)


def tallied(rows: tuple[Mapping[str, Any], ...]) -> dict[str, int]:
    """What the product announces, by type; a type of which nothing is announced is left out."""
    found = {str(row.get("type_code")): row.get("count") for row in rows}
    return {code: count for code, count in found.items() if isinstance(count, int) and count}


@dataclass(frozen=True)
class News:
    """What a record announces as new in the DMP, beside what others fed: counts by type, and the lines not found on the page."""

    wanted: Mapping[str, int]
    announced: Mapping[str, int]
    unseen: tuple[str, ...]
    evidence: tuple[str, ...]

    what: ClassVar[str]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every expectation ``dmp-news`` of this kind that the product answered, on a page that is one about the person."""
        for expected in observation.expected("dmp-news"):
            visit = look_of(observation, expected)
            after = place_of(observation, expected["evidence"])
            mine = [t for t in told(observation, "read_dmp_news", after=after) if t.lists("types")]
            searches = [r.id for r in calls(observation, SEARCH) if about(r, str(expected["matricule"]))]
            if expected["what"] != cls.what or visit is None or not mine or not searches:
                continue
            rows = mine[0].listed("types")
            lines = [str(row.get("shown") or "") for row in rows if row.get("count")]
            unseen = tuple(line for line in lines if line not in visit.data["reads"])
            cited = (*observation.frame_evidence, str(expected["evidence"]), mine[0].record.id, visit.id, *searches)
            yield cls(dict(expected["counts"]), tallied(rows), unseen, cited)


class NewsCounted(News):
    """News there are."""

    what = "counts"


class NoNews(News):
    """News there are none."""

    what = "none"


class NewsChosen(News):
    """News of the types that were chosen."""

    what = "settings"
