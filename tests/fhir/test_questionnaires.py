"""Answers to the Questionnaires that TDDUI publishes, and conditions between questions."""

from typing import Any

import pytest

from conformance.checks.fhir.judge import bundled_validator
from conformance.checks.fhir.questionnaire_conditions import answers_of, enabled
from conformance.core.words import Level
from tests.fhir import documents as made

FORMS = "https://interop.esante.gouv.fr/ig/fhir/tddui/Questionnaire/tddui-questionnaire-"
CISIS = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
ICF = "http://hl7.org/fhir/sid/icf"
GIR = {"system": CISIS, "code": "MED-340"}


def response(form: str, items: list[Any], status: str = "completed") -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "questionnaire": FORMS + form, "status": status, "item": items}


def grid(form: str = "aggir-ph-ssiad") -> dict[str, Any]:
    thought = {
        "linkId": "fonction-pensee",
        "answer": [
            {
                "valueCoding": {"system": ICF, "code": "qf2"},
                "item": [{"linkId": "pensee-spont", "answer": [{"valueBoolean": True}]}],
            }
        ],
    }
    return response(form, [{"linkId": "resultat-eval", "answer": [{"valueCoding": GIR, "item": [thought]}]}])


def found(document: Any, level: Level = Level.ERROR) -> set[tuple[str, str]]:
    told = bundled_validator().validate(document)
    return {(f.code, f.where.fhirpath) for f in told if f.level is level and "questionnaire" in f.code}


@pytest.mark.parametrize(
    "document",
    [
        grid(),
        grid("aggir-pa-ssiad"),
        response("serafin", [{"linkId": "besoin-douleur", "answer": [{"valueInteger": 3}]}]),
        response("situation-ssiad", [{"linkId": "obesite", "answer": [{"valueBoolean": False}]}]),
    ],
    ids=["aggir-ph", "aggir-pa", "serafin", "situation"],
)
def test_answers_to_a_published_questionnaire_are_known(document: dict[str, Any]) -> None:
    assert found(document) == set()
    assert found(document, Level.INFO) == set()


ANSWER = "item.0.answer.0.item.0.answer.0"
PLACE = "QuestionnaireResponse.item[0].answer[0].item[0]"


@pytest.mark.parametrize(
    ("path", "value", "code", "place"),
    [
        ("item.0.linkId", "resultat", "unknown", "QuestionnaireResponse.item[0]"),
        ("item.0.answer.0.valueCoding.code", "MED-1", "option", "QuestionnaireResponse.item[0].answer[0]"),
        ("item.0.answer.1", {"valueCoding": GIR}, "repeated", "QuestionnaireResponse.item[0]"),
        ("item.0.answer.0.item.0.linkId", "fonction", "unknown", PLACE),
        (ANSWER + ".valueCoding.code", "qf3", "option", PLACE + ".answer[0]"),
        (ANSWER + ".valueCoding.system", CISIS, "option", PLACE + ".answer[0]"),
        (ANSWER + ".item.0.answer.0", {"valueString": "oui"}, "type", PLACE + ".answer[0].item[0].answer[0]"),
        (ANSWER + ".item.0.linkId", "laver-spont", "unknown", PLACE + ".answer[0].item[0]"),
        ("item.0.item", [{"linkId": "fonction-pensee"}], "nesting", "QuestionnaireResponse.item[0].item"),
    ],
)
def test_a_wrong_answer_is_told_at_its_place(path: str, value: Any, code: str, place: str) -> None:
    assert (f"fhir.questionnaire.{code}", place) in found(made.put(grid(), path, value))


def condition(operator: str, **answer: Any) -> dict[str, Any]:
    return {"enableWhen": [{"question": "1", "operator": operator, **answer}]}


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ({}, [], True),
        (condition("exists", answerBoolean=True), [{"valueInteger": 1}], True),
        (condition("exists", answerBoolean=True), [], False),
        (condition("exists", answerBoolean=False), [], True),
        (condition("=", answerCoding=GIR), [{"valueCoding": {**GIR, "display": "GIR-2"}}], True),
        (condition("=", answerCoding=GIR), [{"valueCoding": {"system": ICF, "code": "MED-340"}}], False),
        (condition("!=", answerString="a"), [{"valueString": "b"}], True),
        (condition("!=", answerString="a"), [], False),
        (condition(">", answerInteger=2), [{"valueInteger": 3}], True),
        (condition("<=", answerInteger=2), [{"valueInteger": 3}], False),
        (condition(">", answerDate="2026"), [{"valueDate": "2027"}], None),
        (condition("in", answerString="a"), [{"valueString": "a"}], None),
    ],
)
def test_an_item_is_enabled_by_other_answers(question: Any, answer: list[Any], told: bool | None) -> None:
    response = {"item": [{"linkId": "1", "answer": answer}] if answer else []}
    assert enabled(question, answers_of(response)) is told


@pytest.mark.parametrize(("behaviour", "told"), [("any", True), ("all", False), (None, None)])
def test_several_conditions_meet_by_their_behaviour(behaviour: str | None, told: bool | None) -> None:
    yes, no = (condition("exists", answerBoolean=b)["enableWhen"][0] for b in (True, False))
    question = {"enableWhen": [yes, no], **({"enableBehavior": behaviour} if behaviour else {})}
    assert enabled(question, {"1": [1]}) is told


def test_a_question_that_is_not_to_be_asked_has_no_answer() -> None:
    document = made.questionnaire_response()
    document["contained"][0]["item"][3]["enableWhen"][0]["answerBoolean"] = False
    assert ("fhir.questionnaire.disabled", "QuestionnaireResponse.item[3]") in found(document)
    del document["item"][3]
    assert found(document) == set()


def test_a_question_that_is_to_be_asked_is_required() -> None:
    document = made.questionnaire_response()
    del document["item"][3]
    assert ("fhir.questionnaire.required", "QuestionnaireResponse") in found(document)


def test_answers_of_a_list_at_hand_are_looked_up() -> None:
    document = made.questionnaire_response()
    question = document["contained"][0]["item"][1]
    del question["answerOption"]
    question["answerValueSet"] = "http://hl7.org/fhir/ValueSet/administrative-gender"
    coding = document["item"][1]["answer"][0]["valueCoding"]
    coding.update(system="http://hl7.org/fhir/administrative-gender", code="female")
    assert found(document) == set()
    coding["code"] = "A"
    assert ("fhir.questionnaire.option", "QuestionnaireResponse.item[1].answer[0]") in found(document)
    question["answerValueSet"] = "http://x.test/vs"
    assert ("fhir.not-checkable.questionnaire-list", "QuestionnaireResponse.item[1].answer[0]") in found(
        document, Level.INFO
    )
