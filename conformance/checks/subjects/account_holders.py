"""What arrived at the contacts of accounts, and what pages showed of their holders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.checks.subjects.accounts import ContactTrial, Trial, answered, visits
from conformance.checks.subjects.psc_front import Entrance
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class AskedContact:
    """A contact given to a new account: whether it was written to before anything else was asked, and the trial of it.

    ``trial`` is ``None`` where nothing was written, for nothing could then be confirmed.
    """

    to: str
    written: bool
    trial: Trial | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AskedContact]:
        """Every contact expected, with its trial; one that was not written to, in a settled window."""
        trials = list(ContactTrial.of(observation))
        asked = [r for r in visits(observation, "early-ask") if r.data["purpose"] == "recover-form"]
        for expected in observation.expected("contact"):
            came = [r for r in _came(observation, expected["to"]) if asked and r.monotonic < asked[0].monotonic]
            cited = (str(expected["evidence"]), *(r.id for r in (*came, *asked)))
            if came and trials:
                yield cls(str(expected["to"]), True, trials[0], (*cited, *trials[0].evidence))
            elif not came and asked and settled(observation):
                yield cls(str(expected["to"]), False, None, cited)


@dataclass(frozen=True)
class ToldChange:
    """A change of contact that was asked for, and whether the contact in use until then was told of it."""

    old: str
    told: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ToldChange]:
        """Every change that the product took: its form was answered, and the new contact confirmed or the old one told.

        A message leaves before the answer to the form that causes it: it comes after the page of that form. What comes
        from the recovery tried meanwhile to the end of that try is about that recovery.
        """
        change, tried = visits(observation, "change"), visits(observation, "early")
        shown = [r for r in change if r.data["purpose"] == "contact-form"]
        sent = [r for r in change if r.data["purpose"] == "contact-sent" and answered(r)]
        asked = [r for r in visits(observation, "early-ask") if r.data["purpose"] == "recover-form"]
        done = [r for r in visits(observation, "confirm") if r.data["purpose"] == "confirm-sent" and answered(r)]
        for expected in observation.expected("contact-change"):
            if not (shown and sent and asked and tried):
                continue
            came = _came(observation, expected["old"])
            told = [r for r in came if shown[0].monotonic < r.monotonic < asked[0].monotonic]
            told += [r for r in came if r.monotonic > tried[-1].monotonic]
            if told or (done and settled(observation)):
                seen = (shown[0], sent[0], asked[0], tried[-1], *done, *told)
                cited = (str(expected["evidence"]), *(r.id for r in seen))
                yield cls(str(expected["old"]), bool(told), cited)


@dataclass(frozen=True)
class ShownAccount:
    """What an account was made with, and which of it the holder's own page shows: ``values`` are the ways to say each."""

    audience: str
    values: Mapping[str, Sequence[str]]
    shows: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ShownAccount]:
        """Every account whose holder was let in and saw the page of the account.

        A page that shows nothing of it, for want of scripts perhaps, proves nothing.
        """
        entries = {e["label"]: Entrance.read(observation, e) for e in observation.expected("entry")}
        for expected in observation.expected("attributes"):
            entrance = entries.get(expected["label"])
            pages = [r for r in visits(observation, str(expected["label"])) if r.data["purpose"] == "account"]
            if entrance is not None and entrance.home and pages and pages[-1].data["status"] == 200:
                shows = frozenset(map(str, pages[-1].data["shows"]))
                if not shows:
                    continue
                cited = (str(expected["evidence"]), *entrance.evidence, pages[-1].id)
                yield cls(str(expected["audience"]), expected["values"], shows, cited)


def _came(observation: Observation, to: object) -> list[Record]:
    return [r for r in observation.of_kind("notice.received") if str(to).lower() in r.data["rcpt_to"]]
