"""Reading a search request: the parameters of the guide's CapabilityStatement, as criteria on the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.services.annuaire.professional import Professional
from conformance.services.annuaire.register import Criterion, Key, fold
from conformance.services.annuaire.resources import (
    FINESS,
    IDNPS,
    IDNST,
    RPPS,
    Resource,
    organization,
    practitioner,
    practitioner_role,
)

# Entries of a page, at most (wire.md §5), and of an answer in all: a bound of ours.
PAGE = 50
MOST = 2000
# Values of one parameter, and parameters of one request.
MAX_VALUES = 50

Pairs = Sequence[tuple[str, str]]


class Refused(Exception):
    """A search that the service does not carry out; ``code`` is an issue type of FHIR R4."""

    def __init__(self, code: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.code = code


class NotPlayed(Refused):
    """A search that the guide describes and that this service does not carry out: nothing to hold against its author."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource type: how an entry is rendered and told apart, and the parameters that search it."""

    render: Callable[[Professional], Resource]
    id_of: Callable[[Professional], str]
    # Two entries of the same part are one resource; ``None`` where each is one: the register has professionals once.
    part: Callable[[Key], str] | None
    parameters: Mapping[str, Callable[[str, tuple[str, ...]], Criterion]]
    # Parameters of the guide's CapabilityStatement that are not carried out here.
    unplayed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked of a type: criteria, page size, resources to include."""

    criteria: tuple[Criterion, ...]
    count: int
    include: tuple[str, ...]


def parse(kind: Kind, pairs: Pairs) -> Search:
    """Read the parameters; an unknown one is :class:`Refused` (hypothesis: the published API says only « 400 »)."""
    criteria, include, count = [], [], PAGE
    if len(pairs) > MAX_VALUES:
        raise Refused("too-costly", "too many parameters")
    for name, value in pairs:
        base, _, modifier = name.partition(":")
        if base in ("_include", "_revinclude"):
            include.append(value)
        elif base == "_count":
            count = _count(value)
        elif base == "_format" or (base == "active" and value == "true"):
            continue
        elif base in kind.parameters:
            values = tuple(part for part in value.split(",") if part)
            if not values or len(values) > MAX_VALUES:
                raise Refused("value", f"{name}: no value, or too many")
            criteria.append(kind.parameters[base](modifier, values))
        elif base in kind.unplayed:
            raise NotPlayed("not-supported", f"search parameter {base} is not carried out")
        else:
            raise Refused("not-supported", f"unknown search parameter {base}")
    return Search(tuple(criteria), count, tuple(include))


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 6:
        raise Refused("value", "_count is not a number")
    return max(1, min(int(value), PAGE))


def _string(*columns: str) -> Callable[[str, tuple[str, ...]], Criterion]:
    """FHIR R4 §3.1.1.4.8: starts with, unless ``:contains`` or ``:exact``; case and accents do not count."""

    def criterion(modifier: str, values: tuple[str, ...]) -> Criterion:
        how = {"": "starts", "contains": "contains", "exact": "exact"}.get(modifier)
        if how is None:
            raise Refused("not-supported", f"modifier :{modifier}")
        return Criterion(columns, how, tuple(map(fold, values)))

    return criterion


def _token(systems: Mapping[str, str]) -> Callable[[str, tuple[str, ...]], Criterion]:
    """FHIR R4 §3.1.1.4.10: ``system|value`` or ``value``; ``systems`` says ``column!prefix`` of each."""

    def criterion(modifier: str, values: tuple[str, ...]) -> Criterion:
        if modifier:
            raise Refused("not-supported", f"modifier :{modifier}")
        wanted, column = [], ""
        for value in values:
            system, bar, code = value.rpartition("|")
            if bar and system not in systems:
                raise Refused("value", f"unknown identifier system {system}")
            column, _, prefix = systems[system].partition("!")
            wanted.append(code.removeprefix(prefix))
        return Criterion((column,), "exact", tuple(wanted))

    return criterion


def _reference(type: str, column: str, mark: str) -> Callable[[str, tuple[str, ...]], Criterion]:
    def criterion(modifier: str, values: tuple[str, ...]) -> Criterion:
        if modifier not in ("", type):
            raise Refused("not-supported", f"modifier :{modifier}")
        return Criterion((column,), "exact", tuple(v.removeprefix(f"{type}/").removeprefix(mark) for v in values))

    return criterion


def _id(column: str, mark: str) -> Callable[[str, tuple[str, ...]], Criterion]:
    return lambda _, values: Criterion(
        (column,), "exact", tuple(v.removeprefix(mark).partition("-")[0] for v in values)
    )


_PERSON = {"": "rpps!8", RPPS: "rpps", IDNPS: "rpps!8"}
_PLACE = {"": "finess!1", FINESS: "finess", IDNST: "finess!1"}
_MAILBOX = _string("mailbox")
# AsServerDPCapabilityStatement 1.2.0-snapshot-2, less what is carried out.
_COMMON = frozenset({"_lastUpdated", "active", "data-information-system", "data-registration-authority"})
_OF_PERSONS = frozenset({"identifier-type", "number-smartcard", "type-smartcard"})
_OF_PLACES = frozenset(
    {
        *("address", "address-city", "address-line", "identifier-type", "mailbox-mss", "partof", "pharmacy-licence"),
        "type",
    }
)

KINDS: Mapping[str, Kind] = {
    "Practitioner": Kind(
        practitioner,
        lambda p: p.practitioner_id,
        None,
        {
            "_id": _id("rpps", "essai-pp-"),
            "identifier": _token(_PERSON),
            "family": _string("family_key"),
            "given": _string("given_key"),
            "name": _string("family_key", "given_key"),
            "mailbox-mss": _MAILBOX,
            "qualification-code": lambda _, values: Criterion(
                ("profession",), "exact", tuple(v.rpartition("|")[2] for v in values)
            ),
        },
        _COMMON | _OF_PERSONS,
    ),
    "PractitionerRole": Kind(
        practitioner_role,
        lambda p: p.role_id,
        None,
        {
            "_id": _id("rpps", "essai-se-"),
            "practitioner": _reference("Practitioner", "rpps", "essai-pp-"),
            "organization": _reference("Organization", "finess", "essai-st-"),
            "mailbox-mss": _MAILBOX,
        },
        _COMMON | {"identifier", "role"},
    ),
    "Organization": Kind(
        organization,
        lambda p: p.organization_id,
        lambda key: key.finess,
        {
            "_id": _id("finess", "essai-st-"),
            "identifier": _token(_PLACE),
            "name": _string("structure_key"),
            "address-postalcode": _string("postal_code"),
        },
        _COMMON | _OF_PLACES,
    ),
}
