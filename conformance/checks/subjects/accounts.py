"""Tries to enter by an account, and the trials that scenarios make of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from conformance.checks.subjects.psc_front import Entrance
from conformance.checks.subjects.window import Expectation
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class Entry:
    """One try: whether the page that needs a session was given afterwards."""

    label: str
    opened: bool
    shows: bool
    evidence: tuple[str, ...]

    @classmethod
    def read(cls, observation: Observation, expected: Expectation) -> Entry | None:
        """The try of an expectation; one whose log-in was not answered, or met a fault, was neither let in nor refused."""
        entrance = Entrance.read(observation, expected)
        seen = visits(observation, str(expected["label"]))
        sent = [r for r in seen if r.data["purpose"] == "login-sent"]
        if entrance is None or not sent or not all(map(answered, seen)):
            return None
        return cls(entrance.label, entrance.home, entrance.shows, entrance.evidence)


@dataclass(frozen=True)
class Trial:
    """Tries whose controls were all let in: those let in against what had to be, and those kept out against it."""

    audience: str
    let_in: tuple[str, ...]
    kept_out: tuple[str, ...]
    evidence: tuple[str, ...]
    case: ClassVar[str] = ""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every trial of this case whose tries were all answered."""
        known = {e["label"]: Entry.read(observation, e) for e in observation.expected("entry")}
        for expected in observation.expected("trial"):
            named = [*expected["controls"], *expected["shut"], *expected["closed"], *expected["open"]]
            entries = {label: known.get(label) for label in named}
            tries = _tries(observation, expected)
            if expected["case"] != cls.case or tries is None:
                continue
            found = {label: entry for label, entry in entries.items() if entry is not None}
            opened = {e.label for e in found.values() if e.opened and (e.shows or not expected["shown"])}
            proven = opened >= set(expected["controls"]) and opened.isdisjoint(expected["shut"])
            if len(found) < len(entries) or not proven:
                continue
            yield cls(
                audience=str(expected["audience"]),
                let_in=tuple(label for label in expected["closed"] if label in opened),
                kept_out=tuple(label for label in expected["open"] if label not in opened),
                evidence=(str(expected["evidence"]), *tries, *(i for e in found.values() for i in e.evidence)),
            )


class AttemptsTrial(Trial):
    """The right password after many wrong ones."""

    case = "attempts"


class StrengthTrial(Trial):
    """The former password after weak ones were asked for."""

    case = "strength"


class ReuseTrial(Trial):
    """The present password after a former one was asked for again."""

    case = "reuse"


class ExpiryTrial(Trial):
    """A password past its days."""

    case = "expiry"


class RenewalTrial(Trial):
    """A second means past its days."""

    case = "renewal"


class DeviceTrial(Trial):
    """A second means that was declared lost."""

    case = "device"


class FactorsTrial(Trial):
    """The password alone where two factors are due."""

    case = "factors"


class ContactTrial(Trial):
    """A recovery by a contact that nobody confirmed."""

    case = "contact"


class ContactChangeTrial(Trial):
    """A recovery by a new contact that nobody confirmed."""

    case = "contact-change"


class PrivateTrial(Trial):
    """An account that was given the private identifier of another."""

    case = "private"


class UnverifiedTrial(Trial):
    """Somebody who registered alone, before the identity was verified."""

    case = "unverified"


class MeansTrial(Trial):
    """Somebody who registered alone, once the identity was verified."""

    case = "means"


class BatchTrial(Trial):
    """Accounts that a batch made, changed and deleted."""

    case = "batch"


class PermissionsTrial(Trial):
    """Accounts to which a batch gave a permission, and from which it took one."""

    case = "permissions"


class DirectoryTrial(Trial):
    """Accounts synchronised with the structure's directory."""

    case = "directory"


class GroupsTrial(Trial):
    """Permissions synchronised with the groups of the directory."""

    case = "groups"


def _tries(observation: Observation, expected: Expectation) -> tuple[str, ...] | None:
    """The records of what was asked besides the tries; ``None`` when some of it was not answered.

    Wrong passwords: as many as the trial says, whether the form took them or was no longer shown; other forms: each one
    sent and answered.
    """
    wrong = visits(observation, str(expected["tries"]))
    shown = [r for r in wrong if r.data["purpose"] == "login-form"]
    if len(shown) < int(expected["failures"]) or not all(map(answered, wrong)):
        return None
    cited = [r.id for r in wrong]
    for label, purpose in expected["acts"]:
        sent = [r for r in visits(observation, label) if r.data["purpose"] == f"{purpose}-sent"]
        if not sent or not all(map(answered, sent)):
            return None
        cited += [r.id for r in sent]
    return tuple(cited)


def visits(observation: Observation, label: str) -> list[Record]:
    return [r for r in observation.of_kind("browser.visit") if r.data["browser"] == label]


def answered(visit: Record) -> bool:
    """Whether the product answered, and not by a fault of its own."""
    return 0 < int(visit.data["status"]) < 500
