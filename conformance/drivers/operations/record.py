"""The record of a person: identity, correspondents, oppositions, documents, traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conformance.drivers.operations.base import Operation

Channel = Literal["mss-pro", "mss-citizen", "dmp"]


@dataclass(frozen=True, slots=True)
class CreatePerson(Operation):
    """Create a record for a person; ``identity`` is :meth:`conformance.population.Person.as_json`."""

    name = "create_person"
    method = "PUT"
    path = "/persons/{person}"

    person: str
    identity: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AddCorrespondent(Operation):
    """Add a correspondent to a person's record."""

    name = "add_correspondent"
    method = "PUT"
    path = "/persons/{person}/correspondents/{address}"

    person: str
    address: str
    correspondent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordOpposition(Operation):
    """Record (or lift) a person's opposition to a channel."""

    name = "record_opposition"
    method = "PUT"
    path = "/persons/{person}/oppositions/{channel}"

    person: str
    channel: Channel
    opposed: bool


@dataclass(frozen=True, slots=True)
class ValidateDocument(Operation):
    """Write and validate a document; validating sends it to the correspondents and, where due, to the person.

    ``type_code`` is a JDV_J07 code (LOINC), ``act_date`` ISO 8601 with offset, ``replaces`` the id of the version
    it cancels. ``visibility`` hides the document from somebody in the DMP (JDV_J58 codes). ``author`` names who wrote it where
    that is not the user: ``identifier``, ``name``, ``first_name``, ``profession``, and ``registered``, false for somebody
    whom the RPPS knows no more. ``sections`` are added to those that the type plans: ``title`` and ``text`` each. Answers ``{"document": "<id>"}``.
    """

    name = "validate_document"
    method = "POST"
    path = "/persons/{person}/documents"

    person: str
    mailbox: str
    type_code: str
    title: str
    text: str
    act_date: str
    replaces: str | None = None
    visibility: tuple[str, ...] = ()
    author: Mapping[str, Any] | None = None
    sections: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRecord(Operation):
    """The documents of a person's record. Answers ``{"documents": [{"id", "unique_id", "title", "origin", "sha256"}]}``."""

    name = "read_record"
    method = "GET"
    path = "/persons/{person}/documents"
    reads = True

    person: str


@dataclass(frozen=True, slots=True)
class ReadDocument(Operation):
    """The stored bytes of a document, as received or produced."""

    name = "read_document"
    method = "GET"
    path = "/documents/{document}/content"
    reads = True

    document: str


@dataclass(frozen=True, slots=True)
class RemoveDocument(Operation):
    """Remove from a person's record a document that came from elsewhere."""

    name = "remove_document"
    method = "DELETE"
    path = "/documents/{document}"

    document: str


@dataclass(frozen=True, slots=True)
class ReadTraces(Operation):
    """The product's own traces. Answers ``{"traces": [{"at", "who", "action", "object", "request", "response"}]}``."""

    name = "read_traces"
    method = "GET"
    path = "/traces"
    reads = True
