"""The identity of a person in a product: searched and verified at INSi, confirmed by a document, corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class SearchIns(Operation):
    """Search a person's INS at INSi, by the traits of the record or by a Vitale card that the harness describes.

    ``card`` is empty for a search by traits; else ``{"matricule", "cle", "birth_name", "birth_date"}``, as a reader would
    give them. Answers ``{"code"}``: ``00``, ``01`` or ``02``.
    """

    name = "search_ins"
    method = "POST"
    path = "/persons/{person}/ins/search"

    person: str
    by: Literal["traits", "card"]
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VerifyIns(Operation):
    """Have INSi verify the identity of a person. Answers ``{"code"}``: ``00`` or the service's denial."""

    name = "verify_ins"
    method = "POST"
    path = "/persons/{person}/ins/verify"

    person: str


@dataclass(frozen=True, slots=True)
class VerifyBatch(Operation):
    """Have INSi verify the identities of several persons at once. Answers ``{"codes"}``: the code of each person."""

    name = "verify_batch"
    method = "POST"
    path = "/ins/verify"

    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfirmIdentity(Operation):
    """Note that a document was seen for a person; what it makes of the identity is the product's to decide.

    ``document`` is its kind in words: ``carte nationale d'identité`` (of high trust), ``carte Vitale`` (not of high trust).
    """

    name = "confirm_identity"
    method = "POST"
    path = "/persons/{person}/confirm"

    person: str
    document: str


@dataclass(frozen=True, slots=True)
class CorrectIdentity(Operation):
    """Change traits of a person, as a user with every right would; the members left out stay as they are."""

    name = "correct_identity"
    method = "PATCH"
    path = "/persons/{person}"

    person: str
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetTrustedSenders(Operation):
    """Say with which senders of other domains a contract of trust was made (SC.INS.39); these addresses and no other."""

    name = "set_trusted_senders"
    method = "PUT"
    path = "/settings/trusted-senders"

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdmitReceived(Operation):
    """Create the record of the person whose identity came with a document that waits, and file that document in it.

    ``item`` is the work list's own name of the document; ``person`` is how the control API then calls the person.
    """

    name = "admit_received"
    method = "POST"
    path = "/inbox/{item}/person"

    item: str
    person: str


@dataclass(frozen=True, slots=True)
class CorrectAsUser(Operation):
    """Try to change traits of a person as a user without any special right; the product refuses (4xx) what it locks."""

    name = "correct_as_user"
    method = "PATCH"
    path = "/persons/{person}/as-user"

    person: str
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadStatusHistory(Operation):
    """How the status of a person's identity changed. Answers ``{"changes": [{"previous", "status", "at", "who"}]}``."""

    name = "read_status_history"
    method = "GET"
    path = "/persons/{person}/statuses"
    reads = True

    person: str


@dataclass(frozen=True, slots=True)
class MarkIdentity(Operation):
    """Give an identity the attribute doubtful (``douteuse``) or fictive (``fictive``), or take it away."""

    name = "mark_identity"
    method = "PUT"
    path = "/persons/{person}/attributes/{attribute}"

    person: str
    attribute: Literal["douteuse", "fictive"]
    marked: bool


@dataclass(frozen=True, slots=True)
class ReadIdentityPages(Operation):
    """Where a logged-in user finds persons and sees an identity; pages that a browser without script can read.

    Answers ``{"search_url", "record_url"}``, absolute or relative to the control API's host. ``search_url`` holds ``{birth_date}``
    (ISO 8601) and ``{letters}`` (first letters of a name or first name, or nothing), ``record_url`` holds ``{person}``.
    """

    name = "read_identity_pages"
    method = "GET"
    path = "/pages/identity"
    reads = True


@dataclass(frozen=True, slots=True)
class ReadInsHistory(Operation):
    """The INS that a person had before the present one. Answers ``{"history": [{"matricule", "cle", "oid"}]}``."""

    name = "read_ins_history"
    method = "GET"
    path = "/persons/{person}/ins/history"
    reads = True

    person: str


@dataclass(frozen=True, slots=True)
class ReadPerson(Operation):
    """The identity of a person as the record shows it; the members of ``create_person``."""

    name = "read_person"
    method = "GET"
    path = "/persons/{person}"
    reads = True

    person: str
