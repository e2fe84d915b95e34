"""The accounts of a product: their creation, the policy they follow, their second means, what falls due in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from conformance.drivers.operations.base import Operation

Audience = Literal["professional", "administrator", "person"]


@dataclass(frozen=True, slots=True)
class ReadForms(Operation):
    """The forms by which one kind of holders enters and changes an account, as HTML pages that a browser fills.

    Answers ``{"forms": {name: {"url", "fields"}}, "home_url", "account_url", …}``; ``fields`` says what the page calls each
    thing that is typed. Names and their members: ``docs/control-api.md``.
    """

    name = "read_forms"
    method = "GET"
    path = "/login/{audience}/forms"
    reads = True

    audience: Audience


@dataclass(frozen=True, slots=True)
class CreateAccount(Operation):
    """Create an account, as an administrator would, or change what is known of its holder.

    ``account`` is its login, ``displayed`` the name that pages show, ``identifier`` the professional's national
    identifier (``8`` + RPPS) where it is known. ``password`` is the first one of an account that has one;
    ``contact`` is the holder's ordinary mail address, ``attributes`` what else is known of them (``docs/control-api.md``).
    """

    name = "create_account"
    method = "PUT"
    path = "/accounts/{account}"

    account: str
    displayed: str
    identifier: str = ""
    audience: Audience = "professional"
    password: str = ""
    contact: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetAccountPolicy(Operation):
    """Set what the accounts of a kind of holders must follow; 0 goes back to the product's own setting.

    Length and number of classes of characters (lower case, upper case, digits, others) of a password, former ones that are
    refused, days of life of a password and of a second means, failures before the lock, factors asked for, and the seconds
    during which one factor is enough to come back after both.
    """

    name = "set_account_policy"
    method = "PUT"
    path = "/accounts/policies/{audience}"

    audience: Audience
    length: int = 0
    classes: int = 0
    history: int = 0
    password_days: int = 0
    device_days: int = 0
    attempts: int = 0
    factors: int = 0
    one_factor: int = 0


@dataclass(frozen=True, slots=True)
class EnrolDevice(Operation):
    """Give an account a second means, or another one. Answers ``{"otpauth"}``: the address that its application reads."""

    name = "enrol_device"
    method = "POST"
    path = "/accounts/{account}/device"

    account: str


@dataclass(frozen=True, slots=True)
class DisableDevice(Operation):
    """Put the second means of an account out of service, as an administrator whom its holder called."""

    name = "disable_device"
    method = "DELETE"
    path = "/accounts/{account}/device"

    account: str


@dataclass(frozen=True, slots=True)
class BackdateAccount(Operation):
    """Make something of an account older by some days: what is due in time is then seen today."""

    name = "backdate_account"
    method = "POST"
    path = "/accounts/{account}/backdate"

    account: str
    what: Literal["password", "device", "identifier"]
    days: int


@dataclass(frozen=True, slots=True)
class VerifyAccount(Operation):
    """Have the identity of somebody who registered alone verified, and found right.

    ``means`` is one that ``read_forms`` told: ``document`` (a copy of an identity document that a professional looks at) or
    another, which the test instance then plays to its good end.
    """

    name = "verify_account"
    method = "POST"
    path = "/accounts/{account}/identity"

    account: str
    means: str


@dataclass(frozen=True, slots=True)
class CreateServiceAccount(Operation):
    """Create a generic account, for a process and not for a person.

    Answers ``{"url"}``: what the account may ask of the product by HTTP Basic (RFC 7617), without a screen.
    """

    name = "create_service_account"
    method = "PUT"
    path = "/accounts/services/{account}"

    account: str
    password: str


@dataclass(frozen=True, slots=True)
class DisableAccount(Operation):
    """Disable an account that is of no use any more."""

    name = "disable_account"
    method = "DELETE"
    path = "/accounts/{account}"

    account: str


@dataclass(frozen=True, slots=True)
class RenewIdentifiers(Operation):
    """Do now what the product does from time to time: search again the RPPS numbers that are due."""

    name = "renew_identifiers"
    method = "POST"
    path = "/accounts/identifiers"


@dataclass(frozen=True, slots=True)
class ChangeAccounts(Operation):
    """Change accounts in one batch, by the product's own file or interface.

    Each row has an ``action`` on an ``account``: ``create`` and ``change`` (``displayed``, ``audience``, ``password``), ``delete``,
    ``grant`` and ``revoke`` (``permission``, as ``read_forms`` calls it).
    """

    name = "change_accounts"
    method = "POST"
    path = "/accounts/batches"

    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class SynchroniseAccounts(Operation):
    """Synchronise the accounts now with the structure's directory, as happens regularly."""

    name = "synchronise_accounts"
    method = "POST"
    path = "/accounts/synchronisation"
