"""How the product trusts national services over HTTPS: authority, name, dates, then revocation before anything is asked."""

from __future__ import annotations

import ssl
from typing import Any
from weakref import WeakKeyDictionary

from .revocation import Revocations
from .sins import Sins
from .tls import NO_CHECK_TIME, strict_context

# The lists of revocation that each instance of the product knows.
_KNOWN: WeakKeyDictionary[Sins, Revocations] = WeakKeyDictionary()


def trusting(sins: Sins, ca_pem: str, certificate: tuple[str, str] = ("", "")) -> dict[str, Any]:
    """The options of :func:`.web_client.exchange` for a national service, as the defects in force leave them."""
    context = strict_context(ca_pem, *certificate)
    if sins.has("ignores-dates-of-national-services"):
        context.verify_flags |= NO_CHECK_TIME
    if sins.has("accepts-any-name-of-national-services"):
        context.check_hostname = False
    if sins.has("trusts-any-national-service"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    revocations = _KNOWN.setdefault(sins, Revocations(sins))

    def judge(shown: bytes | None) -> None:
        careless = sins.has("never-asks-whether-national-services-are-revoked")
        if not careless and not sins.has("trusts-any-national-service"):
            revocations.check(shown, ca_pem)

    return {"context": context, "judge": judge, "clear": sins.has("calls-national-services-in-clear")}
