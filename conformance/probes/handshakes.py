"""TLS handshakes with a front door, one offer at a time: which versions and which weak suites it agrees to."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.probes.budget import Budget
from conformance.probes.connection import connected
from conformance.probes.target import Target

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
# What a server must not agree to, offered alone in TLS 1.2 (OpenSSL cipher lists). CBC with SHA-2 is the weakest that the
# ANSSI guide still has among its suites of last resort.
FAMILIES = {
    "anonymous": "aNULL:!eNULL",
    "no-encryption": "eNULL",
    "static-key": "kRSA:!eNULL",
    "sha1": "ECDHE+SHA1:DHE+SHA1:!aNULL:!eNULL:!PSK:!SRP",
    "cbc": "ECDHE+AES+SHA256:ECDHE+AES+SHA384:!AESGCM:!AESCCM:!PSK:!SRP",
}
# Reasons that OpenSSL gives for an offer that it would not make itself: such an attempt says nothing of the server.
OURS = frozenset({"NO_CIPHERS_AVAILABLE", "NO_PROTOCOLS_AVAILABLE", "UNSUPPORTED_PROTOCOL", "NO_CIPHER_MATCH"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One offer and what came of it.

    ``outcome`` is ``agreed``, ``refused`` (an alert of the server), ``closed`` (it left without a word), ``unreachable``
    (no answer) or ``untried`` (the offer cannot be made here).
    """

    offer: str
    outcome: str
    version: str = ""
    suite: str = ""
    reason: str = ""
    certificate: bytes = b""

    def as_json(self) -> Mapping[str, Any]:
        """As evidence tells it; the certificate has a record of its own."""
        return {name: getattr(self, name) for name in ("offer", "outcome", "version", "suite", "reason")}


def versions(target: Target, budget: Budget) -> list[Attempt]:
    """One handshake for each version, from the oldest to the newest."""
    return [attempt(target, budget, name, minimum=version, maximum=version) for name, version in VERSIONS.items()]


def families(target: Target, budget: Budget) -> list[Attempt]:
    """One handshake for each family of weak suites, in TLS 1.2."""
    version = ssl.TLSVersion.TLSv1_2
    return [
        attempt(target, budget, name, minimum=version, maximum=version, suites=suites)
        for name, suites in FAMILIES.items()
    ]


def attempt(
    target: Target,
    budget: Budget,
    offer: str,
    *,
    minimum: ssl.TLSVersion,
    maximum: ssl.TLSVersion,
    suites: str = "ALL:COMPLEMENTOFALL",
) -> Attempt:
    """Connect, offer, and leave once the handshake ended; :class:`Spent` when the budget is."""
    limit = budget.connection()
    try:
        context = permissive(minimum, maximum, suites)
    except ssl.SSLError as exc:
        return Attempt(offer, "untried", reason=exc.reason or "")
    try:
        with (
            connected(target, limit) as plain,
            context.wrap_socket(plain, server_hostname=target.server_name) as connection,
        ):
            cipher = connection.cipher()
            return Attempt(
                offer,
                "agreed",
                version=connection.version() or "",
                suite=cipher[0] if cipher else "",
                certificate=connection.getpeercert(binary_form=True) or b"",
            )
    except ssl.SSLError as exc:
        return Attempt(offer, _outcome(exc), reason=exc.reason or type(exc).__name__)
    except ConnectionResetError as exc:
        return Attempt(offer, "closed", reason=type(exc).__name__)
    except OSError as exc:
        return Attempt(offer, "unreachable", reason=type(exc).__name__)


def permissive(minimum: ssl.TLSVersion, maximum: ssl.TLSVersion, suites: str) -> ssl.SSLContext:
    """A client context that agrees to anything: the certificate is looked at, never obeyed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(f"{suites}:@SECLEVEL=0")
    with warnings.catch_warnings():
        # The ssl module rightly deprecates the versions that a door must refuse.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = minimum, maximum
    return context


def _outcome(exc: ssl.SSLError) -> str:
    reason = exc.reason or ""
    if reason in OURS:
        return "untried"
    return "refused" if "ALERT" in reason else "closed"
