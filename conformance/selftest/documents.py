"""The document matrix: checks that no message of the reference can reach, proven on generated documents.

The reference DUI sends documents whose body is a PDF, and sends them by mail, so that the checks of structured bodies and
of requests to a repository are heard in no lane. They are proven here instead, under the same rules as in a lane: a conforming document that the fixtures generate, on which
nothing may fail, and named mutants of it, each a file that fixes beforehand which checks must fail, and no other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from lxml import etree

from conformance import _bundled
from conformance.checks.documents import judge_bytes
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.xds_request import XdsRequest
from conformance.core.check import Registry, Subject
from conformance.core.errors import HarnessError
from conformance.core.texts import Text
from conformance.core.words import Level
from conformance.selftest.matrix import Matrix

LANE = "document:"
_NAMES = {
    "h": "urn:hl7-org:v3",
    "a": "http://www.w3.org/2005/08/addressing",
    "r": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "x": "urn:ihe:iti:xds-b:2007",
}
# Any moment will do: the documents are judged by no clock.
_ACT = datetime.fromisoformat("2026-03-04T10:00:00+01:00")
_SEED = 42


@dataclass(frozen=True, slots=True)
class DocumentMutant:
    """One sin in a document: the checks that must fail, exactly those. ``on`` names the document that is altered."""

    name: str
    on: str
    sin: Text
    expected: frozenset[str]
    changes: tuple[Mapping[str, Any], ...]

    def of(self, content: bytes) -> bytes:
        """The altered document; a change that meets nothing is a fault of the file."""
        root = etree.fromstring(content)
        for change in self.changes:
            found = root.xpath(change["path"], namespaces=_NAMES)
            if not isinstance(found, list) or not found:
                raise HarnessError("selftest.defect-file", path=f"{self.name}.toml", key="path")
            for element in found:
                _alter(element, change)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def document_mutants() -> list[DocumentMutant]:
    """Every shipped mutant, by name."""
    folder = _bundled.folder("fixtures") / "documents" / "mutants"
    return [_mutant(path) for path in sorted(folder.glob("*.toml"))]


def positives() -> Mapping[str, Callable[[], bytes]]:
    """The conforming documents that mutants alter, by name."""
    return {"fludt": _transfer_sheet, "iti41": _request}


def document_matrix(matrix: Matrix) -> Matrix:
    """Judge every positive and every mutant, and write what came of it into the matrix."""
    contents = {name: make() for name, make in positives().items()}
    for name, content in contents.items():
        for id, code in sorted(failing(content).items()):
            matrix.false_alarms.append({"check": id, "lane": f"{LANE}{name}", "finding": code})
        proven = heard(content)
        matrix.unproven = [id for id in matrix.unproven if id not in proven]
    for mutant in document_mutants():
        lane = f"{LANE}{mutant.name}"
        seen = failing(mutant.of(contents[mutant.on]))
        for id in sorted(mutant.expected):
            if id in seen:
                matrix.killed.setdefault(id, []).append(lane)
            else:
                matrix.missed.append({"check": id, "lane": lane})
        for id in sorted(set(seen) - mutant.expected):
            matrix.false_alarms.append({"check": id, "lane": lane, "finding": seen[id]})
    return matrix


def failing(content: bytes) -> dict[str, str]:
    """Check -> code of its first error on a document."""
    found: dict[str, str] = {}
    for finding in judge_bytes(content).findings:
        if finding.level is Level.ERROR:
            found.setdefault(finding.check, finding.code)
    return found


def heard(content: bytes) -> frozenset[str]:
    """The checks of bodies, or of requests, that this document is a subject of."""
    subject: Any = ModelledBody
    if not list(ModelledBody.within(CdaDocument.from_bytes(content))):
        if XdsRequest.from_bytes(content).submission is None:
            return frozenset()
        subject = XdsRequest
    # The protocol of subjects declares a settable member, which no frozen subject has.
    return frozenset(check.id for check in Registry.for_subject(cast("type[Subject]", subject)))


def _spec(role: str, type_code: str) -> Any:
    from conformance._bundled.fixtures.documents.model import document_of
    from conformance._bundled.fixtures.people import Population

    people = Population(_SEED)
    return document_of(
        _SEED,
        "selftest",
        role,
        person=people.person("selftest", "usager", status="qualifiee"),
        author=people.professional,
        structure=people.structure,
        act_date=_ACT,
        type_code=type_code,
    )


def _transfer_sheet() -> bytes:
    from conformance._bundled.fixtures.documents.n3 import TYPE_CODE, fludt

    written: bytes = fludt(_spec("fludt", TYPE_CODE))
    return written


def _request() -> bytes:
    from conformance._bundled.fixtures.documents.iti41 import in_line
    from conformance._bundled.fixtures.documents.model import SubmissionSpec
    from conformance._bundled.fixtures.documents.n1 import n1_of

    spec = _spec("iti41", "80788-3")
    submission = SubmissionSpec(
        unique_id=f"{spec.unique_id}.1",
        source_id=f"{spec.set_id}.1",
        submitted=spec.created,
        author=spec.author,
        structure=spec.structure,
        person=spec.person,
    )
    written: bytes = in_line([(spec, n1_of(spec))], submission)
    return written


def _alter(element: Any, change: Mapping[str, Any]) -> None:
    if change.get("remove"):
        element.getparent().remove(element)
    if "text" in change:
        element.text = change["text"]
    for name, value in change.get("set", {}).items():
        element.set(name, value)


def _mutant(path: Path) -> DocumentMutant:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        changes = tuple(raw["change"])
        made = DocumentMutant(raw["name"], raw["on"], Text.of(raw["sin"]), frozenset(raw["expected"]), changes)
    except KeyError as exc:
        raise HarnessError("selftest.defect-file", path=path.name, key=str(exc)) from exc
    if made.name != path.stem or made.on not in positives() or not made.expected or not made.changes:
        raise HarnessError("selftest.defect-file", path=path.name, key="name, on, expected, change")
    return made
