"""A CDA document as the checks read it: parsed under guard, with the members that other checks compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from conformance.checks import ins
from conformance.checks.subjects.cda_element import HL7, decoded, identifier_of, text_of
from conformance.checks.subjects.cda_tree import Tree
from conformance.checks.subjects.xml import Element, XmlFault, line_of, parse_xml
from conformance.core.finding import Where
from conformance.evidence.observation import Observation

XSL = "http://www.w3.org/1999/XSL/Transform"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One ``informationRecipient``: its MSSanté address, national identifier and name, each empty when absent."""

    address: str
    identifier: str
    name: str


@dataclass(frozen=True)
class CdaDocument:
    """One CDA R2 document; ``root`` is ``None`` exactly when ``fault`` says why it was not read.

    ``part`` names the file inside its archive; ``mojibake`` says that UTF-8 was declared as a one-byte encoding.
    """

    root: Element | None
    fault: XmlFault | None = None
    part: str | None = None
    evidence: tuple[str, ...] = ()
    mojibake: bool = False

    @classmethod
    def from_bytes(cls, content: bytes, *, part: str | None = None, evidence: tuple[str, ...] = ()) -> CdaDocument:
        """Read a document; never raises, a document that cannot be read carries its ``fault``."""
        parsed = parse_xml(content)
        if parsed.root is None:
            return cls(None, parsed.fault, part, evidence)
        root = _clinical_document(parsed.root)
        if root is None:
            expected, got = f"{{{HL7}}}ClinicalDocument", str(parsed.root.tag)
            fault = XmlFault("document.not-cda", line=line_of(parsed.root), expected=expected, got=got)
            return cls(None, fault, part, evidence)
        return cls(root, None, part, evidence, parsed.mojibake)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[CdaDocument]:
        """Every CDA document of the archives of every message that the product sent."""
        from conformance.checks.subjects.xdm import XdmArchive  # the archive knows its documents

        for archive in XdmArchive.of(observation):
            yield from archive.documents

    def find(self, path: str, base: Element | None = None) -> Sequence[Element]:
        """The elements at a path whose prefix ``h`` is HL7 v3 (see :class:`Tree`), from the root or from ``base``."""
        if base is not None:
            return self.tree.below(base, path)
        return () if self.root is None else self.tree.find(self.root, path)

    def first(self, path: str, base: Element | None = None) -> Element | None:
        """The first element of such a path, or ``None``."""
        found = self.find(path, base)
        return found[0] if found else None

    def where(self, element: Element | None = None) -> Where:
        """The place of an element (the root without one): line, and an XPath with the document's own names."""
        node = self.root if element is None else element
        if node is None:
            return Where(part=self.part, line=self.fault.line, column=self.fault.column) if self.fault else Where()
        return Where(part=self.part, line=line_of(node), xpath=self.tree.path(node))

    @cached_property
    def tree(self) -> Tree:
        """What the checks of this document remember of its elements."""
        return Tree()

    @property
    def code(self) -> str | None:
        """The document type: ``code/@code``."""
        return self._attribute("h:code", "code")

    @property
    def code_label(self) -> str | None:
        """``code/@displayName``."""
        return self._attribute("h:code", "displayName")

    @property
    def title(self) -> str | None:
        """The title, white space folded."""
        element = self.first("h:title")
        return None if element is None else text_of(element)

    @property
    def unique_id(self) -> str | None:
        """``id``: its root, or ``root^extension``."""
        return identifier_of(self.first("h:id"))

    @property
    def set_id(self) -> str | None:
        """``setId``, written like :attr:`unique_id`."""
        return identifier_of(self.first("h:setId"))

    @property
    def version(self) -> int | None:
        """``versionNumber``, when it is a number."""
        value = self._attribute("h:versionNumber", "value") or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None

    @property
    def created(self) -> str | None:
        """``effectiveTime/@value``, as written (HL7 TS)."""
        return self._attribute("h:effectiveTime", "value")

    @property
    def language(self) -> str | None:
        """``languageCode/@code``."""
        return self._attribute("h:languageCode", "code")

    @cached_property
    def patient_role(self) -> Element | None:
        """``recordTarget/patientRole``."""
        return self.first("h:recordTarget/h:patientRole")

    @property
    def patient_ids(self) -> tuple[tuple[str, str], ...]:
        """Every ``(root, extension)`` of the record target."""
        ids = self.find("h:id", self.patient_role) if self.patient_role is not None else ()
        return tuple((i.get("root", ""), i.get("extension", "")) for i in ids)

    @property
    def ins(self) -> tuple[str, str] | None:
        """``(matricule with its key, OID)`` of the national identity, or ``None``."""
        return next(((extension, root) for root, extension in self.patient_ids if root in ins.OIDS), None)

    @property
    def birth_name(self) -> str | None:
        """The birth name: ``family`` with the qualifier BR."""
        return self._patient_text("h:name/h:family[@qualifier='BR']")

    @property
    def first_name(self) -> str | None:
        """The first given name of birth: ``given`` with the qualifier BR."""
        return self._patient_text("h:name/h:given[@qualifier='BR']")

    @property
    def first_names(self) -> str | None:
        """The list of the given names of birth: the ``given`` without qualifier."""
        names = self._patient("h:name/h:given")
        return next((text_of(n) for n in names if n.get("qualifier") is None), None)

    @property
    def birth_date(self) -> str | None:
        """``birthTime/@value``, as written (HL7 TS, so ``YYYYMMDD…``)."""
        return next((e.get("value") for e in self._patient("h:birthTime")), None)

    @property
    def sex(self) -> str | None:
        """``administrativeGenderCode/@code``."""
        return next((e.get("code") for e in self._patient("h:administrativeGenderCode")), None)

    @property
    def birth_place(self) -> str | None:
        """The COG code of the place of birth."""
        return self._patient_text("h:birthplace/h:place/h:addr/h:county")

    @property
    def serviced_on(self) -> date | None:
        """The day of the principal act: ``serviceEvent/effectiveTime/low`` of the first ``documentationOf``."""
        value = self.service_start or ""
        try:
            return date(int(value[:4]), int(value[4:6]), int(value[6:8]))
        except ValueError:
            return None

    @property
    def service_start(self) -> str | None:
        """The beginning of the principal act, as written (HL7 TS)."""
        return self._service_time("low")

    @property
    def service_stop(self) -> str | None:
        """The end of the principal act, as written (HL7 TS)."""
        return self._service_time("high")

    @property
    def body_text(self) -> Element | None:
        """``component/nonXMLBody/text``, the encapsulated content of an N1 document."""
        return self.first("h:component/h:nonXMLBody/h:text")

    @cached_property
    def pdf(self) -> bytes | None:
        """The decoded content of an N1 body; ``None`` without one, or when it is not base64."""
        element = self.body_text
        return None if element is None else decoded(element)

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Every ``informationRecipient/intendedRecipient``, in order."""
        return tuple(self._recipient(e) for e in self.find("h:informationRecipient/h:intendedRecipient"))

    @property
    def parent(self) -> Element | None:
        """``parentDocument`` of the document that this one replaces."""
        return self.first("h:relatedDocument[@typeCode='RPLC']/h:parentDocument")

    @property
    def replaces(self) -> str | None:
        """The id of the document that this one replaces, written like :attr:`unique_id`."""
        parent = self.parent
        return None if parent is None else identifier_of(self.first("h:id", parent))

    def _attribute(self, path: str, name: str) -> str | None:
        element = self.first(path)
        return None if element is None else element.get(name)

    def _patient(self, path: str) -> Sequence[Element]:
        role = self.patient_role
        return () if role is None else self.find(f"h:patient/{path}", role)

    def _patient_text(self, path: str) -> str | None:
        return next((text_of(e) for e in self._patient(path)), None)

    def _service_time(self, bound: str) -> str | None:
        event = self.first("h:documentationOf/h:serviceEvent")
        if event is None:
            return None
        element = self.first(f"h:effectiveTime/h:{bound}", event)
        if element is None and bound == "low":
            element = self.first("h:effectiveTime", event)
        return None if element is None else element.get("value")

    def _recipient(self, element: Element) -> Recipient:
        telecoms = (t.get("value", "") for t in element.iter(f"{{{HL7}}}telecom"))
        address = next((t.partition(":")[2] for t in telecoms if t.lower().startswith("mailto:")), "")
        identifier = next((i.get("extension", "") for i in element.iter(f"{{{HL7}}}id")), "")
        name = next((_name_of(n) for n in element.iter(f"{{{HL7}}}name")), "")
        return Recipient(address.strip().lower(), identifier, name)


def _name_of(name: Element) -> str:
    """The family and given names of a person, or the name of an organisation; parts may touch each other in a file."""
    parts = [e.text or "" for e in name.iter(f"{{{HL7}}}family", f"{{{HL7}}}given")] or [text_of(name)]
    return " ".join(" ".join(parts).split())


def _clinical_document(root: Element) -> Element | None:
    """The document: the root itself, or the one that a self-presenting style sheet carries (CI-SIS, volet CDA)."""
    if root.tag == f"{{{HL7}}}ClinicalDocument":
        return root
    if root.tag in {f"{{{XSL}}}stylesheet", f"{{{XSL}}}transform"}:
        return next(root.iter(f"{{{HL7}}}ClinicalDocument"), None)
    return None
