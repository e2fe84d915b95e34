"""Data-driven alterations of what the product writes, one per step of the writing of a message.

``pdf`` and ``cda`` are altered before packing, so that hash and size in the metadata are those of the altered CDA;
``metadata`` is altered inside the archive, ``submission`` in what is fed to the DMP; ``zip`` alters the archive's files; ``message`` alters headers.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from lxml import etree

TARGETS = ("pdf", "cda", "metadata", "zip", "message", "submission")
NAMESPACES = {
    "h": "urn:hl7-org:v3",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
}
METADATA = "METADATA.XML"
# Fixed, so that a mutated archive differs from the good one by its sin alone.
_DATE = (2026, 1, 1, 0, 0, 0)

Files = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One alteration; which members count depends on target and action (see the functions below)."""

    target: str
    action: str
    xpath: str = ""
    name: str = ""
    header: str = ""
    value: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Mutation:
        """Read one table; raises :class:`ValueError` on an unknown target, action or member."""
        made = cls(**{key: str(value) for key, value in raw.items()}) if set(raw) <= set(cls.__slots__) else None
        if made is None or made.target not in TARGETS or made.action not in _ACTIONS[made.target]:
            raise ValueError(f"not a mutation: {dict(raw)}")
        return made

    def on_bytes(self, content: bytes) -> bytes:
        """Alter a PDF or an XML document; one that has nothing to alter comes back as it was."""
        if self.action == "replace":
            return content.replace(self.name.encode(), self.value.encode())
        if self.action == "append":
            return content + self.value.encode()
        return self._on_xml(content)

    def on_archive(self, content: bytes) -> bytes:
        """Alter the files of a zip, or the metadata in it."""
        files = read_files(content)
        if self.target == "metadata":
            altered = [(n, self.on_bytes(c) if n.endswith(METADATA) else c) for n, c in files]
        else:
            altered = _FILES[self.action](files, self)
        return content if altered == files else write_files(altered)

    def on_message(self, message: EmailMessage) -> None:
        """Alter a header."""
        if self.action != "add" and self.header not in message:
            return
        if self.action in ("remove", "set"):
            del message[self.header]
        if self.action in ("add", "set"):
            message[self.header] = self.value

    def _on_xml(self, content: bytes) -> bytes:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        found = root.xpath(self.xpath, namespaces=NAMESPACES)
        if not isinstance(found, list) or not found:
            return content
        for element in found:
            if isinstance(element, etree._Element):  # noqa: SLF001 - lxml gives its element class no public name
                _XML[self.action](element, self)
        return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def read_files(archive: bytes) -> Files:
    """The files of an archive of ours, in order."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return [(entry.filename, opened.read(entry)) for entry in opened.infolist()]


def write_files(files: Files) -> bytes:
    """Pack files, in order; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _remove(element: etree._Element, mutation: Mutation) -> None:
    if mutation.name:
        del element.attrib[mutation.name]
    elif (parent := element.getparent()) is not None:
        parent.remove(element)


def _set(element: etree._Element, mutation: Mutation) -> None:
    if mutation.name:
        element.set(mutation.name, mutation.value)
    else:
        element.text = mutation.value


def _add_text(element: etree._Element, mutation: Mutation) -> None:
    element.text = (element.text or "") + mutation.value


def _duplicate(element: etree._Element, _: Mutation) -> None:
    copied = etree.fromstring(etree.tostring(element, with_tail=False))
    element.addnext(copied)


_XML: dict[str, Callable[[etree._Element, Mutation], None]] = {
    "remove": _remove,
    "set": _set,
    "add-text": _add_text,
    "duplicate": _duplicate,
}
_FILES: dict[str, Callable[[Files, Mutation], Files]] = {
    "remove": lambda files, m: [(n, c) for n, c in files if n != m.name],
    "rename": lambda files, m: [(m.value if n == m.name else n, c) for n, c in files],
    "add": lambda files, m: [*files, (m.name, m.value.encode())],
    "set": lambda files, m: [(n, m.value.encode() if n == m.name else c) for n, c in files],
}
_BYTES = ("replace", "append")
_ACTIONS: dict[str, tuple[str, ...]] = {
    "pdf": _BYTES,
    "cda": (*_BYTES, *_XML),
    "metadata": (*_BYTES, *_XML),
    "submission": (*_BYTES, *_XML),
    "zip": tuple(_FILES),
    "message": ("remove", "set", "add"),
}
