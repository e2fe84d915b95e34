"""The calls that the product made to INSi, and the identities that its documents then carried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_sent import AddressedDocument
from conformance.checks.subjects.window import address_of, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

SEARCHES = {"traits": "rechercherInsAvecTraitsIdentite", "card": "rechercherInsAvecCarteVitale"}
VERIFICATION = "verifierInsIdentite"
DEPOSIT, COLLECT = "deposerLotVerification", "retirerLotVerification"


@dataclass(frozen=True)
class InsiCall:
    """One call, as the teleservice received it (``docs/evidence.md``)."""

    data: Mapping[str, Any]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[InsiCall]:
        """Every call of the window."""
        for record in observation.of_kind("insi.call"):
            yield cls(record.data, (record.id,))


@dataclass(frozen=True)
class WantedSearch:
    """A search that the scenario asked for: the operation wanted, the calls made, and whether one found the person."""

    operation: str
    calls: int
    found: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[WantedSearch]:
        """Every search by traits that found the person, and in a settled window those that were not made or did not."""
        yield from (cls(*made) for made in _searches(observation, "traits"))


@dataclass(frozen=True)
class WantedCardSearch(WantedSearch):
    """As :class:`WantedSearch`, by Vitale card."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[WantedCardSearch]:
        """Every search by card asked for."""
        yield from (cls(*made) for made in _searches(observation, "card"))


@dataclass(frozen=True)
class NamedSearch:
    """The given names of the searches made for a person who has several, in their order."""

    names: tuple[str, ...]
    found: str
    asked: tuple[tuple[str, ...], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[NamedSearch]:
        """Every person with several given names, once everything is settled: before, more names may still be tried."""
        if not settled(observation):
            return
        for wanted in observation.expected("ins-names"):
            calls = [
                r
                for r in observation.of_kind("insi.call")
                if r.data["operation"] == SEARCHES["traits"]
                and str(r.data["traits"].get("NomNaissance")).casefold() == str(wanted["birth_name"]).casefold()
            ]
            asked = tuple(tuple(r.data["first_names"]) for r in calls)
            cited = (str(wanted["evidence"]), *(r.id for r in calls))
            yield cls(tuple(wanted["names"]), str(wanted["found"]), asked, cited)


@dataclass(frozen=True)
class CarriedIdentity:
    """A document whose person's INS had to be in it, and that INS with the traits of INSi."""

    document: CdaDocument
    wanted: Mapping[str, Any]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[CarriedIdentity]:
        """Every such document."""
        for document, wanted in _carried(observation):
            if wanted["carried"]:
                yield cls(document.document, wanted, (*document.evidence, str(wanted["evidence"])))


@dataclass(frozen=True)
class BareIdentity:
    """A document whose person's INS must not be in it."""

    document: CdaDocument
    wanted: Mapping[str, Any]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[BareIdentity]:
        """Every such document."""
        for document, wanted in _carried(observation):
            if not wanted["carried"]:
                yield cls(document.document, wanted, (*document.evidence, str(wanted["evidence"])))


@dataclass(frozen=True)
class WantedVerification:
    """A verification that had to be made, and how many were."""

    matricule: str
    calls: tuple[Mapping[str, Any], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[WantedVerification]:
        """Every verification expected; one that was never made only in a settled window."""
        for wanted in observation.expected("ins-verify"):
            calls = _verifications(observation, str(wanted["matricule"]))
            if calls or settled(observation):
                cited = (str(wanted["evidence"]), *(r.id for r in calls))
                yield cls(str(wanted["matricule"]), tuple(r.data for r in calls), cited)


@dataclass(frozen=True)
class WantedBatch:
    """Identities that had to be verified at once: those that a call deposited together, and whether results were collected."""

    matricules: frozenset[str]
    deposited: tuple[frozenset[str], ...]
    collected: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[WantedBatch]:
        """Every batch expected; one that never came only in a settled window."""
        for wanted in observation.expected("ins-batch"):
            deposits = [r for r in observation.of_kind("insi.call") if r.data["operation"] == DEPOSIT]
            collections = [
                r for r in observation.of_kind("insi.call") if r.data["operation"] == COLLECT and r.data["code"] == "00"
            ]
            if collections or settled(observation):
                cited = (str(wanted["evidence"]), *(r.id for r in (*deposits, *collections)))
                held = tuple(frozenset(map(str, r.data["batch"])) for r in deposits)
                yield cls(frozenset(map(str, wanted["matricules"])), held, bool(collections), cited)


@dataclass(frozen=True)
class NeedlessVerification:
    """Somebody retrieved or qualified here, whom no verification may concern, and those that did."""

    matricule: str
    calls: int
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[NeedlessVerification]:
        """Everybody of whom the scenario says so."""
        for wanted in observation.expected("ins-no-verify"):
            calls = _verifications(observation, str(wanted["matricule"]))
            cited = (*observation.frame_evidence, *(r.id for r in calls))
            yield cls(str(wanted["matricule"]), len(calls), cited)


def _searches(observation: Observation, by: str) -> Iterator[tuple[str, int, bool, tuple[str, ...]]]:
    for wanted in observation.expected("ins-search"):
        if wanted["by"] != by:
            continue
        calls = [r for r in observation.of_kind("insi.call") if r.data["operation"] == SEARCHES[by]]
        found = any(r.data["matricule"] == wanted["matricule"] for r in calls)
        if found or settled(observation):
            yield SEARCHES[by], len(calls), found, (str(wanted["evidence"]), *(r.id for r in calls))


def _carried(observation: Observation) -> Iterator[tuple[AddressedDocument, Mapping[str, Any]]]:
    """Each document with what was expected of it: a later one reaches the earlier correspondents of the record too."""
    wanted = list(observation.expected("ins-carried"))
    for document in AddressedDocument.of(observation):
        asked = [e for e in wanted if address_of(e["to"]) in document.addresses]
        if asked:
            yield document, asked[-1]


def _verifications(observation: Observation, matricule: str) -> list[Record]:
    return [
        r
        for r in observation.of_kind("insi.call")
        if r.data["operation"] == VERIFICATION and r.data["traits"].get("NumIdentifiant") == matricule
    ]
