"""Hardening of TLS at the front door: versions and suites that it agrees to."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.front_door import DoorTls
from conformance.core.check import check
from conformance.core.finding import Finding, error, info, warning
from conformance.core.words import Basis

ANSSI = "ANSSI, Recommandations de sécurité relatives à TLS, v1.2 du 26/03/2020"
OLD = ("TLSv1", "TLSv1.1")
# Families of suites that no guide has any more; CBC with SHA-2 stays in the ANSSI guide for want of better.
WEAK = ("anonymous", "no-encryption", "static-key", "sha1")


@check("hardening.tls-versions", source=f"{ANSSI}, §2.1; RFC 8996", basis=Basis.GUIDE, alone=False)
def old_versions_are_refused(door: DoorTls) -> Iterator[Finding]:
    """The front door speaks TLS 1.2 and TLS 1.3, and nothing older.

    Pass: TLS 1.0 and 1.1, offered alone, were refused. Warning: TLS 1.3 is not spoken.
    Fail: one of the old versions was agreed to.
    """
    if old := [version for version in OLD if version in door.agreed]:
        yield error("hardening.tls-versions.old", expected="TLSv1.2, TLSv1.3", got=", ".join(old))
    if door.outcomes.get("TLSv1.3") in ("refused", "closed"):
        yield warning("hardening.tls-versions.no-1-3", expected="TLSv1.3", got=", ".join(sorted(door.agreed)))
    if untried := [version for version in OLD if door.outcomes.get(version) in ("untried", "unreachable")]:
        yield info("hardening.untried", got=", ".join(untried))


@check(
    "hardening.tls-suites",
    source=f"{ANSSI}, §2.2, annexe A; Mozilla, Server Side TLS, guidelines 5.7 (intermediate)",
    basis=Basis.GUIDE,
    alone=False,
)
def weak_suites_are_refused(door: DoorTls) -> Iterator[Finding]:
    """Suites without authentication, encryption or ephemeral exchange, or that rest on SHA-1, are refused.

    Pass: each family, offered alone in TLS 1.2, was refused. Warning: CBC with SHA-2 is agreed to.
    Fail: one of them was agreed to.
    """
    if weak := [f"{family} ({door.agreed[family]})" for family in WEAK if family in door.agreed]:
        yield error("hardening.tls-suites.weak", expected="ECDHE + AES-GCM / ChaCha20", got=", ".join(weak))
    if "cbc" in door.agreed:
        yield warning("hardening.tls-suites.cbc", expected="AES-GCM, ChaCha20-Poly1305", got=door.agreed["cbc"])
    if untried := [family for family in WEAK if door.outcomes.get(family) in ("untried", "unreachable")]:
        yield info("hardening.untried", got=", ".join(untried))
