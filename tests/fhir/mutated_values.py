"""Values that differ from those they replace: another code, another target, another type."""

from typing import Any

STRINGS = ("string", "code", "id", "uri", "url", "canonical", "markdown", "oid", "uuid", "base64Binary")
DATES = ("date", "dateTime", "instant")
NUMBERS = ("integer", "positiveInt", "unsignedInt", "decimal")


def coded(value: Any) -> bool:
    if isinstance(value, str):
        return True
    if not isinstance(value, dict):
        return False
    return "code" in value or any("code" in c for c in value.get("coding", []))


def recoded(value: Any) -> Any:
    if isinstance(value, list):
        return [recoded(value[0]), *value[1:]]
    if isinstance(value, str):
        return "zz-inconnu"
    if "coding" in value:
        return {**value, "coding": [{**c, "code": "zz-inconnu"} for c in value["coding"]]}
    return {**value, "code": "zz-inconnu"}


def repointed(value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return [repointed(value[0], kind), *value[1:]]
    return {k: v for k, v in {**value, "reference": f"{kind}/1"}.items() if k != "type"}


def other(value: Any) -> Any:
    if isinstance(value, list):
        return [other(v) for v in value]
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return "autre" if not value.startswith(("http", "urn")) else "urn:oid:1.2.3.4.5"
    return {k: other(v) if k not in ("display", "text") else v for k, v in value.items()}


def example(code: str) -> Any:
    plain = {"time": "12:00:00", "boolean": True, "Ratio": {"numerator": {"value": 1}}, "Money": {"value": 1}, "Reference": {"display": "x"},
             "CodeableConcept": {"text": "x"}, "Period": {"start": "2026"}, "Identifier": {"value": "x"},
             "Annotation": {"text": "x"}, "Coding": {"code": "x"}, "BackboneElement": None}  # fmt: skip
    if code in plain:
        return plain[code]
    return "x" if code in STRINGS else 1 if code in NUMBERS else "2026" if code in DATES else None
