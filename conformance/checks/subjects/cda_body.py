"""The body of a CDA document whose content model is published: what the rules of entries and sections read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.dmp import every_fed
from conformance.checks.subjects.xml import Element
from conformance.evidence.observation import Observation

# What checks read wherever it stands in a body, by the name under which they ask for it.
_KINDS = {
    "template": ("templateId",),
    "time": ("effectiveTime", "time"),
    "identifier": ("id", "setId"),
    "telecom": ("telecom",),
    "pointer": ("reference", "renderMultiMedia"),
    "section": ("section",),
}
_KIND_OF = {f"{{{HL7}}}{name}": kind for kind, names in _KINDS.items() for name in names}
# A report of telemedicine has a content model, though its body is a PDF (CI-SIS, volet TLM 2022.01).
UNSTRUCTURED_TYPES = frozenset({"85208-7"})


# Compared by identity: what is remembered of a body is remembered of this one.
@dataclass(frozen=True, eq=False)
class ModelledBody:
    """A document that read, and that has a structured body or a type whose model says that it has none.

    Any other document (a PDF in a CDA header) is no such subject: nothing here can be said of it.
    """

    document: CdaDocument
    root: Element
    evidence: tuple[str, ...] = ()

    @classmethod
    def within(cls, document: CdaDocument) -> Iterator[ModelledBody]:
        """The body of this document, or nothing."""
        if document.root is None:
            return
        if document.first("h:component/h:structuredBody") is not None or document.code in UNSTRUCTURED_TYPES:
            yield cls(document, document.root, document.evidence)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ModelledBody]:
        """The body of every such document that the product sent by mail or fed to the DMP."""
        for document in CdaDocument.of(observation):
            yield from cls.within(document)
        for fed in every_fed(observation):
            yield from cls.within(CdaDocument.from_bytes(fed.content, evidence=(fed.record.id,)))

    @cached_property
    def structured(self) -> Element | None:
        """``component/structuredBody``."""
        return self.document.first("h:component/h:structuredBody")

    @cached_property
    def declared(self) -> dict[str, str | None]:
        """Root and version of every ``templateId`` of the document itself."""
        return {t.get("root", ""): t.get("extension") for t in self.document.find("h:templateId")}

    def every(self, kind: str) -> Sequence[Element]:
        """Every ``template`` (its id), ``time``, ``identifier``, ``telecom``, ``pointer`` or ``section``, in document order."""
        return self._kinds[kind]

    @cached_property
    def _kinds(self) -> dict[str, list[Element]]:
        """One walk over the body for all of them: a walk costs more than what it finds."""
        found: dict[str, list[Element]] = {kind: [] for kind in _KINDS}
        if self.structured is not None:
            for element in self.structured.iterdescendants(*_KIND_OF):
                found[_KIND_OF[element.tag]].append(element)
        return found

    @cached_property
    def declarations(self) -> tuple[tuple[Element, str], ...]:
        """Every element of the body that declares a template, with its root, once, in document order."""
        found = self.every("template")
        said = ((p, t.get("root", "")) for t in found if (p := t.getparent()) is not None)
        return tuple(dict.fromkeys(said))
