"""Shapes that no person would write end as findings, never as a crash."""

import json
import random

import pytest

from conformance.checks.fhir.judge import bundled_validator, judge_fhir
from conformance.checks.fhir.subject import FhirResource
from tests.fhir import documents as made
from tests.fhir.shapes import broken

BUILDERS = (made.patient_ins, made.esms_task, made.bundle, made.document_reference, made.questionnaire_response)


@pytest.mark.parametrize("seed", range(4))
def test_random_shapes_are_judged_without_a_crash(seed: int) -> None:
    rng = random.Random(seed)
    validator = bundled_validator()
    for _ in range(150):
        document = broken(rng.choice(BUILDERS)(), rng)
        before = json.dumps(document)
        validator.validate(document)
        assert json.dumps(document) == before


def test_random_bytes_are_read_without_a_crash() -> None:
    rng = random.Random(5)
    whole = json.dumps(made.bundle()).encode()
    for _ in range(60):
        cut = bytearray(whole[: rng.randint(0, len(whole))])
        for _ in range(rng.randint(0, 5)):
            if cut:
                cut[rng.randrange(len(cut))] = rng.randrange(256)
        read = FhirResource.from_bytes(bytes(cut))
        assert (read.resource is None) is (read.fault is not None)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "fhir.read.not-json"),
        (b"[]", "fhir.read.not-an-object"),
        (b'{"resourceType": "Slot",', "fhir.read.not-json"),
        (b'{"a": 1, "a": 2}', "fhir.read.twice"),
        (b'{"a": NaN}', "fhir.read.not-json"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "fhir.read.not-json"),
        (b'{"a": "\xe9"}', "fhir.read.not-utf8"),
        (b'{"a":' * 5000, "fhir.read.too-deep"),
        (b"{}", "fhir.resource.type"),
        (b"<Slot/>", "fhir.read.not-fhir"),
        (b"<Slot", "document.not-well-formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Slot xmlns="http://hl7.org/fhir"/>', "document.doctype"),
        (b'<Slot xmlns="http://hl7.org/fhir">' + b"<extension>" * 100 + b"</extension>" * 100 + b"</Slot>",
         "fhir.read.too-deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(content: bytes, code: str) -> None:
    assert code in [f.code for f in judge_fhir(content)]
