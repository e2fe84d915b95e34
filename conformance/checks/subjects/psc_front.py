"""What the bench's browser met at the product's front door, and what the provider was asked meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self
from urllib.parse import urlsplit

from conformance.checks.subjects.window import Expectation, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# The looks at the page that needs a session.
LOOKS = ("before", "home", "after")


@dataclass(frozen=True)
class AuthorizationRequest:
    """One authorization request, as the provider received it; ``repeated`` says that its state or nonce came before."""

    members: dict[str, str]
    error: str
    repeated: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AuthorizationRequest]:
        """Every request of the window."""
        seen: set[str] = set()
        for record in observation.of_kind("psc.authorization"):
            members = {name: str(value) for name, value in record.data.items() if value}
            marks = {f"{name}={members[name]}" for name in ("state", "nonce") if name in members}
            yield cls(members, str(record.data.get("error") or ""), bool(marks & seen), (record.id,))
            seen |= marks


@dataclass(frozen=True)
class Entrance:
    """What one browser saw of the page that needs a session: before, with, and after one.

    ``home`` and ``after`` say whether the page was given (``after``: ``None`` where nobody looked, or met a fault); ``shows`` that the account's name was on it; ``answered``
    that the provider's answer came back to the product; ``moved`` that the page sent the browser elsewhere than
    before the log-in. A browser that was let in before logging in, that never reached its second look, or to which
    nothing was answered, proves nothing: it makes no subject.
    """

    label: str
    malice: str
    displayed: str
    home: bool
    shows: bool
    after: bool | None
    answered: bool
    moved: bool
    evidence: tuple[str, ...]

    @classmethod
    def read(cls, observation: Observation, expected: Expectation) -> Self | None:
        """The entrance that an expectation names by its label."""
        visits = [r for r in observation.of_kind("browser.visit") if r.data["browser"] == expected["label"]]
        looks = {str(r.data["purpose"]): r for r in visits}
        if "before" not in looks or "home" not in looks or _given(looks["before"]):
            return None
        if not all(look.data["status"] for name, look in looks.items() if name in LOOKS):
            return None
        return cls(
            label=str(expected["label"]),
            malice=str(expected.get("malice") or ""),
            displayed=str(expected.get("displayed") or ""),
            home=_given(looks["home"]),
            shows=bool(looks["home"].data["shows"]),
            after=_given(looks["after"]) if "after" in looks and not _broken(looks["after"]) else None,
            answered=any(r.data["purpose"] == "login" and "code" in _names(r) for r in visits),
            moved=_led(looks["home"]) not in ("", _led(looks["before"])),
            evidence=(str(expected["evidence"]), *(r.id for r in visits)),
        )


@dataclass(frozen=True)
class GoodEntrance:
    """A log-in that must open the account of the professional."""

    entrance: Entrance
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[GoodEntrance]:
        """Every log-in without malice of somebody who has an account.

        A page that leads elsewhere once logged in may be another way to say welcome: it concludes nothing.
        """
        for entrance in _entrances(observation):
            if not entrance.malice and entrance.displayed and not entrance.moved:
                yield cls(entrance, entrance.evidence)


@dataclass(frozen=True)
class RefusedEntrance:
    """A log-in that must open nothing, with the good ones beside it that prove the door works."""

    entrance: Entrance
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[RefusedEntrance]:
        """Every other log-in that came back to the product, in a window where the good ones were all let in."""
        found = list(_entrances(observation))
        good = [e for e in found if not e.malice and e.displayed]
        controls = tuple(id for e in good for id in e.evidence)
        if not good or not all(e.home for e in good):
            return
        for entrance in found:
            if entrance not in good and entrance.answered:
                yield cls(entrance, (*entrance.evidence, *controls))


@dataclass(frozen=True)
class ForgedEntrance(RefusedEntrance):
    """A log-in with a forged answer."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ForgedEntrance]:
        """Every one, with its control."""
        for refused in RefusedEntrance.of(observation):
            if refused.entrance.malice:
                yield cls(refused.entrance, refused.evidence)


@dataclass(frozen=True)
class StrangerEntrance(RefusedEntrance):
    """A log-in of somebody who has no account."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[StrangerEntrance]:
        """Every one, with its control."""
        for refused in RefusedEntrance.of(observation):
            if not refused.entrance.malice:
                yield cls(refused.entrance, refused.evidence)


@dataclass(frozen=True)
class ClosedSession:
    """A session that was open and had to close, by log-out."""

    entrance: Entrance
    evidence: tuple[str, ...]
    reasons: ClassVar[tuple[str, ...]] = ("logout", "left")

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every session that was seen open, then looked at again."""
        for expected in (e for reason in cls.reasons for e in observation.expected(reason)):
            entrance = Entrance.read(observation, expected)
            if entrance is not None and entrance.home and entrance.after is not None:
                yield cls(entrance, entrance.evidence)


@dataclass(frozen=True)
class IdleSession(ClosedSession):
    """A session that was open and had to close by itself."""

    reasons = ("idle",)


class ReopenedBrowser(ClosedSession):
    """A session that was open when the browser was closed, and looked at once it was opened again."""

    reasons = ("browser-closed",)


@dataclass(frozen=True)
class ProviderLogout:
    """Whether a log-out in the product reached the provider and named the session there."""

    told: bool
    named: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ProviderLogout]:
        """One for each log-out expected, in a settled window or once the provider was told."""
        records = observation.of_kind("psc.logout")
        for expected in observation.expected("logout"):
            if records or settled(observation):
                named = any(r.data.get("subject") for r in records)
                yield cls(bool(records), named, (str(expected["evidence"]), *(r.id for r in records)))


@dataclass(frozen=True)
class ChosenProvider:
    """The provider that the product was set up on, and whether the log-ins of the window went through its endpoints."""

    issuer: str
    entered: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ChosenProvider]:
        """The other provider, where a log-in was tried."""
        entered = [e for e in _entrances(observation) if e.displayed and not e.moved]
        for expected in observation.expected("provider"):
            if expected["other"] and entered:
                cited = (str(expected["evidence"]), *(i for e in entered for i in e.evidence))
                yield cls(str(expected["issuer"]), all(e.home for e in entered), cited)


def _entrances(observation: Observation) -> Iterator[Entrance]:
    for expected in observation.expected("login"):
        entrance = Entrance.read(observation, expected)
        if entrance is not None:
            yield entrance


def _names(visit: Record) -> list[str]:
    """The parameters of the address visited."""
    return urlsplit(str(visit.data["url"])).query.split("&")


def _led(visit: Record) -> str:
    """Where a page led the browser, without parameters; empty where it did not."""
    return str(visit.data.get("location") or "").partition("?")[0]


def _broken(visit: Record) -> bool:
    """Whether the page met a fault of the product: neither given nor refused."""
    return int(visit.data["status"]) >= 500


def _given(visit: Record) -> bool:
    """Whether the page was given; a redirection, a refusal or a fault is not the page."""
    return bool(visit.data["status"] == 200)
