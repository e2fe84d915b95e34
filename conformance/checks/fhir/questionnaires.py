"""Answers against the questionnaire they answer: known items, types, required answers, repetitions, listed options.

Source: FHIR R4 4.0.1, questionnaireresponse.html#notes and questionnaire.html. An item under ``enableWhen`` is never
required here: whether it is enabled depends on the whole form, so its absence is *not checkable*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conformance.checks.fhir.path import Place

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


def judge_answers(response: Json, place: Place, walk: Walk) -> None:
    """Judge a QuestionnaireResponse, once its Questionnaire is at hand; else it is not checkable."""
    canonical = response.get("questionnaire")
    if not isinstance(canonical, str):
        return
    form = _form(canonical, walk)
    if form is None:
        walk.report.not_checkable("questionnaire", place, canonical)
        return
    finished = response.get("status") in _FINISHED
    _level(_items(form), _items(response), place, walk, finished=finished)


def _form(canonical: str, walk: Walk) -> Json | None:
    found = walk.index.resolve(canonical, walk.frame).resource or walk.tables.questionnaire(canonical)
    return found if found is not None and found.get("resourceType") == "Questionnaire" else None


def _level(asked: Sequence[Json], given: Sequence[Json], place: Place, walk: Walk, *, finished: bool) -> None:
    questions = {q["linkId"]: q for q in asked if isinstance(q.get("linkId"), str)}
    counts: dict[str, int] = {}
    for i, item in enumerate(given):
        here = Place(place, "item", i)
        link = item.get("linkId")
        if not isinstance(link, str):
            continue
        question = questions.get(link)
        if question is None:
            walk.report.error("fhir.questionnaire.unknown", here, ", ".join(questions) or "∅", link)
            continue
        counts[link] = counts.get(link, 0) + 1
        _answered(question, item, here, walk, finished=finished)
    for link, question in questions.items():
        number = counts.get(link, 0)
        if number > 1 and not (question.get("type") == "group" and question.get("repeats") is True):
            walk.report.error("fhir.questionnaire.repeated", place, "1", str(number), link=link)
        if not number and finished and question.get("required") is True:
            _missing(link, question, place, walk)


def _missing(link: str, question: Json, place: Place, walk: Walk) -> None:
    if "enableWhen" in question:
        walk.report.not_checkable("questionnaire-condition", place, link)
    else:
        walk.report.error("fhir.questionnaire.required", place, link, None, link=link)


def _answered(question: Json, item: Json, place: Place, walk: Walk, *, finished: bool) -> None:
    link, kind = str(question["linkId"]), question.get("type")
    raw = item.get("answer")
    answers = [a for a in raw if isinstance(a, dict)] if isinstance(raw, list) else []
    if kind in ("group", "display"):
        if answers:
            walk.report.error("fhir.questionnaire.not-a-question", Place(place, "answer"), None, link)
        _level(_items(question), _items(item), place, walk, finished=finished)
        return
    if not answers and finished and question.get("required") is True:
        _missing(link, question, place, walk)
    if len(answers) > 1 and question.get("repeats") is not True:
        walk.report.error("fhir.questionnaire.repeated", place, "1", str(len(answers)), link=link)
    for i, answer in enumerate(answers):
        here = Place(place, "answer", i)
        _answer(question, answer, here, walk)
        _level(_items(question), _items(answer), here, walk, finished=finished)


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
        walk.report.not_checkable("questionnaire-list", place, str(question["answerValueSet"]))


def _is(name: str, value: Any, option: Any) -> bool:
    stated = option.get(name) if isinstance(option, dict) else None
    if isinstance(stated, dict) and isinstance(value, dict):
        return all(stated.get(k) == value.get(k) for k in ("system", "code"))
    return bool(stated == value)


def _items(holder: Json) -> list[Json]:
    items = holder.get("item")
    return [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
