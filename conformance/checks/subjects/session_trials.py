"""Trials on sessions and rights, each beside the look that proves that the door works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from conformance.checks.subjects.accounts import Entry, answered
from conformance.checks.subjects.psc_front import Entrance
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class IdleSetting:
    """Two sessions left alone as long, under a short time set and a long one; whether each was still open."""

    short_open: bool
    long_open: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[IdleSetting]:
        """Every such pair of which both were seen open first."""
        for expected in observation.expected("idle-setting"):
            short = _session(observation, str(expected["short"]))
            long = _session(observation, str(expected["long"]))
            if short and long:
                cited = (str(expected["evidence"]), *short.evidence, *long.evidence)
                yield cls(bool(short.after), bool(long.after), cited)


@dataclass(frozen=True)
class OneFactor:
    """The password alone after both factors and a log-out: whether it opened within the delay set, and past it."""

    within: bool
    beyond: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[OneFactor]:
        """Every such pair where both factors opened, the log-out closed, and the password alone was answered."""
        for expected in observation.expected("one-factor"):
            within = _back(observation, str(expected["within"]))
            beyond = _back(observation, str(expected["beyond"]))
            if within and beyond:
                cited = (str(expected["evidence"]), *within.evidence, *beyond.evidence)
                yield cls(bool(within.after), bool(beyond.after), cited)


@dataclass(frozen=True)
class RecordLook:
    """The record of a person as a technical administrator was given it; a professional saw the person there."""

    shown: bool
    status: int
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[RecordLook]:
        """One where the professional was shown the person, and the administrator's log-in opened a session."""
        for expected in observation.expected("record-look"):
            entries = {e["label"]: Entry.read(observation, e) for e in observation.expected("entry")}
            professional, administrator = (entries.get(expected[who]) for who in ("professional", "administrator"))
            seen = _visit(observation, str(expected["professional"]), "record")
            looked = _visit(observation, str(expected["administrator"]), "record")
            if not (professional and administrator and administrator.opened and seen and looked):
                continue
            if seen.data["shows"] and answered(looked):
                cited = (str(expected["evidence"]), *professional.evidence, *administrator.evidence)
                yield cls(bool(looked.data["shows"]), int(looked.data["status"]), cited)


@dataclass(frozen=True)
class ServiceAccount:
    """A generic account that works without a screen: whether its log-in opened one, and whether it worked once disabled.

    ``works_disabled`` is ``None`` where nobody knows: it was not called any more, or nothing was answered.
    """

    opened: bool
    works_disabled: bool | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """One where the account worked before and after its log-in was tried, and a person's log-in opened."""
        for expected in observation.expected("service-account"):
            entries = {e["label"]: Entry.read(observation, e) for e in observation.expected("entry")}
            person, screen = entries.get(expected["person"]), entries.get(expected["screen"])
            label = str(expected["machine"])
            calls = {purpose: _visit(observation, label, purpose) for purpose in ("call", "again", "disabled")}
            if not (person and person.opened and screen and _good(calls["call"]) and _good(calls["again"])):
                continue
            last = calls["disabled"]
            works = _good(last) if last is not None and answered(last) else None
            cited = (*person.evidence, *screen.evidence, *(c.id for c in calls.values() if c is not None))
            yield cls(screen.opened, works, (str(expected["evidence"]), *cited))


class DisabledServiceAccount(ServiceAccount):
    """One that was called once disabled, and answered."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such account."""
        yield from (account for account in super().of(observation) if account.works_disabled is not None)


def _session(observation: Observation, label: str) -> Entrance | None:
    """A session that was seen open, then looked at again."""
    found = [Entrance.read(observation, e) for e in observation.expected("entry") if e["label"] == label]
    return next((e for e in found if e is not None and e.home and e.after is not None), None)


def _back(observation: Observation, label: str) -> Entrance | None:
    """A session that was open, closed by its log-out, and whose log-in was sent again."""
    session = _session(observation, label)
    between, again = _visit(observation, label, "between"), _visit(observation, label, "again-sent")
    closed = between is not None and answered(between) and between.data["status"] != 200
    return session if session and closed and again is not None and answered(again) else None


def _visit(observation: Observation, label: str, purpose: str) -> Record | None:
    found = [r for r in observation.of_kind("browser.visit") if r.data["browser"] == label]
    return next((r for r in found if r.data["purpose"] == purpose), None)


def _good(visit: Record | None) -> bool:
    return visit is not None and 200 <= int(visit.data["status"]) < 300
