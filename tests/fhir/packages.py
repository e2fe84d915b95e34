"""A small guide of ours, built as a package: one profile per way of slicing."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

GUIDE = "http://guide.test/fhir"
CORE = "http://hl7.org/fhir/StructureDefinition/"
Row = dict[str, Any]


def element(id: str, types: list[Any] | None = None, **members: Any) -> Row:
    path = ".".join(part.partition(":")[0] for part in id.split("."))
    most = members.get("max", "1")
    made: Row = {
        "id": id,
        "path": path,
        "min": 0,
        "max": most,
        "base": {"path": path, "min": 0, "max": members.pop("base", most)},
    }
    if types:
        made["type"] = [t if isinstance(t, dict) else {"code": t} for t in types]
    return {**made, **members}


def profile(name: str, type: str, elements: list[Row], version: str = "1.0.0") -> Row:
    return {
        "resourceType": "StructureDefinition", "url": f"{GUIDE}/StructureDefinition/{name}", "version": version, "name": name,
        "kind": "resource", "abstract": False, "type": type, "baseDefinition": CORE + type, "derivation": "constraint",
        "snapshot": {"element": [element(type, max="*"), element(f"{type}.meta", ["Meta"]), element(f"{type}.contained", ["Resource"], max="*"), *elements]},
    }  # fmt: skip


def notes(
    discriminator: list[dict[str, str]], slices: list[Row], rules: str = "open", *, ordered: bool = False
) -> list[Row]:
    """Basic.identifier, sliced."""
    sliced = element("Basic.identifier", ["Identifier"], max="*")
    sliced["slicing"] = {"discriminator": discriminator, "rules": rules, "ordered": ordered}
    return [sliced, *slices, element("Basic.code", ["CodeableConcept"]), element("Basic.subject", ["Reference"])]


def part(name: str, children: dict[str, Row], **members: Any) -> list[Row]:
    """One slice of Basic.identifier."""
    made = [element(f"Basic.identifier:{name}", ["Identifier"], **{"base": "*", "max": "*", **members})]
    types = {"use": "code", "system": "uri", "value": "string", "period": "Period", "assigner": "Reference"}
    for child, type in types.items():
        made.append({**element(f"Basic.identifier:{name}.{child}", [type]), **children.get(child, {})})
    return made


SYSTEM = [{"type": "value", "path": "system"}]
A = part("a", {"system": {"fixedUri": "urn:a"}}, min=1, max="1")
B = part("b", {"system": {"patternUri": "urn:b"}}, max="*")


def definitions() -> list[Row]:
    """Everything the guide publishes."""
    by_system = {"open": "open", "closed": "closed", "at-end": "openAtEnd"}
    made = [profile(name, "Basic", notes(SYSTEM, [*A, *B], rules)) for name, rules in by_system.items()]
    made.append(profile("ordered", "Basic", notes(SYSTEM, [*A, *B], ordered=True)))
    dated = part("dated", {"period": {"min": 1}}, max="1")
    undated = part("undated", {"period": {"max": "0"}}, max="1")
    made.append(profile("exists", "Basic", notes([{"type": "exists", "path": "period"}], [*dated, *undated])))
    to = {"type": [{"code": "Reference", "targetProfile": [CORE + "Organization"]}]}
    resolved = part("organised", {"assigner": {**to, "min": 1}}, min=1)
    made.append(profile("type", "Basic", notes([{"type": "type", "path": "assigner.resolve()"}], resolved)))
    to = {"type": [{"code": "Reference", "targetProfile": [f"{GUIDE}/StructureDefinition/named"]}]}
    made.append(
        profile(
            "profile",
            "Basic",
            notes([{"type": "profile", "path": "assigner.resolve()"}], part("named", {"assigner": to}, min=1)),
        )
    )
    named = profile(
        "named", "Organization", [element("Organization.id", ["id"]), element("Organization.name", ["string"], min=1)]
    )
    made.append(profile("unsaid", "Basic", notes([{"type": "value", "path": "value"}], part("x", {}))))
    ruled = notes([{"type": "value", "path": "system"}], A)
    ruled[-2]["binding"] = {"strength": "required", "valueSet": f"{GUIDE}/ValueSet/tree"}
    ruled[-1]["constraint"] = [{"key": "prose-1", "severity": "error", "human": "said in prose"}]
    return [*made, named, profile("ruled", "Basic", ruled), value_set(), code_system()]


def value_set() -> Row:
    below = {"property": "concept", "op": "descendent-of", "value": "A"}
    include = [
        {"system": f"{GUIDE}/CodeSystem/tree", "filter": [below]},
        {"system": "urn:listed", "concept": [{"code": "L"}]},
    ]
    exclude = [{"system": f"{GUIDE}/CodeSystem/tree", "concept": [{"code": "A2"}]}]
    compose = {"include": include, "exclude": exclude}
    return {"resourceType": "ValueSet", "url": f"{GUIDE}/ValueSet/tree", "version": "1", "compose": compose}


def code_system() -> Row:
    concepts = [{"code": "A", "concept": [{"code": "A1", "concept": [{"code": "A11"}]}, {"code": "A2"}]}, {"code": "B"}]
    return {"resourceType": "CodeSystem", "url": f"{GUIDE}/CodeSystem/tree", "content": "complete", "concept": concepts}


def package(folder: Path, resources: list[Row], manifest: dict[str, Any] | None = None) -> Path:
    """Write a package archive."""
    path = folder / "guide.tgz"
    manifest = manifest or {"name": "test.guide", "version": "1.0.0", "fhirVersions": ["4.0.1"], "canonical": GUIDE}
    members: dict[str, Any] = {"package.json": manifest}
    members |= {f"{r['resourceType']}-{i}.json": r for i, r in enumerate(resources)}
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            raw = json.dumps(content).encode()
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return path
