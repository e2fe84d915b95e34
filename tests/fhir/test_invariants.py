"""Invariants: the plain functions answer like the general engine does, and the engine's gaps are covered."""

import itertools
from typing import Any

import pytest

from conformance.checks.fhir.definitions import bundled
from conformance.checks.fhir.expressions import NotCheckable, Scope, evaluate
from conformance.checks.fhir.index import Frame, Index
from conformance.checks.fhir.invariants import NATIVE, before, native
from conformance.checks.fhir.presence import presence


def scope(resource: dict[str, Any]) -> Scope:
    return Scope(Frame(resource), Index(resource))


def test_presence_is_asked_as_the_engine_asks_it() -> None:
    expressions = {c[2] for table in bundled().tables for c in table["constraints"]}
    plain = sorted(e for e in expressions if presence(e) is not None)
    assert len(plain) > 50
    for expression in plain:
        names = sorted({n for n in expression.replace("(", " ").replace(".", " ").split() if n.isidentifier()})
        members = [n for n in names if n not in ("exists", "empty", "not", "and", "or", "xor", "implies")][:5]
        test = presence(expression)
        assert test is not None
        for chosen in itertools.product((False, True), repeat=len(members)):
            value = {name: "x" for name, there in zip(members, chosen, strict=True) if there}
            assert test(value) is evaluate(expression, value, "", scope(value)), (expression, value)


def test_presence_knows_a_choice_from_a_longer_name() -> None:
    test = presence("period.exists()")
    assert test is not None
    assert test({"periodUnit": "d"}) is False
    assert test({"periodPeriod": {}}) is True
    assert presence("period >= 0") is None
    assert presence("(a.exists()") is None


SAMPLES: list[dict[str, Any]] = [
    {}, {"code": "a"}, {"system": "a"}, {"code": "a", "system": "b"}, {"value": "a"}, {"value": "a", "system": "b"}, {"data": "AA=="},
    {"data": "AA==", "contentType": "a/b"}, {"use": "home"}, {"use": "work"}, {"comparator": "<"}, {"start": "2026-01-01"},
    {"start": "2026-01-02", "end": "2026-01-01"}, {"start": "2026-01-01", "end": "2026-01-01"}, {"type": [{"text": "a"}]},
    {"fullUrl": "http://a/_history/1"}, {"fullUrl": "http://a/1"}, {"operator": "exists"}, {"operator": "="},
]  # fmt: skip


@pytest.mark.parametrize("expression", [e for e in NATIVE if "%resource" not in e and "htmlChecks" not in e and "answer is" not in e and "_history" not in e
                                        and "contained" not in e and "trace" not in e])  # fmt: skip
def test_plain_rules_answer_like_their_expression(expression: str) -> None:
    rule = native("", expression)
    assert rule is not None
    for value in SAMPLES:
        base = "Period" if "start" in value else "Quantity" if "comparator" in value else ""
        assert bool(rule(value, Frame(value))) is evaluate(expression, value, base, scope(value)), value


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        ({"type": "transaction", "entry": [{"request": {}}]}, [True, True, True]),
        ({"type": "transaction", "entry": [{}]}, [False, True, True]),
        ({"type": "transaction-response", "entry": [{"response": {}}]}, [True, True, True]),
        ({"type": "transaction-response", "entry": [{}]}, [True, False, True]),
        ({"type": "searchset", "entry": [{"fullUrl": "a"}, {"fullUrl": "a"}]}, [True, True, False]),
        ({"type": "history", "entry": [{"fullUrl": "a", "request": {}, "response": {}}] * 2}, [True, True, True]),
    ],
)
def test_bundle_rules_answer_in_one_pass(bundle: dict[str, Any], expected: list[bool]) -> None:
    rules = [
        r for e, r in NATIVE.items() if e.startswith(("entry.all(request", "entry.all(response", "(type = 'history')"))
    ]
    assert [rule(bundle, Frame(bundle)) for rule in rules] == expected


@pytest.mark.parametrize(
    ("start", "end", "answer"),
    [
        ("2026", "2025-12", False),
        ("2026", "2026-03", None),
        ("2026-01-01", "2026-01-01", True),
        ("2026-01-01T10:00:00+01:00", "2026-01-01T09:30:00Z", True),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:30:00+01:00", False),
        ("2026-01-02T00:30:00+02:00", "2026-01-01T23:00:00Z", True),
        ("2026-01-01T10:00:00Z", "2026-01-01", None),
    ],
)
def test_dates_compare_as_far_as_their_precision_goes(start: str, end: str, answer: bool | None) -> None:
    assert before(start, end) is answer


def test_the_gaps_of_the_engine_are_covered(capsys: pytest.CaptureFixture[str]) -> None:
    patient = {"resourceType": "Patient", "id": "a", "gender": "male"}
    assert evaluate("gender.hasValue()", patient, "Patient", scope(patient))
    assert evaluate("gender.trace('g') = 'male'", patient, "Patient", scope(patient))
    assert capsys.readouterr().out == ""
    task = {"type": {"text": "a"}, "valueCode": "x"}
    assert evaluate("value.exists()", task, "Task.input", scope(task))
    assert evaluate("value='POST' or value='PUT'", "PUT", "code", scope({}))
    assert not evaluate("value='POST' or value='PUT'", "DELETE", "code", scope({}))
    holder = {"resourceType": "CareTeam", "contained": [{"resourceType": "Practitioner", "id": "p"}]}
    member = {"member": {"reference": "#p"}}
    assert evaluate("member.resolve().ofType(Practitioner).exists()", member, "CareTeam.participant", scope(holder))
    assert not evaluate("{}", patient, "Patient", scope(patient))


@pytest.mark.parametrize("expression", ["memberOf('http://x')", "a +", "x" * 9000, "'a' + 1", "a.matches('(3+)+x')"])
def test_what_the_engine_cannot_do_is_not_checkable(expression: str) -> None:
    with pytest.raises(NotCheckable):
        evaluate(expression, {"a": 1}, "", scope({}))


def test_dates_of_different_precision_are_not_told_apart() -> None:
    expression = "lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn"
    rule = native("inv-1", expression)
    assert rule is not None
    task = {"authoredOn": "2026-03-01T09:00:00Z", "lastModified": "2026-03-01"}
    assert rule(task, Frame(task)) is None
    assert rule({**task, "authoredOn": "2026-03-02"}, Frame(task)) is False
    assert rule({**task, "authoredOn": "2026-02"}, Frame(task)) is True


def test_content_too_large_for_an_expression_is_not_checkable() -> None:
    large = {"item": [{"a": i} for i in range(20_000)]}
    with pytest.raises(NotCheckable):
        evaluate("item.a.isDistinct()", large, "", scope(large))
    text = {"value": "3" * 5_000}
    with pytest.raises(NotCheckable):
        evaluate("value.matches('3+x')", text, "", scope(text))


def _evaluated(expression: str) -> bool:
    basic = {"resourceType": "Basic"}
    for value, base in ((basic, ""), ("text", "string")):
        try:
            evaluate(expression, value, base, scope(basic))
        except NotCheckable as exc:
            if str(exc) != "∅":
                continue
        return True
    return False


def test_every_expression_of_the_tables_is_evaluated_on_a_resource_or_on_a_text() -> None:
    expressions = {c[2] for table in bundled().tables for c in table["constraints"] if c[2]}
    assert len(expressions) > 200
    assert [e for e in expressions if not _evaluated(e)] == []
