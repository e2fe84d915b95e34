"""The JSON Schemas of the outputs (``conformance/schemas``), ready to validate."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

NAMES = ("finding", "verdicts", "manifest", "rejudge", "check", "coverage", "profile", "selftest", "doctor")


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema ``<name>.json``, parsed."""
    text = (resources.files("conformance") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


@cache
def validator(name: str) -> Draft202012Validator:
    """A validator of ``<name>.json`` that knows the schemas it refers to; nothing is fetched."""
    known: Registry[Any] = Registry().with_resources(
        (f"{each}.json", Resource.from_contents(schema(each))) for each in NAMES
    )
    return Draft202012Validator(schema(name), registry=known)
