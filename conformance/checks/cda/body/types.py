"""Which published type a document declares, and in which version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from conformance.checks.cda.body.tables import Model, tables
from conformance.checks.cda.rules import at
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.core.finding import Finding, error, warning

# The arc of the types of document (CI-SIS, volets de contenu).
_TYPES = "1.2.250.1.213.1.1.1."
_VERSION = re.compile(r"20\d\d\.\d\d", re.ASCII)


# Weak, so that nothing of a document outlives it.
_MODELS: WeakKeyDictionary[ModelledBody, Model | None] = WeakKeyDictionary()


def model_of(body: ModelledBody) -> Model | None:
    """The type whose template the document declares; a type without structure is known by its code."""
    if body not in _MODELS:
        _MODELS[body] = _found(body)
    return _MODELS[body]


def _found(body: ModelledBody) -> Model | None:
    for model in tables().models:
        if model.structured:
            if model.mark in body.declared and body.structured is not None:
                return model
        elif body.document.code == model.code and body.structured is None:
            return model
    return None


def version_fault(body: ModelledBody, model: Model) -> Iterator[Finding]:
    """What is wrong with the versions of the templates declared.

    A version later than those of our tables is a warning, since types go on being published; one that cannot have been
    is an error. A template that is not versioned takes no version.
    """
    own = {"model": model.name, "rule": model.mark, "family": "OURS", "beyond": True}
    for element in body.document.find("h:templateId"):
        root, version = element.get("root", ""), element.get("extension")
        if version is None:
            continue
        place = at(body.document, element, "extension")
        if root == model.mark and model.versions:
            if version in model.versions:
                continue
            later = _VERSION.fullmatch(version) and version > max(v for v in model.versions if "." in v)
            told = warning if later else error
            yield told("cda.n3.version", where=place, expected=" | ".join(model.versions), got=version, **own)
        elif root in model.declares or root == model.mark:
            yield error("cda.n3.unversioned", where=place, expected=root, got=version, **own)


def impossible_versions(body: ModelledBody) -> Iterator[Finding]:
    """The versions that no type of the CI-SIS can have: a year and a month, since 2010.

    For a type that is not in our tables; 201310 is how the first VSM wrote it.
    """
    for element in body.document.find("h:templateId"):
        root, version = element.get("root", ""), element.get("extension")
        if version is None or not root.startswith(_TYPES) or _VERSION.fullmatch(version) or version == "201310":
            continue
        own = {"model": root, "rule": root, "family": "OURS", "beyond": True}
        place = at(body.document, element, "extension")
        yield error("cda.n3.version", where=place, expected="20YY.MM", got=version, **own)
