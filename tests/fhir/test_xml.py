"""FHIR in XML: the same model, the same findings, and the faults that only XML can have."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.checks.fhir.definitions import bundled
from conformance.checks.fhir.judge import judge_fhir
from conformance.checks.fhir.subject import FhirResource
from conformance.core.words import Level
from tests.fhir import corpus
from tests.fhir import documents as made

SPACE = 'xmlns="http://hl7.org/fhir"'
SLOT = f"""<?xml version="1.0" encoding="UTF-8"?>
<Slot {SPACE}><!-- a remark --><id value="s1"/>
<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">libre</div></text>
<identifier><system value="urn:x"/><value value="1"/></identifier>
<identifier><value value="2"><extension url="http://x.test/e"><valueBoolean value="true"/></extension></value></identifier>
<schedule><reference value="Schedule/1"/></schedule><status value="free"/>
<start value="2026-03-01T09:00:00+01:00"/><end value="2026-03-01T09:30:00+01:00"/><overbooked value="false"/></Slot>"""


def codes(text: str) -> set[str]:
    return {f.code for f in judge_fhir(text.encode()) if f.level is Level.ERROR}


def test_xml_becomes_the_json_model() -> None:
    read = FhirResource.from_bytes(SLOT.encode())
    assert read.fault is None
    assert read.remarks == ()
    assert (read.kind, read.form) == ("fhir:Slot", "xml")
    resource = read.resource
    assert resource is not None
    assert resource["identifier"] == [{"system": "urn:x", "value": "1"}, {
        "value": "2", "_value": {"extension": [{"url": "http://x.test/e", "valueBoolean": True}]}}]  # fmt: skip
    assert resource["overbooked"] is False
    assert resource["text"]["div"].startswith("<div")
    assert codes(SLOT) == set()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('<status value="free"/>', "", "fhir.cardinality.min"),
        ('<status value="free"/>', '<status value="free"/><status value="busy"/>', "fhir.element.single"),
        ('<status value="free"/>', '<status value="libre"/>', "fhir.binding.required"),
        ('<status value="free"/>', '<status value="free" kind="a"/>', "fhir.xml.attribute"),
        ('<status value="free"/>', "<status/>", "fhir.element.empty"),
        ('<status value="free"/>', '<status value="free"/>text', "fhir.xml.text"),
        ('<status value="free"/>', '<status value="free"/><couleur value="a"/>', "fhir.element.unknown"),
        ('<status value="free"/>', '<status value="free"><value/></status>', "fhir.xml.inside"),
        ('<status value="free"/>', '<x:status xmlns:x="urn:y" value="free"/>', "fhir.xml.namespace"),
        ('<overbooked value="false"/>', '<overbooked value="non"/>', "fhir.primitive.type"),
        ('<id value="s1"/>', "", ""),
        ('<!-- a remark --><id value="s1"/>', '<implicitRules value="urn:a"/><id value="s1"/>', "fhir.xml.order"),
        ("libre</div>", "libre<script/></div>", "fhir.narrative.element"),
    ],
)  # fmt: skip
def test_a_fault_in_xml_is_told(old: str, new: str, code: str) -> None:
    assert old in SLOT
    found = codes(SLOT.replace(old, new))
    assert found == set() if not code else code in found


ATTRIBUTES = {"Extension": ("id", "url")}


def written(value: dict[str, Any]) -> str:
    """A resource as XML, in the order of the definitions (a writer for tests alone)."""
    return f'<?xml version="1.0"?>{_resource(value)}'


def _resource(value: dict[str, Any]) -> str:
    root = bundled().root(value["resourceType"])
    return f"<{value['resourceType']} {SPACE}>{_members(value, root)}</{value['resourceType']}>"


def _members(value: dict[str, Any], element: Any) -> str:
    order = {name: i for i, child in enumerate(element.children.values()) for name in (child.stem, child.name)}
    order |= {key: order[child.name] for key, (child, _) in element.keys.items()}
    parts = []
    for name in sorted({k.lstrip("_") for k in value if k != "resourceType"}, key=lambda k: order[k]):
        child, ref = element.keys[name]
        ref = ref or (child.types[0] if child.types else None)
        if name in ATTRIBUTES.get(element.path, ("id",)) and "resourceType" not in value:
            continue
        items, besides = value.get(name), value.get(f"_{name}")
        many = items if isinstance(items, list) else [items]
        beside = besides if isinstance(besides, list) else [besides] * len(many)
        parts += [_one(name, v, b, child, ref) for v, b in zip(many, beside, strict=False)]
    return "".join(parts)


def _one(name: str, value: Any, beside: Any, child: Any, ref: Any) -> str:
    tables = bundled()
    if ref is not None and ref.code == "xhtml":
        return str(value)
    if isinstance(value, dict) and "resourceType" in value:
        return f"<{name}>{_resource(value)}</{name}>"
    if isinstance(value, dict):
        inner = child if child.children else tables.root(ref.code) if ref else None
        if child.reference:
            own = tables.structure(child.reference.partition("#")[2].partition(".")[0])
            inner = own.elements[child.reference.partition("#")[2]] if own else None
        attributes = "".join(
            f' {a}="{value[a]}"' for a in ("id", "url") if a in value and (a == "id" or ref.code == "Extension")
        )
        return f"<{name}{attributes}>{_members(value, inner)}</{name}>"
    text = json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)
    escaped = (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace('"', "&quot;")
        .replace("\n", "&#10;")
        .replace("\r", "&#13;")
        .replace("\t", "&#9;")
    )
    inside = "".join(_one("extension", e, None, tables.root("Element").children["extension"], tables.root("Element").children["extension"].types[0])
                     for e in (beside or {}).get("extension", []))  # fmt: skip
    attribute = "" if value is None else f' value="{escaped}"'
    return f"<{name}{attribute}>{inside}</{name}>"


BUILDERS: list[Callable[[], dict[str, Any]]] = [
    made.slot,
    made.patient_ins,
    made.esms_task,
    made.bundle,
    made.questionnaire_response,
]


@pytest.mark.parametrize("build", BUILDERS)
def test_what_is_written_is_read_back(build: Callable[[], dict[str, Any]]) -> None:
    document = build()
    read = FhirResource.from_bytes(written(document).encode())
    assert read.remarks == ()
    assert read.resource == document


def without_narrative(value: Any) -> Any:
    """A copy without XHTML, which has many spellings in XML."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if not (isinstance(v, dict) and "div" in v)}
        return {k: without_narrative(v) for k, v in kept.items()}
    return [without_narrative(v) for v in value] if isinstance(value, list) else value


@corpus.needed
def test_published_examples_read_the_same_in_xml() -> None:
    compared = 0
    for path in sorted((corpus.FOLDER / "examples").glob("*/*.json"))[:60]:
        document = without_narrative(corpus.load(path))
        read = FhirResource.from_bytes(written(document).encode())
        assert (read.resource, read.remarks) == (document, ()), path.name
        compared += 1
    assert compared == 60
