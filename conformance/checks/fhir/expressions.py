"""FHIRPath expressions of guides, parsed once, evaluated by fhirpathpy under bounds, with its gaps filled.

What fhirpathpy 2.2.4 lacks or does otherwise, and what is done here:

- ``hasValue()``, ``resolve()``, ``htmlChecks()``, ``memberOf()``, ``conformsTo()`` do not exist: the first three are
  given; a rule that calls another is *not checkable*;
- ``compile`` forgets the base path, so that ``value`` does not find ``valueCode``: the content is wrapped with the
  path of its definition;
- ``trace()`` prints on standard output: it is given a silent callback;
- ``$this`` at the root raises: it is read as ``%context``;
- ``value`` inside a rule on a primitive finds nothing: it is read as ``$this``;
- a comparison of two Quantities, or of an operand of several values, raises: *not checkable*, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from conformance.checks.fhir.index import Frame, Index

# An expression walks its content a few times: beyond these it is not evaluated (and said so).
NODES = 20_000
# The longest text that a pattern is tried on: patterns of guides are for identifiers, codes and names.
TEXT = 4_000
LENGTH = 8_000
_PARTS = re.compile(r"'(?:[^'\\]|\\.)*'|\$this|\w+\(|[()]|\w+|.", re.DOTALL)
_PATTERNS = ("matches(", "replaceMatches(")
# A repetition of one repeated atom takes exponential time: ``(a+)+``.
_EXPLOSIVE = re.compile(r"\((?:\?:)?(?:\[[^\]]*\]|\\?.)[+*]\)[+*{]")
_ORDER = re.compile(r"^(?!.*(?:toInteger|length)\().*[<>]", re.DOTALL)
_VALUE = re.compile(r"(?<![\w.$'])value\b(?!')")
_FOLLOWED = ("resolve", "%resource", "%rootResource", "descendants")


class _Engine(NamedTuple):
    """What is asked of fhirpathpy: parse, apply, its model of R4, its node and how one is made."""

    parse: Callable[[str], Any]
    apply: Callable[..., Any]
    model: Any
    node: type[Any]
    wrap: Callable[..., Any]


@cache
def _engine() -> _Engine:
    """The engine, loaded when an expression first needs it: most rules of the base do without."""
    import fhirpathpy
    from fhirpathpy.engine.nodes import ResourceNode
    from fhirpathpy.models import models
    from fhirpathpy.parser import parse

    return _Engine(parse, fhirpathpy.apply_parsed_path, models["r4"], ResourceNode, ResourceNode.create_node)


class NotCheckable(Exception):
    """Why an expression was not evaluated."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is evaluated: its resource, and the document for ``resolve()``."""

    frame: Frame
    index: Index


@lru_cache(maxsize=2048)
def _parsed(expression: str) -> Any:
    if len(expression) > LENGTH:
        raise NotCheckable(f"> {LENGTH}")
    if _EXPLOSIVE.search(expression):
        raise NotCheckable("matches()")
    try:
        return _engine().parse(_rooted(expression))
    except Exception as exc:
        raise NotCheckable(f"{type(exc).__name__}: {str(exc)[:120]}") from exc


def _rooted(expression: str) -> str:
    """``$this`` outside of any function's arguments is what the rule is about: the engine calls that ``%context``."""
    made: list[str] = []
    calls: list[bool] = []
    for part in _PARTS.findall(expression):
        if part.endswith("("):
            calls.append(part != "(")
        elif part == ")" and calls:
            calls.pop()
        made.append("%context" if part == "$this" and not any(calls) else part)
    return "".join(made)


def evaluate(expression: str, value: Any, base: str, scope: Scope) -> bool:
    """Whether an invariant holds on a value; ``base`` is its type or the path of its definition.

    Anything but a true answer or a non-boolean one is a violation, nothing at all included (R4,
    ElementDefinition.constraint.expression), but for a comparison without an answer. Raises :class:`NotCheckable`.
    """
    if not isinstance(value, dict):
        # Guides write ``value`` for a primitive itself (req-met of the care team guide); engines differ on it.
        expression = _VALUE.sub("$this", expression)
    tree = _parsed(expression)
    followed = any(word in expression for word in _FOLLOWED)
    _bounded(scope.frame.root if followed else value, patterns=any(word in expression for word in _PATTERNS))
    resource = isinstance(value, dict) and "resourceType" in value
    wrapped = value if resource else _engine().wrap(value, base or None)
    around = {"resource": scope.frame.resource, "rootResource": scope.frame.root, "context": wrapped}
    options = {"userInvocationTable": _functions(scope), "traceFn": _silent, "returnRawData": True}
    try:
        answer = _engine().apply(wrapped, tree, around, _engine().model, options)
    except Exception as exc:  # The engine raises plain exceptions for all it does not know.
        raise NotCheckable(f"{type(exc).__name__}: {str(exc)[:120]}") from exc
    answer = [item for item in answer if _plain(item) is not None]
    if not answer and _ORDER.search(expression):
        # Dates of different precision have no order: nothing can be told (FHIRPath 2.0.0, comparison).
        raise NotCheckable("∅")
    return bool(answer) and not any(_plain(item) is False for item in answer)


def _bounded(value: Any, *, patterns: bool) -> None:
    """Refuse content that would make an expression slow: too many nodes, or a text too long for a pattern."""
    nodes, stack = 0, [value]
    while stack:
        item = stack.pop()
        nodes += 1
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        elif patterns and isinstance(item, str) and len(item) > TEXT:
            raise NotCheckable(f"> {TEXT}")
        if nodes > NODES:
            raise NotCheckable(f"> {NODES}")


def _functions(scope: Scope) -> dict[str, Any]:
    def resolve(items: list[Any]) -> list[Any]:
        targets = [scope.index.resolve(_plain(item), scope.frame).resource for item in items]
        # The type travels with the node: without it ``ofType()`` would not know the resource.
        return [_engine().wrap(target, str(target.get("resourceType"))) for target in targets if target is not None]

    return {
        "hasValue": {"fn": _has_value, "arity": {0: []}},
        "htmlChecks": {"fn": lambda _: [True], "arity": {0: []}},
        "resolve": {"fn": resolve, "arity": {0: []}},
    }


def _has_value(items: list[Any]) -> list[bool]:
    return [len(items) == 1 and not isinstance(_plain(items[0]), (dict, list, type(None)))]


def _plain(item: Any) -> Any:
    return item.data if isinstance(item, _engine().node) else item


def _silent(value: Any, label: Any = None) -> None:
    del value, label
