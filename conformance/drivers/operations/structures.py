"""Third-party structures that connect to a product by a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conformance.drivers.operations.base import Operation

StructureKind = Literal["finess", "siren", "siret", "rpps-rang"]


@dataclass(frozen=True, slots=True)
class AllowStructure(Operation):
    """Make the account of a third-party structure, named by its number."""

    name = "allow_structure"
    method = "PUT"
    path = "/structures/{kind}/{identifier}"

    kind: StructureKind
    identifier: str


@dataclass(frozen=True, slots=True)
class ReadEntrance(Operation):
    """Where third-party structures enter. Answers ``{"url"}``: an https address that a structure may read."""

    name = "read_entrance"
    method = "GET"
    path = "/structures/entrance"
    reads = True
