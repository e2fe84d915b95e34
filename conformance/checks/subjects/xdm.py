"""An XDM archive (``IHE_XDM.ZIP``) as the checks read it: its files, its metadata, its documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.mime import MimeFault, parse
from conformance.checks.subjects.xdm_metadata import Entry, XdmMetadata
from conformance.checks.subjects.xdm_zip import ZipFault, unzip
from conformance.evidence.observation import Observation

# IHE ITI TF vol. 2, 3.32 (media structure), with the folder names of the CI-SIS "Échange de documents" (wire.md §1.7).
ROOT_FILES = ("INDEX.HTM", "README.TXT")
SUBSET = "IHE_XDM/SUBSET01/"
METADATA = f"{SUBSET}METADATA.XML"
# First bytes of a local header and of the end of an empty archive (APPNOTE.TXT 6.3, sections 4.3.7 and 4.3.16).
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class XdmArchive:
    """One archive. ``fault`` is set when it is no readable zip; ``faults`` are all that the guard refused."""

    files: Mapping[str, bytes]
    faults: tuple[ZipFault, ...] = ()
    fault: ZipFault | None = None
    evidence: tuple[str, ...] = ()
    names: tuple[str, ...] = field(default=())

    @classmethod
    def from_bytes(cls, content: bytes, *, evidence: tuple[str, ...] = ()) -> XdmArchive:
        """Open an archive; never raises."""
        opened = unzip(content)
        fault = None if opened.readable else opened.faults[0]
        return cls(opened.files, opened.faults, fault, evidence, opened.names)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[XdmArchive]:
        """Every archive attached to a message that the product sent."""
        for record in observation.of_kind("smtp.message"):
            for name, content in attached(observation.blob(record, "message")):
                if is_archive(name, content):
                    yield cls.from_bytes(content, evidence=(record.id,))

    @cached_property
    def metadata(self) -> XdmMetadata | None:
        """The submission, or ``None`` when the archive has no ``METADATA.XML``."""
        content = self.files.get(METADATA)
        return None if content is None else XdmMetadata.from_bytes(content)

    @cached_property
    def documents(self) -> tuple[CdaDocument, ...]:
        """Every XML file but the metadata, in order of name."""
        return tuple(
            CdaDocument.from_bytes(content, part=name, evidence=self.evidence)
            for name, content in sorted(self.files.items())
            if name.upper().endswith(".XML") and name != METADATA
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The document entries of the metadata."""
        return self.metadata.entries if self.metadata else ()

    def path_of(self, entry: Entry) -> str | None:
        """The name in the archive of the file that an entry points at, relative to ``METADATA.XML``."""
        return None if entry.uri is None else f"{SUBSET}{entry.uri.removeprefix('./')}"

    def document_of(self, entry: Entry) -> CdaDocument | None:
        """The document that an entry describes, when it was read as a CDA."""
        path = self.path_of(entry)
        return next((d for d in self.documents if d.part == path and d.root is not None), None)


def is_archive(name: str, content: bytes) -> bool:
    """Whether an attachment is a zip, by its first bytes or its name."""
    return content.startswith(_MAGIC) or name.upper().endswith(".ZIP")


def attached(raw: bytes) -> list[tuple[str, bytes]]:
    """``(file name, content)`` of what a message carries beside its wording; never raises."""
    read = parse(raw)
    if isinstance(read, MimeFault):
        return []
    return [(leaf.name, leaf.content) for leaf in read.leaves if not leaf.is_body]
