"""The documents of the records: those the product wrote and those it received, their bytes never changed."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance._bundled.fixtures.documents.model import DocumentSpec

from conformance.population import Correspondent, Person, Structure

from .faults import Conflict, Fault, NotFound
from .header import Header
from .store import Store

_LISTED = (
    "id, person, origin, unique_id, set_id, version, replaces, part, type_code, type_label, title, author, created,"
    " mailbox, sha256, pdf IS NOT NULL AS has_pdf, unique_id IN (SELECT unique_id FROM withdrawals) AS withdrawn"
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as lists show it. ``part`` names the part of the record: ``administrative``, ``care``, ``support``."""

    id: str
    person: str
    origin: str
    unique_id: str
    set_id: str
    version: int
    replaces: str | None
    part: str
    type_code: str
    type_label: str
    title: str
    author: str
    created: str
    mailbox: str
    sha256: str
    has_pdf: bool
    withdrawn: bool = False

    def summary(self) -> dict[str, Any]:
        """What the control API answers of it."""
        return {
            "id": self.id,
            "unique_id": self.unique_id,
            "title": self.title,
            "origin": self.origin,
            "sha256": self.sha256,
            "type_code": self.type_code,
            "version": self.version,
            "replaces": self.replaces,
            "withdrawn": self.withdrawn,
        }


# The part of the record that a type of document belongs to: a choice of this product.
_ADMINISTRATIVE = frozenset({"51851-4", "EXPORT_DUI"})
_SUPPORT = frozenset({"80788-3", "28653-4", "34842-5", "80771-9"})


def part_of(type_code: str) -> str:
    """The part of the record where a type of document is filed."""
    if type_code in _ADMINISTRATIVE:
        return "administrative"
    return "support" if type_code in _SUPPORT else "care"


