"""What the bench's browser saw on the pages that find persons and show identities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# Searches whose letters are another spelling of the name; the others are the plain ones.
SPELLINGS = ("accent", "hyphen")
# The look that shows what the page says of everybody, whatever is searched.
NOBODY = "nobody"


@dataclass(frozen=True)
class Listed:
    """One search: who had to be shown and was not, who had to be left out and was shown.

    A product whose pages showed nobody at all in the whole window (a page that needs scripts, a log-in that failed) proves
    nothing: it makes no subject. People whom the page shows even when nobody is searched are not counted as shown.
    """

    what: str
    letters: str
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def read(cls, observation: Observation, *, spelt: bool) -> Iterator[Self]:
        """The searches by other spellings, or the plain ones."""
        expected = list(observation.expected("ins-listed"))
        looks = {name: look for e in expected for name in e["purposes"] if (look := _look(observation, e, name))}
        always = set().union(*(_shows(r) for e in expected[:1] if (r := _look(observation, e, NOBODY))))
        known = {name for e in expected for name in e["found"]} - always
        if not any(known & _shows(look) for look in looks.values()):
            return
        for wanted in expected:
            mine = [looks[name] for name in wanted["purposes"] if name in looks]
            if (wanted["what"] in SPELLINGS) != spelt or len(mine) < len(wanted["purposes"]):
                continue
            shown = set().union(*(_shows(look) for look in mine))
            yield cls(
                what=str(wanted["what"]),
                letters=" / ".join(map(str, wanted["letters"])) or "-",
                missing=tuple(name for name in wanted["found"] if name not in shown),
                extra=tuple(name for name in wanted["others"] if name in shown - always),
                evidence=(str(wanted["evidence"]), *(look.id for look in mine)),
            )


@dataclass(frozen=True)
class PlainlyListed(Listed):
    """A search by birth date, alone or with letters as they are stored."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        yield from cls.read(observation, spelt=False)


@dataclass(frozen=True)
class SpeltListed(Listed):
    """A search by letters with an accent, or without the hyphen."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        yield from cls.read(observation, spelt=True)


@dataclass(frozen=True)
class ShownIdentity:
    """The record of a person: which of its traits the page shows, in any of their spellings."""

    shown: Mapping[str, bool]
    expected: Mapping[str, Sequence[str]]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ShownIdentity]:
        """Every record looked at whose page was given and shows something of the person."""
        for wanted in observation.expected("ins-shown"):
            look = _look(observation, wanted, str(wanted["purpose"]))
            if look is None or not _shows(look):
                continue
            traits: Mapping[str, Sequence[str]] = wanted["traits"]
            shown = {name: bool(set(texts) & _shows(look)) for name, texts in traits.items()}
            yield cls(shown, traits, (str(wanted["evidence"]), look.id))


@dataclass(frozen=True)
class ShownStatus:
    """The record of a person whose acts gave it a status: which of the four words the page shows."""

    case: str
    status: str
    shown: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ShownStatus]:
        """Every record looked at whose page was given, where one page at least shows a status."""
        found = []
        for wanted in observation.expected("ins-status"):
            look = _look(observation, wanted, str(wanted["purpose"]))
            if look is not None:
                cited = (str(wanted["evidence"]), look.id)
                found.append(cls(str(wanted["case"]), str(wanted["status"]), frozenset(_shows(look)), cited))
        if any(one.shown for one in found):
            yield from found


def _look(observation: Observation, wanted: Mapping[str, Any], purpose: str) -> Record | None:
    """The visit of a purpose whose page was given; a redirection, a refusal or a fault is not the page."""
    for record in observation.of_kind("browser.visit"):
        mine = record.data["browser"] == wanted["label"] and record.data["purpose"] == purpose
        if mine and record.data["status"] == 200:
            return record
    return None


def _shows(look: Record) -> set[str]:
    return {str(text) for text in look.data["shows"]}
