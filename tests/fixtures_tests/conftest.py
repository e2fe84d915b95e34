"""People, documents and published material that these tests share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from conformance._bundled.fixtures.documents.model import DocumentSpec, document_of
from conformance._bundled.fixtures.people import Population

SEED = 20_260_301
PARIS = timezone(timedelta(hours=1))
ACT = datetime(2026, 3, 1, 10, 30, 5, tzinfo=PARIS)


@pytest.fixture
def population() -> Population:
    return Population(SEED)


@pytest.fixture
def document(population: Population) -> Callable[..., DocumentSpec]:
    """A document of a person; keywords are those of ``document_of``, ``status`` and ``origin`` those of a person."""

    def make(role: str = "usager", **asked: Any) -> DocumentSpec:
        chosen = {name: asked.pop(name) for name in ("status", "origin") if name in asked}
        person = population.person("essai", role, **chosen)
        defaults = {"author": population.professional, "structure": population.structure, "act_date": ACT}
        return document_of(SEED, "essai", role, person=person, **{**defaults, **asked})

    return make


@pytest.fixture(scope="session")
def published() -> Path:
    """The published CDA material, which stays out of the project."""
    for parent in Path(__file__).resolve().parents:
        found = parent / "shared" / "corpus" / "cda"
        if found.is_dir():
            return found
    pytest.skip("the published CDA schemas and value sets are not on this machine")
