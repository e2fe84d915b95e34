"""What of the DMP a product looks for by itself: documents to preload, types to announce, visits that are planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conformance.drivers.operations.base import Operation

Level = Literal["structure", "service"]


@dataclass(frozen=True, slots=True)
class SetDmpPreloading(Operation):
    """Set which documents of the DMP are preloaded, by type, and how long a preloaded document may be kept.

    A product that cannot be set to that very time refuses (4xx), and nothing is concluded.
    """

    name = "set_dmp_preloading"
    method = "PUT"
    path = "/settings/dmp-preloading"

    type_codes: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class PlanVisit(Operation):
    """Plan the next visit of a person for the user, ``at`` an instant (ISO 8601 with offset).

    It is near enough for what the product preloads to be due at once.
    """

    name = "plan_visit"
    method = "POST"
    path = "/persons/{person}/visits"

    person: str
    at: str


@dataclass(frozen=True, slots=True)
class FollowDmpTypes(Operation):
    """Set which types of documents the record announces as new in the DMP, for the structure or for the user's service.

    No type at all goes back to the product's own.
    """

    name = "follow_dmp_types"
    method = "PUT"
    path = "/settings/dmp-types/{level}"

    level: Level
    type_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadDmpNews(Operation):
    """What the record of a person announces as new in the DMP.

    Answers ``{"types": [{"type_code", "count", "shown"}]}``; ``shown`` is the text that the page of the record has for it, its
    number in it. A type that is told apart from no other has ``type_code`` ``other``.
    """

    name = "read_dmp_news"
    method = "GET"
    path = "/persons/{person}/dmp/news"
    reads = True

    person: str
