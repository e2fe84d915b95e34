"""Random shapes: documents broken in ways that no person would write."""

import copy
import random
from typing import Any

VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, float("inf"), "", " ", "x", "#", "#a", "urn:uuid:x", "Patient/1", "http://a/Patient/1",
    "2020-02-30", "2020", [], {}, [[]], [None], [{}], {"a": 1}, {"resourceType": "Patient"}, {"resourceType": 3},
    {"reference": "#"}, {"reference": 4}, {"coding": 3}, {"coding": [{}]}, {"url": "x"}, {"extension": [{"url": 1}]},
    {"profile": [1]}, {"contained": {}}, "<div/>", {"system": [], "code": {}}, ["a", {"b": []}], {"value": {}}, {"start": 1, "end": []},
]  # fmt: skip
NAMES = [
    "id", "meta", "extension", "modifierExtension", "contained", "resourceType", "_id", "value", "valueCode", "reference", "url",
    "identifier", "entry", "resource", "request", "fullUrl", "profile", "text", "div", "coding", "type", "_type", "data", "hash", "size",
    "item", "answer", "questionnaire", "linkId", "system", "code", "status", "", "_", "valueReference", "subject",
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            found += [(item, key) for key in item]
            stack += item.values()
        elif isinstance(item, list):
            found += [(item, i) for i in range(len(item))]
            stack += item
    return found


def broken(document: Any, rng: random.Random) -> Any:
    """A copy with one to four things replaced, removed, added, wrapped or moved."""
    made = copy.deepcopy(document)
    for _ in range(rng.randint(1, 4)):
        spots = places(made)
        if not spots:
            return made
        holder, key = rng.choice(spots)
        how = rng.randint(0, 5)
        if how == 0:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
        elif how == 1:
            del holder[key]
        elif how == 2:
            holder[key] = [holder[key]]
        elif how == 3 and isinstance(holder, dict):
            holder[rng.choice(NAMES)] = copy.deepcopy(rng.choice(VALUES))
        elif how == 4:
            other, name = rng.choice(spots)
            if isinstance(other, dict) or (isinstance(name, int) and name < len(other)):
                holder[key] = copy.deepcopy(other.get(name) if isinstance(other, dict) else other[name])
        elif isinstance(holder[key], list) and holder[key]:
            holder[key] = holder[key][0]
    return made
