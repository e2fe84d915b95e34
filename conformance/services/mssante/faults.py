"""The faults that the simulated operator can show, by name; each can be chosen by scenario or by a mailbox's name.

A fault of TLS or of the autoconfiguration stands before any mailbox is known: it is shown by a *front*, a mail domain of
its own (``<fault>.<lane>.mssante.test``) with its own ports (see :mod:`.front`). A fault of a session is shown by a
front too, or by any mailbox whose local part begins with the fault's name and a dot: ``greylisted.durand@…``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Certificate = Literal["good", "expired", "revoked", "unknown-ca", "commercial-ca", "wrong-name"]
Document = Literal["good", "missing", "malformed"]
# What is wrong with the certificate of a host of the web; a usual commercial authority is allowed there (MSS/CONF.04).
WEB_CERTIFICATES: tuple[Certificate, ...] = ("expired", "revoked", "unknown-ca", "wrong-name")

# Suites of TLS 1.2 that MSSanté does not name: RSA key exchange, and CBC with SHA-1.
_OTHER_SUITES = (
    "AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-SHA256:ECDHE-RSA-AES256-SHA:AES256-SHA:AES128-SHA:@SECLEVEL=0"
)
_ECDHE = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"
_DHE = "DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"


@dataclass(frozen=True, slots=True)
class TlsTerms:
    """What a front agrees to in TLS; empty members leave the operator's own terms.

    ``lowest`` and ``highest`` name versions, ``suites`` is an OpenSSL list, ``short_dh`` asks for a 1024-bit group,
    ``curve`` names the only elliptic curve.
    """

    lowest: Literal["", "TLSv1.3"] = ""
    highest: Literal["", "TLSv1.1", "TLSv1.2"] = ""
    suites: str = ""
    short_dh: bool = False
    curve: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``session`` is true when it shows inside a session, so that a mailbox's name can choose it.

    ``certificate`` is that of the mail servers, ``web`` that of the host of the autoconfiguration document,
    ``provider`` that of Pro Santé Connect. ``clear`` leaves TLS out, and offers to authenticate without it.
    """

    name: str
    certificate: Certificate = "good"
    web: Certificate = "good"
    provider: Certificate = "good"
    tls: TlsTerms = field(default_factory=TlsTerms)
    document: Document = "good"
    clear: bool = False
    session: bool = False


_ALL = (
    Fault("expired", certificate="expired"),
    Fault("revoked", certificate="revoked"),
    Fault("unknown-ca", certificate="unknown-ca"),
    Fault("commercial-ca", certificate="commercial-ca"),
    Fault("wrong-name", certificate="wrong-name"),
    Fault("old-version", tls=TlsTerms(highest="TLSv1.1")),
    Fault("weak-suite", tls=TlsTerms(highest="TLSv1.2", suites=_OTHER_SUITES)),
    Fault("small-dh", tls=TlsTerms(highest="TLSv1.2", suites=_DHE, short_dh=True)),
    Fault("small-curve", tls=TlsTerms(highest="TLSv1.2", suites=_ECDHE, curve="secp224r1")),
    # STARTTLS is neither announced nor obeyed, as when somebody in the middle takes it away (RFC 3207 §6).
    Fault("no-starttls", clear=True),
    # Nothing wrong: an operator that speaks TLS 1.3 and nothing else, which MSS/CONF.02 leaves to the client.
    Fault("only-tls-1-3", tls=TlsTerms(lowest="TLSv1.3")),
    *(Fault(f"web-{kind}", web=kind) for kind in WEB_CERTIFICATES),
    *(Fault(f"psc-{kind}", provider=kind) for kind in WEB_CERTIFICATES),
    Fault("no-autoconfig", document="missing"),
    Fault("malformed-autoconfig", document="malformed"),
    # While it is on, neither CRL nor OCSP of the front answers.
    Fault("crl-unavailable"),
    # Nothing is ever said, not even a greeting; by a mailbox's name, nothing more after the login.
    Fault("silent", session=True),
    # The connection is reset at MAIL, and at SELECT or EXAMINE.
    Fault("cut", session=True),
    # 421 or BYE at MAIL, or at SELECT or EXAMINE: once for each protocol of a mailbox.
    Fault("closes", session=True),
    Fault("refuses-login", session=True),
    # The first token shown in each protocol is said to have expired; another one is taken.
    Fault("expired-token", session=True),
    # Every reply after the login waits.
    Fault("slow", session=True),
    # RCPT: 451 once for each sender and recipient, then accepted.
    Fault("greylisted", session=True),
    # RCPT: 452, the recipient's mailbox is full for now; or 552, it is over its quota.
    Fault("full", session=True),
    Fault("over-quota", session=True),
    # End of data: 554.
    Fault("refuses-message", session=True),
    # The connection is reset once the text came and before it is accepted: once for each mailbox.
    Fault("cuts-data", session=True),
)
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}
# Seconds that a slow operator takes for each reply.
SLOWNESS = 2.0


def named_by(address: str) -> str:
    """The fault that a mailbox's name asks for; empty when it asks for none."""
    name = address.partition("@")[0].lower().partition(".")[0]
    fault = FAULTS.get(name)
    return name if fault and fault.session else ""


@dataclass(eq=False)
class Temper:
    """How the operator, or one of its fronts, behaves now: well unless a fault is in force.

    ``fault`` is the front's own, ``domain`` its mail domain; both are empty for the operator itself. A fault is off
    while ``active`` is false, but for its certificate and its TLS, which are those of its ports.
    """

    fault: Fault | None = None
    domain: str = ""
    active: bool = True
    _spent: set[tuple[str, ...]] = field(default_factory=set)
    _expired: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """The name of the front's fault; ``None`` for the operator itself."""
        return self.fault.name if self.fault else None

    @property
    def clear(self) -> bool:
        """Whether TLS is left out now."""
        return bool(self.fault and self.fault.clear and self.active)

    def shows(self, name: str, *addresses: str | None) -> bool:
        """Whether a fault shows now: the front's own, or one that the name of a mailbox asks for."""
        if self.fault and self.fault.name == name:
            return self.active
        return any(named_by(address) == name for address in addresses if address)

    def once(self, *key: str) -> bool:
        """True the first time that it is asked for a key."""
        if key in self._spent:
            return False
        self._spent.add(key)
        return True

    def expire(self, protocol: str, user: str, token_id: str) -> bool:
        """Whether a token has expired by fault: the first one that a mailbox shows in a protocol, for ever."""
        self._expired.setdefault((protocol, user.lower()), token_id)
        return self._expired[protocol, user.lower()] == token_id
