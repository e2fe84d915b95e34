"""Whether an item of a questionnaire is enabled, given the answers of the whole response.

Source: FHIR R4 4.0.1, questionnaire-definitions.html#Questionnaire.item.enableWhen and enableBehavior. A condition on
answers that have no order, or of no known operator, has no answer: the item is then *not checkable*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.checks.fhir.primitives import fault_of

Json = Mapping[str, Any]
Answers = Mapping[str, list[Any]]
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}
_NUMBERS = ("integer", "decimal")


def answers_of(response: Json) -> dict[str, list[Any]]:
    """Every answer of a response by the linkId of its item, wherever it stands."""
    found: dict[str, list[Any]] = {}
    stack: list[Any] = [response]
    while stack:
        holder = stack.pop()
        for item in _objects(holder.get("item")):
            given = found.setdefault(str(item.get("linkId")), [])
            stack.append(item)
            for answer in _objects(item.get("answer")):
                given += [value for name, value in answer.items() if name.startswith("value")]
                stack.append(answer)
    return found


def enabled(question: Json, answers: Answers) -> bool | None:
    """Whether an item is enabled; ``None`` when that cannot be told."""
    conditions = _objects(question.get("enableWhen"))
    if not conditions:
        return True
    told = [_holds(condition, answers) for condition in conditions]
    if question.get("enableBehavior") == "any":
        return True if True in told else None if None in told else False
    if len(told) > 1 and question.get("enableBehavior") != "all":
        return None
    return False if False in told else None if None in told else True


def _holds(condition: Json, answers: Answers) -> bool | None:
    name, wanted = next(((k, v) for k, v in condition.items() if k.startswith("answer")), ("", None))
    given = answers.get(str(condition.get("question")), [])
    operator = condition.get("operator")
    if operator == "exists":
        return bool(given) is wanted if isinstance(wanted, bool) else None
    if operator == "=":
        return any(_same(value, wanted) for value in given)
    if operator == "!=":
        return bool(given) and not any(_same(value, wanted) for value in given)
    order = _ORDERS.get(str(operator))
    code = name.removeprefix("answer").lower()
    if order is None or code not in _NUMBERS:
        return None
    return any(order(value, wanted) for value in given if not fault_of(code, value))


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(value.get(k) == wanted.get(k) for k in ("system", "code"))
    return bool(value == wanted) and isinstance(value, bool) is isinstance(wanted, bool)


def _objects(value: Any) -> list[Json]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
