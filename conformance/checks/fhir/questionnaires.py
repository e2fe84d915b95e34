"""Answers against the questionnaire they answer: known items, types, required answers, repetitions, listed options.

Source: FHIR R4 4.0.1, questionnaireresponse.html#notes and questionnaire.html. An item under ``enableWhen`` is asked only
where its condition holds; a condition that has no answer makes it *not checkable*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.checks.fhir.codes import holds
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.questionnaire_conditions import answers_of, enabled

if TYPE_CHECKING:
    from conformance.checks.fhir.walk import Walk

Json = Mapping[str, Any]
# Type of a question, and the names of its answer (questionnaire.html, item type).
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("valueBoolean",),
    "decimal": ("valueDecimal",),
    "integer": ("valueInteger",),
    "date": ("valueDate",),
    "dateTime": ("valueDateTime",),
    "time": ("valueTime",),
    "string": ("valueString",),
    "text": ("valueString",),
    "url": ("valueUri",),
    "choice": ("valueCoding", "valueString", "valueInteger", "valueDate", "valueTime", "valueReference"),
    "open-choice": ("valueCoding", "valueString", "valueInteger", "valueDate", "valueTime", "valueReference"),
    "attachment": ("valueAttachment",),
    "reference": ("valueReference",),
    "quantity": ("valueQuantity",),
}
_FINISHED = ("completed", "amended")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One response being judged: whether it is finished, and all its answers."""

    walk: Walk
    finished: bool
    answers: Mapping[str, list[Any]]


def judge_answers(response: Json, place: Place, walk: Walk) -> None:
    """Judge a QuestionnaireResponse, once its Questionnaire is at hand; else it is not checkable."""
    canonical = response.get("questionnaire")
    if not isinstance(canonical, str):
        return
    form = _form(canonical, walk)
    if form is None:
        walk.report.not_checkable("questionnaire", place, canonical)
        return
    reading = _Reading(walk, response.get("status") in _FINISHED, answers_of(response))
    _level(_items(form), _items(response), place, reading)


def _form(canonical: str, walk: Walk) -> Json | None:
    found = walk.index.resolve(canonical, walk.frame).resource or walk.tables.questionnaire(canonical)
    return found if found is not None and found.get("resourceType") == "Questionnaire" else None


def _level(asked: Sequence[Json], given: Sequence[Json], place: Place, reading: _Reading) -> None:
    report = reading.walk.report
    questions = {q["linkId"]: q for q in asked if isinstance(q.get("linkId"), str)}
    counts: dict[str, int] = {}
    for i, item in enumerate(given):
        here = Place(place, "item", i)
        link = item.get("linkId")
        if not isinstance(link, str):
            continue
        question = questions.get(link)
        if question is None:
            report.error("fhir.questionnaire.unknown", here, ", ".join(questions) or "∅", link)
            continue
        counts[link] = counts.get(link, 0) + 1
        _answered(question, item, here, reading)
    for link, question in questions.items():
        number = counts.get(link, 0)
        if number > 1 and not (question.get("type") == "group" and question.get("repeats") is True):
            report.error("fhir.questionnaire.repeated", place, "1", str(number), link=link)
        if not number and reading.finished and question.get("required") is True:
            _missing(link, question, place, reading)


def _missing(link: str, question: Json, place: Place, reading: _Reading) -> None:
    wanted = enabled(question, reading.answers)
    if wanted is None:
        reading.walk.report.not_checkable("questionnaire-condition", place, link)
    elif wanted:
        reading.walk.report.error("fhir.questionnaire.required", place, link, None, link=link)


def _answered(question: Json, item: Json, place: Place, reading: _Reading) -> None:
    link, kind, report = str(question["linkId"]), question.get("type"), reading.walk.report
    raw = item.get("answer")
    answers = [a for a in raw if isinstance(a, dict)] if isinstance(raw, list) else []
    if (answers or _items(item)) and enabled(question, reading.answers) is False:
        report.error("fhir.questionnaire.disabled", place, None, link)
    if kind in ("group", "display"):
        if answers:
            report.error("fhir.questionnaire.not-a-question", Place(place, "answer"), None, link)
        _level(_items(question), _items(item), place, reading)
        return
    if _items(item):
        # Items under a question stand in its answers (questionnaireresponse.html#notes).
        report.error("fhir.questionnaire.nesting", Place(place, "item"), "answer.item", "item.item", link=link)
    if not answers and reading.finished and question.get("required") is True:
        _missing(link, question, place, reading)
    if len(answers) > 1 and question.get("repeats") is not True:
        report.error("fhir.questionnaire.repeated", place, "1", str(len(answers)), link=link)
    for i, answer in enumerate(answers):
        here = Place(place, "answer", i)
        _answer(question, answer, here, reading.walk)
        _level(_items(question), _items(answer), here, reading)


def _answer(question: Json, answer: Json, place: Place, walk: Walk) -> None:
    kind = question.get("type")
    name = next((k for k in answer if k.startswith("value")), None)
    allowed = ANSWERS.get(kind) if isinstance(kind, str) else None
    if name is None or allowed is None:
        return
    if name not in allowed:
        walk.report.error("fhir.questionnaire.type", place, " | ".join(allowed), name)
        return
    longest = question.get("maxLength")
    value = answer[name]
    if isinstance(longest, int) and isinstance(value, str) and len(value) > longest:
        walk.report.error("fhir.value.length", place, str(longest), len(value))
    options = question.get("answerOption")
    if kind == "choice" and isinstance(options, list) and not any(_is(name, value, o) for o in options):
        walk.report.error("fhir.questionnaire.option", place, None, value)
    elif kind == "choice" and "answerValueSet" in question:
        _listed(str(question["answerValueSet"]), value, place, walk)


def _listed(canonical: str, value: Any, place: Place, walk: Walk) -> None:
    listed = walk.tables.code_list(canonical)
    member = None if listed is None else holds(listed, value)
    if member is None:
        walk.report.not_checkable("questionnaire-list", place, canonical)
    elif not member:
        walk.report.error("fhir.questionnaire.option", place, canonical, value)


def _is(name: str, value: Any, option: Any) -> bool:
    stated = option.get(name) if isinstance(option, dict) else None
    if isinstance(stated, dict) and isinstance(value, dict):
        return all(stated.get(k) == value.get(k) for k in ("system", "code"))
    return bool(stated == value)


def _items(holder: Json) -> list[Json]:
    items = holder.get("item")
    return [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
