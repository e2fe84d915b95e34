"""A FHIR resource as checks read it: from JSON or XML, with the fault that stands in its place when it was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.fhir.definitions import Tables, bundled
from conformance.checks.fhir.json_reader import ReadFault, read_json
from conformance.checks.fhir.xml_reader import XmlReader


@dataclass(frozen=True)
class FhirResource:
    """One resource; ``resource`` is ``None`` exactly when ``fault`` says why it was not read.

    ``form`` is ``json`` or ``xml``; ``remarks`` are faults of the XML form alone (order, stray text, attributes).
    """

    resource: Mapping[str, Any] | None
    fault: ReadFault | None = None
    form: str = "json"
    remarks: tuple[ReadFault, ...] = ()
    evidence: tuple[str, ...] = ()

    @classmethod
    def from_bytes(
        cls, content: bytes, *, evidence: tuple[str, ...] = (), tables: Tables | None = None
    ) -> FhirResource:
        """Read a resource; never raises. ``tables`` are the definitions that XML is read by (ours by default)."""
        if looks_like_xml(content):
            reader = XmlReader(tables or bundled())
            made, fault = reader.read(content)
            return cls(made, fault, "xml", tuple(reader.faults), evidence)
        value, fault = read_json(content)
        if fault is None and not isinstance(value, dict):
            fault = ReadFault("fhir.read.not-an-object", expected="{…}", got=type(value).__name__)
        return cls(value if fault is None else None, fault, "json", (), evidence)

    @property
    def kind(self) -> str:
        """What it is: ``fhir:<ResourceType>``, or ``fhir`` when that is not known."""
        name = self.resource.get("resourceType") if self.resource else None
        return f"fhir:{name}" if isinstance(name, str) and name else "fhir"


def looks_like_xml(content: bytes) -> bool:
    """Whether the first character that counts opens a tag."""
    head = content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    return head.startswith(b"<")
