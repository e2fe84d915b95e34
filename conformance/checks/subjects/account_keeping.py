"""How accounts are kept: the searches of national identifiers, and the product's own traces of what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.accounts import visits
from conformance.checks.subjects.annuaire import ASKED
from conformance.checks.subjects.told import Told, place_of, told
from conformance.checks.subjects.window import Expectation, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SearchedIdentifier:
    """A professional whose account was made: whether the directory gave the identifier, and the account shows it."""

    identifier: str
    found: bool
    kept: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[SearchedIdentifier]:
        """Every account expected; one whose identifier was not asked for, in a settled window.

        Not where the directory was asked in a way that the bench does not play, nor where nobody saw the account.
        """
        for expected in observation.expected("rpps-account"):
            holding = [r for r in _searches(observation) if _holds(r, expected)]
            pages = [r for r in visits(observation, str(expected["label"])) if r.data["purpose"] == "account"]
            unplayed = any(r.data.get("unplayed") for r in observation.of_kind(*ASKED))
            if not holding and (unplayed or not settled(observation)):
                continue
            # A page that shows nothing of the account, for want of scripts perhaps, does not say what it keeps.
            if holding and not (pages and pages[-1].data["status"] == 200 and pages[-1].data["shows"]):
                continue
            kept = bool(pages) and str(expected["rpps"]) in pages[-1].data["shows"]
            seen = (*holding, *pages)
            yield cls(str(expected["identifier"]), bool(holding), kept, _cited(expected, seen))


@dataclass(frozen=True)
class RenewedIdentifier:
    """An identifier that is due: searched or tried before, and whether it is searched again."""

    identifier: str
    again: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[RenewedIdentifier]:
        """Every renewal expected after a first request to the directory; one that did not come, in a settled window.

        Where the directory had failed, a product may try again before it is asked to.
        """
        for expected in observation.expected("rpps-renewal"):
            mark = next(r for r in observation.frame if r.id == expected["evidence"])
            before = [r for r in observation.of_kind(*ASKED) if r.monotonic < mark.monotonic]
            failed = next((r for r in before if r.data["status"] != 200), None) if expected.get("unanswered") else None
            since = failed.monotonic if failed else mark.monotonic
            after = [r for r in _searches(observation) if r.monotonic > since and _holds(r, expected)]
            unplayed = any(r.data.get("unplayed") for r in observation.of_kind(*ASKED))
            if before and (after or (settled(observation) and not unplayed)):
                seen = dict.fromkeys(r.id for r in (*before, *after))
                yield cls(str(expected["identifier"]), bool(after), (str(expected["evidence"]), *seen))


@dataclass(frozen=True)
class TracedAct:
    """Something that happened to an account, the new traces that name it, and those of the act that ended otherwise."""

    what: str
    outcome: str
    account: str
    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TracedAct]:
        """Every act between two readings of the traces."""
        readings = list(told(observation, "read_traces"))
        acts = [(e, _new(observation, e, readings)) for e in observation.expected("account-act")]
        for expected, (rows, cited) in acts:
            if cited:
                others = tuple(row for e, (found, _) in acts if e["outcome"] != expected["outcome"] for row in found)
                name = str(expected["account"])
                evidence = (str(expected["evidence"]), *cited, *_doings(observation, expected))
                yield cls(str(expected["what"]), str(expected["outcome"]), name, rows, others, evidence)


def _new(
    observation: Observation, expected: Expectation, readings: list[Told]
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The traces that name the account and came between the readings around an act, and the records of both readings."""
    place = place_of(observation, expected["evidence"])
    before = [one for one in readings if one.place < place]
    after = [one for one in readings if one.place > place]
    if not before or not after:
        return (), ()
    known = Counter(map(_key, before[-1].listed("traces")))
    new: list[Row] = []
    for row in after[0].listed("traces"):
        if known[_key(row)]:
            known[_key(row)] -= 1
        elif str(expected["account"]).lower() in _key(row).lower():
            new.append(row)
    return tuple(new), (before[-1].record.id, after[0].record.id)


def _doings(observation: Observation, expected: Expectation) -> tuple[str, ...]:
    """What the bench's browser did for an act, where it did anything."""
    return tuple(r.id for r in visits(observation, str(expected["outcome"])))


def _key(row: Row) -> str:
    return repr(sorted((str(name), str(value)) for name, value in row.items()))


def _searches(observation: Observation) -> list[Record]:
    return [r for r in observation.of_kind(*ASKED) if r.data["status"] == 200]


def _holds(record: Record, expected: Expectation) -> bool:
    return expected["identifier"] in record.data.get("identifiers", ())


def _cited(expected: Expectation, records: tuple[Record, ...]) -> tuple[str, ...]:
    return (str(expected["evidence"]), *(r.id for r in records))
