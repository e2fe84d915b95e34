"""The national directory as a professional uses it: searching, importing the public extraction, adding a correspondent."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class SearchDirectory(Operation):
    """Search the national directory for a professional, as on the screen that does it.

    Answers ``{"entries": [{"identifier", "name", "first_name", "address", "structure"}]}``, every homonym among them;
    ``identifier`` is the national one (``8`` + RPPS), ``address`` the MSSanté address or empty.
    """

    name = "search_directory"
    method = "POST"
    path = "/directory/search"

    family: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class AddFromDirectory(Operation):
    """Add the professional of this national identifier, just found, to a person's correspondents.

    The address is the directory's. Answers ``{"address"}``.
    """

    name = "add_from_directory"
    method = "PUT"
    path = "/persons/{person}/directory/{identifier}"

    person: str
    identifier: str


@dataclass(frozen=True, slots=True)
class ImportDirectory(Operation):
    """Load the public extraction ``PS_LibreAcces_Personne_activite`` now, as the product does of itself from time to time.

    Answers ``{"loaded"}``, the number of entries.
    """

    name = "import_directory"
    method = "POST"
    path = "/directory/import"
