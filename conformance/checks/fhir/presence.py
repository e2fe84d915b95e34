"""Invariants that only ask which members are there, turned into plain functions.

Two invariants out of five are of this kind (``a.exists() or b.empty()``); the general engine spends most of its time on
them. The grammar is a part of FHIRPath 2.0.0, with its precedences: ``=`` binds before ``and``, then ``or`` and ``xor``,
then ``implies``. Anything else is left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Test = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(r"\s*(?:([A-Za-z]\w*)\.(exists|empty)\(\)((?:\.not\(\))?)|(and|or|xor|implies)\b|([()=]))")
_LEVELS: tuple[Mapping[str, Callable[[bool, bool], bool]], ...] = (
    {"implies": lambda a, b: not a or b},
    {"or": lambda a, b: a or b, "xor": lambda a, b: a is not b},
    {"and": lambda a, b: a and b},
    {"=": lambda a, b: a is b},
)


# The types that a choice element may name (R4 4.0.1, datatypes.html#open): ``periodUnit`` is no choice of ``period``.
_TYPES = frozenset(
    [
        "Base64Binary",
        "Boolean",
        "Canonical",
        "Code",
        "Date",
        "DateTime",
        "Decimal",
        "Id",
        "Instant",
        "Integer",
        "Markdown",
        "Oid",
        "PositiveInt",
        "String",
        "Time",
        "UnsignedInt",
        "Uri",
        "Url",
        "Uuid",
        "Address",
        "Age",
        "Annotation",
        "Attachment",
        "CodeableConcept",
        "Coding",
        "ContactPoint",
        "Count",
        "Distance",
        "Duration",
        "HumanName",
        "Identifier",
        "Money",
        "Period",
        "Quantity",
        "Range",
        "Ratio",
        "Reference",
        "SampledData",
        "Signature",
        "Timing",
        "ContactDetail",
        "Contributor",
        "DataRequirement",
        "Expression",
        "ParameterDefinition",
        "RelatedArtifact",
        "TriggerDefinition",
        "UsageContext",
        "Dosage",
        "Meta",
    ]
)


class _Other(Exception):
    """The expression says more than this grammar does."""


@lru_cache(maxsize=2048)
def presence(expression: str) -> Test | None:
    """The plain function of an expression, or ``None`` when it asks for more than presence."""
    try:
        tokens = _tokens(expression)
        made, rest = _level(tokens, 0)
    except _Other:
        return None
    return None if rest else made


def there(value: Mapping[str, Any], name: str) -> bool:
    """Whether an object has a member: as itself, by its extensions alone, or as one type of a choice."""
    if value.get(name) not in (None, []) or f"_{name}" in value:
        return True
    width = len(name)
    return any(key.startswith(name) and key[width:] in _TYPES for key in value)


def _tokens(expression: str) -> list[str | Test]:
    found: list[str | Test] = []
    position = 0
    while position < len(expression.rstrip()):
        match = _TOKEN.match(expression, position)
        if match is None:
            raise _Other
        name, call, negated, word, sign = match.groups()
        found.append(_atom(name, (call == "exists") is not bool(negated)) if name else word or sign)
        position = match.end()
    return found


def _atom(name: str, wanted: bool) -> Test:
    return lambda value: there(value, name) is wanted


def _level(tokens: list[str | Test], depth: int) -> tuple[Test, list[str | Test]]:
    if depth == len(_LEVELS):
        return _single(tokens)
    left, rest = _level(tokens, depth + 1)
    while rest and isinstance(rest[0], str) and rest[0] in _LEVELS[depth]:
        operation = _LEVELS[depth][rest[0]]
        right, rest = _level(rest[1:], depth + 1)
        left = _joined(left, operation, right)
    return left, rest


def _joined(left: Test, operation: Callable[[bool, bool], bool], right: Test) -> Test:
    return lambda value: operation(left(value), right(value))


def _single(tokens: list[str | Test]) -> tuple[Test, list[str | Test]]:
    if not tokens:
        raise _Other
    first, rest = tokens[0], tokens[1:]
    if not isinstance(first, str):
        return first, rest
    if first != "(":
        raise _Other
    inside, rest = _level(rest, 0)
    if not rest or rest[0] != ")":
        raise _Other
    return inside, rest[1:]
