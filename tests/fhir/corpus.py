"""The published corpus that tests may read where it is at hand; nothing of it is in the project."""

import json
import os
import re
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("CONFORMANCE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "fhir"
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published FHIR corpus is not on this machine")
# What the official chain asks of servers and dictionaries that an offline validator does not have. The message on
# MHDlistTypes follows from a wrong display name: the pair of code and name is then refused as a whole.
LEFT_OUT = re.compile(
    r"Unable to resolve|does not resolve|Wrong Display Name|snomed|loinc|Error from https?://"
    r"|MHDlistTypesVS\|4\.2\.3\), and a coding from this value set is required",
    re.IGNORECASE,
)


def load(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def verdicts() -> list[dict[str, Any]]:
    """The official verdicts, one per published example."""
    return list(load(FOLDER / "examples-verdicts.json"))


def kept(official: list[str]) -> list[str]:
    """The official errors that remain once links, display names and international dictionaries are left out."""
    return [line for line in official if not LEFT_OUT.search(line)]


@cache
def asked_of_examples() -> dict[tuple[str, str], str]:
    """The profile that each guide asks of its examples (ImplementationGuide.definition.resource), by guide and reference."""
    asked: dict[tuple[str, str], str] = {}
    for path in sorted((FOLDER / "packages").glob("*.tgz")):
        if path.name.startswith("hl7.fhir.r4.core"):
            continue
        with tarfile.open(path) as archive:
            for member in archive:
                if "/ImplementationGuide-" not in member.name:
                    continue
                stream = archive.extractfile(member)
                guide = json.load(stream) if stream else {}
                base = guide["url"].partition("/ImplementationGuide")[0]
                for resource in guide["definition"]["resource"]:
                    canonical = resource.get("exampleCanonical")
                    if canonical:
                        whole = canonical if "://" in canonical else f"{base}/{canonical}"
                        asked[path.name.removesuffix(".tgz"), resource["reference"]["reference"]] = whole
    return asked


def place_of(official: str) -> str:
    """The place that a line of the official chain names, in the spelling of ours."""
    # "Type/id: place: message", or "place: message"; an entry's resource carries its name between /* and */.
    parts = re.sub(r"/\*.*?\*/", "", official).split(": ")
    named = parts[1] if "/" in parts[0] and len(parts) > 2 else parts[0]
    return named.partition(" ")[0]


def near(one: str, other: str) -> bool:
    """Whether two places are the same, or one inside the other."""
    return one == other or one.startswith((other + ".", other + "[")) or other.startswith((one + ".", one + "["))
