"""What a site sets for its prints, and the print of a document (SC.DOC.06.MS1, SC.INS.30B, SC.INS.56, SC.INS.57)."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class SetFooter(Operation):
    """Set the information notice (GDPR) that stands at the foot of every document of the site; empty: the product's own."""

    name = "set_footer"
    method = "PUT"
    path = "/settings/footer"

    text: str


@dataclass(frozen=True, slots=True)
class SetPrintedTraits(Operation):
    """Set the identity traits that the prints of the whole site show beyond the mandatory ones; none: those alone.

    ``traits`` are members of ``create_person``: ``used_name``, ``birth_place``.
    """

    name = "set_printed_traits"
    method = "PUT"
    path = "/settings/printed-traits"

    traits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadPrint(Operation):
    """What the printer gets of a validated document: a PDF."""

    name = "read_print"
    method = "GET"
    path = "/documents/{document}/print"
    reads = True

    document: str
