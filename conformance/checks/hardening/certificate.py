"""Hardening of the certificate that the front door shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from conformance.checks.subjects.front_door import DoorCertificate
from conformance.core.check import check
from conformance.core.finding import Finding, error, info, warning
from conformance.core.words import Basis

ANSSI = "ANSSI, Recommandations de sécurité relatives à TLS, v1.2 du 26/03/2020"
MOZILLA = "Mozilla, Server Side TLS, guidelines 5.7 (intermediate)"
# Mozilla 5.7: maximum_certificate_lifespan.
LIFE = timedelta(days=366)
SOON = timedelta(days=15)
# Mozilla 5.7: rsa_key_size; ANSSI v1.2 §3.1 asks for more where the certificate is used beyond 2030.
RSA, RSA_AFTER_2030, CURVE = 2048, 3072, 256
BROKEN = ("md5", "sha1")


@check(
    "hardening.certificate-dates", source=f"{ANSSI}, §3.2; RFC 5280 §4.1.2.5; {MOZILLA}", basis=Basis.GUIDE, alone=False
)
def the_certificate_is_in_force(shown: DoorCertificate) -> Iterator[Finding]:
    """The certificate is in force on the day it is seen, and was not made for years.

    Pass: between its two dates, for 366 days at most. Warning: longer, or over within 15 days.
    Fail: not yet valid, or no more.
    """
    if not shown.not_before <= shown.seen <= shown.not_after:
        dates = f"{shown.not_before:%Y-%m-%d} / {shown.not_after:%Y-%m-%d}"
        yield error("hardening.certificate-dates.out", expected=dates, got=f"{shown.seen:%Y-%m-%d}")
        return
    if shown.not_after - shown.not_before > LIFE:
        days = (shown.not_after - shown.not_before).days
        yield warning("hardening.certificate-dates.long", expected=f"≤ {LIFE.days}", got=str(days))
    if shown.not_after - shown.seen < SOON:
        yield warning("hardening.certificate-dates.soon", expected=f"> {SOON.days}", got=f"{shown.not_after:%Y-%m-%d}")


@check("hardening.certificate-name", source=f"{ANSSI}, §3.1; RFC 9525 §6", basis=Basis.GUIDE, alone=False)
def the_certificate_names_the_host(shown: DoorCertificate) -> Iterator[Finding]:
    """The certificate names the host of the address among its subject alternative names.

    Pass: the name, or a wildcard of its first label, or the address, is there.
    Fail: it is not.
    """
    if not any(_names(name.lower(), shown.host.lower()) for name in shown.names):
        yield error("hardening.certificate-name.other", expected=shown.host, got=", ".join(shown.names) or "-")


@check("hardening.certificate-authority", source=f"{ANSSI}, §3.2", basis=Basis.GUIDE, alone=False)
def an_authority_vouches_for_the_certificate(shown: DoorCertificate) -> Iterator[Finding]:
    """The chain leads to an authority that is trusted: the one given for the front door, else those of this machine.

    Pass: it does. Fail: it does not.
    """
    if shown.trusted is False:
        yield error("hardening.certificate-authority.unknown", expected="✔", got=shown.reason or "-")
    elif shown.trusted is None:
        yield info("hardening.untried", got=shown.reason or "-")


@check("hardening.certificate-key", source=f"{ANSSI}, §3.1; {MOZILLA}", basis=Basis.GUIDE, alone=False)
def the_certificate_has_a_strong_key(shown: DoorCertificate) -> Iterator[Finding]:
    """The key is RSA of 2048 bits at least or of a curve of 256 bits at least, the signature rests on SHA-2.

    Pass: so it is. Warning: RSA under 3072 bits.
    Fail: a shorter key, or a signature over MD5 or SHA-1.
    """
    got = f"{shown.key} {shown.bits}"
    if (shown.key == "RSA" and shown.bits < RSA) or (shown.key == "EC" and shown.bits < CURVE):
        yield error("hardening.certificate-key.short", expected=f"RSA ≥ {RSA}, EC ≥ {CURVE}", got=got)
    elif shown.key == "RSA" and shown.bits < RSA_AFTER_2030:
        yield warning("hardening.certificate-key.until-2030", expected=f"RSA ≥ {RSA_AFTER_2030}", got=got)
    if shown.hash in BROKEN:
        yield error("hardening.certificate-key.hash", expected="SHA-256", got=shown.hash)


def _names(pattern: str, host: str) -> bool:
    """Whether a name of a certificate is that of a host; a wildcard stands for its first label only (RFC 9525 §6.3)."""
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:] and bool(pattern[2:])
    return pattern == host
