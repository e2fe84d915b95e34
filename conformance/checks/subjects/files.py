"""What became of infected files, and what a set of data made for tests holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.told import Told, told
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

MAX_SET = 64 * 1024 * 1024
# What a set made for tests may say of nobody.
TRAITS = ("matricule", "birth_name", "birth_date")
# How many of those traits together are somebody: a name or a date alone may be met by chance.
SOMEBODY = 2


@dataclass(frozen=True)
class InfectedUpload:
    """An infected file put in a record: whether the record's page then shows it, beside a harmless one that it shows."""

    name: str
    shown: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[InfectedUpload]:
        """One where both were put in, and the page showed the harmless one and neither before."""
        for expected in observation.expected("infected-upload"):
            sent = [r for r in observation.frame if r.kind == "stimulus" and r.data["operation"] == "upload_file"]
            before = _visit(observation, str(expected["label"]), "unfiled")
            after = _visit(observation, str(expected["label"]), "filed")
            if len(sent) < 2 or before is None or after is None or before.data["shows"]:
                continue
            if before.data["status"] == 200 and expected["clean"] in after.data["shows"]:
                cited = (str(expected["evidence"]), *(r.id for r in sent), before.id, after.id)
                shown = expected["infected"] in after.data["shows"]
                yield cls(str(expected["infected"]), shown, (*observation.frame_evidence, *cited))


@dataclass(frozen=True)
class InfectedDocument:
    """An infected document that the product took from the DMP: whether it says that its record holds it."""

    unique_id: str
    held: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[InfectedDocument]:
        """One that the DMP gave, beside a sound one that the record holds."""
        for expected in observation.expected("infected-dmp"):
            given = [r for r in observation.of_kind("dmp.retrieval") if expected["infected"] in r.data.get("given", [])]
            answers = list(told(observation, "read_record"))
            if not given or not answers:
                continue
            held = {str(row.get("unique_id")) for row in answers[-1].listed("documents")}
            if expected["clean"] in held:
                cited = (str(expected["evidence"]), given[-1].id, answers[-1].record.id)
                yield cls(
                    str(expected["infected"]), expected["infected"] in held, (*observation.frame_evidence, *cited)
                )


@dataclass(frozen=True)
class TracedInfection:
    """An infected file that was offered to the product: whether a trace says so."""

    name: str
    traced: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TracedInfection]:
        """Every one that reached the product, in the last reading of the traces; a trace may call it by its title too."""
        answers = list(told(observation, "read_traces"))
        for kind in ("infected-upload", "infected-dmp"):
            for expected in observation.expected(kind) if answers else ():
                name = str(expected["infected"])
                offered = [r.id for r in _offers(observation, name)]
                traced = any(_names(answers[-1], one) for one in (name, str(expected.get("title") or name)))
                cited = (str(expected["evidence"]), *offered, answers[-1].record.id)
                if offered:
                    yield cls(name, traced, (*observation.frame_evidence, *cited))


@dataclass(frozen=True)
class TestSet:
    """A set of data made for tests, and the persons of the product that it still names."""

    __test__ = False

    found: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TestSet]:
        """Every set that the product gave and that is not empty."""
        people = [r for r in observation.frame if r.kind == "population.person"]
        for answer in told(observation, "make_test_set"):
            text = _text(observation, answer)
            if text:
                found = tuple(str(p.data["key"]) for p in people if _met(p.data, text))
                cited = (answer.record.id, *(p.id for p in people))
                yield cls(found, (*observation.frame_evidence, *cited))


def _met(person: Any, text: str) -> bool:
    """Whether a text says who somebody is: the matricule, or several of the other traits."""
    said = [name for name in TRAITS if person.get(name) and str(person[name]).casefold() in text]
    return "matricule" in said or len(said) >= SOMEBODY


def _text(observation: Observation, answer: Told) -> str:
    if "content" in answer.record.blobs:
        content = observation.blob(answer.record, "content")[:MAX_SET]
        return content.decode("utf-8", "replace").casefold()
    body = answer.record.data.get("body")
    return str(body).casefold() if body else ""


def _visit(observation: Observation, label: str, purpose: str) -> Record | None:
    visits = (r for r in observation.of_kind("browser.visit") if r.data["browser"] == label)
    return next((r for r in visits if r.data["purpose"] == purpose), None)


def _offers(observation: Observation, name: str) -> Iterator[Record]:
    """What put an infected file before the product: the DMP that gave it, or the request to keep it."""
    yield from (r for r in observation.of_kind("dmp.retrieval") if name in r.data.get("given", []))
    for record in observation.frame:
        asked = record.data.get("parameters") or {}
        if record.kind == "stimulus" and record.data["operation"] == "upload_file" and asked.get("file") == name:
            yield record


def _names(answer: Told, name: str) -> bool:
    return any(name in " ".join(map(str, row.values())) for row in answer.listed("traces"))
