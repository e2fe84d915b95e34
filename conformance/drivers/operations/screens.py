"""Where a product's pages are, and in what words they say what a probe looks for."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class ReadPages(Operation):
    """Where a user finds a person, in a browser that is logged in.

    Answers ``{"record_url", "dmp_url", "help_url"}``, absolute or relative to the control API's host: the record with its
    documents, the list of the person's documents in the DMP, help on consulting the DMP. An address that is not there is empty.
    """

    name = "read_pages"
    method = "GET"
    path = "/persons/{person}/pages"
    reads = True

    person: str


@dataclass(frozen=True, slots=True)
class ReadWords(Operation):
    """The words by which the product's pages say things, as they stand in the page (an icon: its alternative text).

    Answers ``{"words": {"<name>": "<text>"}}``; the names are those of ``docs/control-api.md``.
    """

    name = "read_words"
    method = "GET"
    path = "/words"
    reads = True
