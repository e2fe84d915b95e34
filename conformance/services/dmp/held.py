"""What the registry and the repository hold: people, entries, submission sets, associations, places of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody the DMP knows: ``state`` is ``open`` or ``closed``; ``traits`` are those of the national identity."""

    matricule: str
    ins: str
    oid: str
    state: str
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A document entry as the registry holds it; ``facts`` are what a search compares."""

    uuid: str
    lid: str
    version: int
    unique_id: str
    matricule: str
    status: str
    structure: str
    person: str
    at: str
    facts: Mapping[str, Any]
    xml: bytes


@dataclass(frozen=True, slots=True)
class HeldSet:
    """A submission set as the registry holds it; ``facts`` are what a search compares."""

    unique_id: str
    uuid: str
    matricule: str
    structure: str
    at: str
    facts: Mapping[str, Any]
    xml: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """An association as the registry holds it."""

    uuid: str
    type: str
    source: str
    target: str
    slots: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands in a content of the journal: from which byte."""

    source: str
    start: int


def matricule_of(ins: str) -> str:
    """What a person is filed under: thirteen characters, with or without the key after them."""
    return ins[:13]