class Library:
    """Every document of every record."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep_produced(self, spec: Any, pdf: bytes, cda: bytes, mailbox: str, replaces: str | None) -> str:
        """File a validated document with what it was written from; answers its id."""
        who = f"{spec.author.first_name} {spec.author.name}, {spec.structure.name}".strip()
        return self._keep(
            person=spec.person.key,
            origin="produced",
            unique_id=spec.unique_id,
            set_id=spec.set_id,
            version=spec.version,
            replaces=replaces,
            type_code=spec.type_code,
            type_label=spec.type_label,
            title=spec.title,
            author=who,
            created=spec.created.isoformat(),
            mailbox=mailbox,
            spec=_spec_text(spec),
            content=cda,
            pdf=pdf,
        )

    def keep_received(
        self, person: str, header: Header, content: bytes, mailbox: str, *, origin: str = "received"
    ) -> str:
        """File a document from elsewhere, bytes as received; ``origin`` is ``received`` (by mail) or ``dmp``. Answers its id."""
        previous = self.by_unique_id(header.replaces) if header.replaces else None
        return self._keep(
            person=person,
            origin=origin,
            unique_id=header.unique_id,
            set_id=header.set_id,
            version=header.version,
            replaces=previous.id if previous else None,
            type_code=header.type_code,
            type_label=header.type_label,
            title=header.title,
            author=header.author,
            created=header.created,
            mailbox=mailbox,
            spec="",
            content=content,
            pdf=header.pdf or None,
        )

    def get(self, id: str) -> Document:
        """One document, or :class:`NotFound`."""
        row = self._store.row(f"SELECT {_LISTED} FROM documents WHERE id = ?", id)  # noqa: S608 - our own columns
        if row is None:
            raise NotFound("refdui.fault.no-document", document=id)
        return _document(row)

    def remove(self, id: str) -> None:
        """Take out of a record a document that came from elsewhere; one of ours stays: :class:`Conflict`."""
        if self.get(id).origin == "produced":
            raise Conflict("refdui.fault.own-document", document=id)
        self._store.run("DELETE FROM documents WHERE id = ?", id)

    def by_unique_id(self, unique_id: str) -> Document | None:
        """The document of this unique id, if the product holds it."""
        row = self._store.row(f"SELECT {_LISTED} FROM documents WHERE unique_id = ?", unique_id)  # noqa: S608
        return _document(row) if row else None

    def of_person(self, person: str) -> list[Document]:
        """The documents of a record, newest first."""
        rows = self._store.rows(
            f"SELECT {_LISTED} FROM documents WHERE person = ? ORDER BY rowid DESC",  # noqa: S608 - our own columns
            person,
        )
        return [_document(row) for row in rows]

    def replaced(self, person: str) -> set[str]:
        """The ids of the documents of a record that a later version replaces."""
        rows = self._store.rows("SELECT replaces FROM documents WHERE person = ? AND replaces IS NOT NULL", person)
        return {row["replaces"] for row in rows}

    def bytes_of(self, id: str) -> bytes:
        """The CDA, as produced or received."""
        return self._bytes("content", id)

    def pdf_of(self, id: str) -> bytes:
        """The PDF of a document, or :class:`NotFound`."""
        return self._bytes("pdf", id)

    def spec_of(self, id: str) -> Any:
        """What a document of ours was written from; a received one raises :class:`Fault`."""
        row = self._store.row("SELECT spec FROM documents WHERE id = ?", id)
        if row is None:
            raise NotFound("refdui.fault.no-document", document=id)
        if not row["spec"]:
            raise Fault("refdui.fault.not-ours", document=id)
        return _spec(json.loads(row["spec"]))

    def to_replace(self, id: str, person: str) -> Any:
        """What the replaced version was written from; raises unless it is the latest version, of this person."""
        document = self.get(id)
        if document.person != person:
            raise NotFound("refdui.fault.no-document", document=id)
        if id in self.replaced(person):
            raise Conflict("refdui.fault.already-replaced", document=id)
        return self.spec_of(id)

    def _bytes(self, column: str, id: str) -> bytes:
        row = self._store.row(f"SELECT {column} AS bytes FROM documents WHERE id = ?", id)  # noqa: S608 - our own names
        if row is None or row["bytes"] is None:
            raise NotFound("refdui.fault.no-document", document=id)
        return bytes(row["bytes"])

    def _keep(self, **members: Any) -> str:
        members = {
            "id": secrets.token_hex(8),
            "part": part_of(members["type_code"]),
            "sha256": hashlib.sha256(members["content"]).hexdigest(),
            **members,
        }
        places = ", ".join("?" * len(members))
        self._store.run(
            f"INSERT INTO documents ({', '.join(members)}) VALUES ({places})",  # noqa: S608 - our own columns
            *members.values(),
        )
        return str(members["id"])


def _document(row: sqlite3.Row) -> Document:
    return Document(**{**dict(row), "has_pdf": bool(row["has_pdf"]), "withdrawn": bool(row["withdrawn"])})


def _spec_text(spec: Any) -> str:
    from dataclasses import asdict

    return json.dumps(asdict(spec), ensure_ascii=False, default=datetime.isoformat)


def _spec(raw: Mapping[str, Any]) -> Any:
    person = {**raw["person"], "birth_first_names": tuple(raw["person"]["birth_first_names"])}
    times = {name: datetime.fromisoformat(raw[name]) for name in ("act_date", "created", "act_end") if raw.get(name)}
    return DocumentSpec(
        **{
            **raw,
            **times,
            "person": Person(**person),
            "author": Correspondent(**raw["author"]),
            "structure": Structure(**raw["structure"]),
            "text": tuple(raw["text"]),
            "recipients": tuple(Correspondent(**r) for r in raw["recipients"]),
            "confidentiality": tuple(raw["confidentiality"]),
            "printed_traits": tuple(raw.get("printed_traits", ())),
            # Only received reports hold results.
            "results": (),
            "added": tuple((title, text) for title, text in raw.get("added", ())),
        }
    )
