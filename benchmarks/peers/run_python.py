"""One FHIR validator of PyPI on a work file, in an interpreter of its own: ``run_python.py NAME WORK.json``.

The work file holds ``documents`` (a list) and ``definitions`` (a folder of StructureDefinitions). The answer, on standard
output, is ``{"load": seconds, "errors": [[text, …], …], "ms": [milliseconds, …]}`` in the order of the documents.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Judge = Callable[[Any], list[str]]


def pyrofile(folder: Path) -> Judge:
    """pyrofile-validator, on local profiles and terminology."""
    config = import_module("pyrofile_validator.config").ValidatorConfig(local_package_paths=[str(folder)])
    validator = import_module("pyrofile_validator.core.engine").Validator(config)

    def judge(document: Any) -> list[str]:
        found = validator.validate_resource(document).issues
        return [
            f"{i.path} {i.message}" for i in found if str(getattr(i.severity, "value", i.severity)).lower() == "error"
        ]

    return judge


def hl7fhirgen(folder: Path) -> Judge:
    """hl7fhirgen, on the profiles that a resource declares, or on its type."""
    structure = import_module("hl7fhirgen.structure_definition").StructureDefinition
    validate = import_module("hl7fhirgen.validator").validate_resource
    known = {d["url"]: d for d in (json.loads(p.read_bytes()) for p in folder.glob("StructureDefinition-*.json"))}
    made: dict[str, Any] = {}

    def judge(document: Any) -> list[str]:
        meta = document.get("meta")
        declared = meta.get("profile", []) if isinstance(meta, dict) else []
        urls = [u for u in declared if u in known] or [
            f"http://hl7.org/fhir/StructureDefinition/{document['resourceType']}"
        ]
        told = []
        for url in urls:
            made.setdefault(url, structure.from_dict(known[url]))
            told += [f"{i.path} {i.message}" for i in validate(document, made[url]).issues if i.severity == "error"]
        return told

    return judge


def fhirkit(folder: Path) -> Judge:
    """fhirkit-rs, the base specification only."""
    del folder
    validate = import_module("fhirkit").validate
    return lambda document: [str(i) for i in validate(document) if str(i).startswith("error")]


def fhir_resources(folder: Path) -> Judge:
    """fhir.resources: pydantic models of R4B, the base specification only."""
    del folder
    get = import_module("fhir.resources.R4B").get_fhir_model_class

    def judge(document: Any) -> list[str]:
        try:
            get(document["resourceType"]).model_validate(document)
        except Exception as exc:  # noqa: BLE001 - its errors are of many classes
            return [line for line in str(exc).splitlines() if line and not line.startswith(" ")][1:] or [str(exc)]
        return []

    return judge


def main(name: str, work: Path) -> None:
    """Judge every document, three times for the time."""
    asked = json.loads(work.read_bytes())
    started = time.process_time()
    # Some print while they judge.
    with contextlib.redirect_stdout(io.StringIO()):
        judge: Judge = globals()[name](Path(asked["definitions"]))
        load = time.process_time() - started
        errors, ms = [], []
        for document in asked["documents"]:
            best = 1e9
            for _ in range(3):
                began = time.process_time()
                try:
                    told = judge(document)
                except Exception as exc:  # noqa: BLE001 - a validator that breaks has said something
                    told = [f"crash {type(exc).__name__}"]
                best = min(best, time.process_time() - began)
            errors.append(told)
            ms.append(best * 1000)
    json.dump({"load": load, "errors": errors, "ms": ms}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
