"""The rules of hardening, one by one: what is sound, what could be better, what is weak, what was not seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import conformance.checks  # noqa: F401 - fills the register
from conformance.core.words import Basis, Provenance
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import Journal
from conformance.hardening import SCENARIO, Hardening, State, harden

NOW = datetime.now(UTC)
WINDOW = f"{SCENARIO}@main#1"
STRICT = "default-src 'none'; frame-ancestors 'none'"
SOUND: dict[str, list[str]] = {
    "strict-transport-security": ["max-age=63072000; includeSubDomains"],
    "content-security-policy": [STRICT],
    "x-content-type-options": ["nosniff"],
    "referrer-policy": ["same-origin"],
    "cache-control": ["no-store"],
}
CERTIFICATE: dict[str, Any] = {
    "host": "dui.test",
    "readable": True,
    "names": ["dui.test"],
    "not_before": (NOW - timedelta(days=10)).isoformat(),
    "not_after": (NOW + timedelta(days=80)).isoformat(),
    "key": "EC",
    "bits": 256,
    "hash": "sha256",
    "trusted": True,
    "reason": "",
}
Look = Callable[..., "Hardening | None"]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """A look at a front door whose records are these."""

    def looked(*records: tuple[str, dict[str, Any]], complete: bool = True) -> Hardening | None:
        with_budget = (*records, ("probe.budget", {"complete": complete}))
        journal = Journal(tmp_path / "evidence")

        def write(kind: str, data: dict[str, Any], provenance: Provenance, *marks: str) -> None:
            journal.append(
                "scenario", "main", kind, provenance=provenance, data={"window": WINDOW, **data}, marks=marks
            )

        write("window.open", {"scenario": SCENARIO, "attempt": 1, "starts": {}}, Provenance.HARNESS)
        write("expectation", {"name": "front"}, Provenance.HARNESS, WINDOW)
        for kind, data in with_budget:
            write(kind, data, Provenance.PROBE, WINDOW)
        journal.close()
        return harden(Evidence.load(tmp_path / "evidence"))

    return looked


def page(**changed: Any) -> tuple[str, dict[str, Any]]:
    headers = {**SOUND, **{name.replace("_", "-"): [value] for name, value in changed.items() if value is not None}}
    gone = {name.replace("_", "-") for name, value in changed.items() if value is None}
    kept = {name: values for name, values in headers.items() if name not in gone}
    told = {
        "url": "https://dui.test/",
        "encrypted": True,
        "status": 200,
        "location": None,
        "headers": kept,
        "reason": "",
    }
    return "probe.headers", told


def tls(**outcomes: str) -> tuple[str, dict[str, Any]]:
    names = {"v10": "TLSv1", "v11": "TLSv1.1", "v12": "TLSv1.2", "v13": "TLSv1.3", "static": "static-key"}
    offers = {"v10": "refused", "v11": "refused", "v12": "agreed", "v13": "agreed", **outcomes}
    attempts = [{"offer": names.get(o, o), "outcome": outcome, "suite": "S"} for o, outcome in offers.items()]
    return "probe.tls", {"attempts": attempts}


def state(look: Look, rule: str, *records: tuple[str, dict[str, Any]]) -> State:
    found = look(*records)
    assert found is not None
    return next(one.state for one in found.rules if one.check.id == f"hardening.{rule}")


@pytest.mark.parametrize(
    ("rule", "changed", "expected"),
    [
        ("hsts", {}, State.SOUND),
        ("hsts", {"strict_transport_security": "max-age=300"}, State.BETTER),
        ("hsts", {"strict_transport_security": "max-age=0"}, State.WEAK),
        ("hsts", {"strict_transport_security": None}, State.WEAK),
        ("content-policy", {"content_security_policy": "frame-ancestors 'none'"}, State.WEAK),
        ("content-policy", {"content_security_policy": "script-src 'self' 'unsafe-inline'"}, State.WEAK),
        ("content-policy", {"content_security_policy": "script-src 'unsafe-inline' 'nonce-abc'"}, State.SOUND),
        ("framing", {"content_security_policy": "default-src 'self'"}, State.WEAK),
        ("framing", {"content_security_policy": "frame-ancestors *"}, State.WEAK),
        ("framing", {"content_security_policy": None, "x_frame_options": "DENY"}, State.SOUND),
        ("content-type", {"x_content_type_options": None}, State.WEAK),
        ("referrer", {"referrer_policy": "unsafe-url"}, State.WEAK),
        ("referrer", {"referrer_policy": None}, State.WEAK),
        ("caching", {"cache_control": "private"}, State.WEAK),
        ("disclosure", {"server": "nginx"}, State.SOUND),
        ("disclosure", {"server": "nginx/1.25.3"}, State.WEAK),
    ],
)
def test_headers_of_the_page(look: Look, rule: str, changed: dict[str, Any], expected: State) -> None:
    assert state(look, rule, page(**changed)) == expected


@pytest.mark.parametrize(
    ("rule", "changed", "expected"),
    [
        ("certificate-dates", {}, State.SOUND),
        ("certificate-dates", {"not_after": (NOW - timedelta(days=1)).isoformat()}, State.WEAK),
        ("certificate-dates", {"not_before": (NOW + timedelta(days=1)).isoformat()}, State.WEAK),
        ("certificate-dates", {"not_after": (NOW + timedelta(days=5)).isoformat()}, State.BETTER),
        ("certificate-dates", {"not_after": (NOW + timedelta(days=900)).isoformat()}, State.BETTER),
        ("certificate-name", {"names": ["*.test"]}, State.SOUND),
        ("certificate-name", {"names": ["*.dui.test", "autre.test"]}, State.WEAK),
        ("certificate-name", {"names": []}, State.WEAK),
        ("certificate-authority", {}, State.SOUND),
        ("certificate-authority", {"trusted": False, "reason": "self-signed"}, State.WEAK),
        ("certificate-authority", {"trusted": None, "reason": "TimeoutError"}, State.UNSEEN),
        ("certificate-key", {"key": "RSA", "bits": 1024}, State.WEAK),
        ("certificate-key", {"key": "RSA", "bits": 2048}, State.BETTER),
        ("certificate-key", {"key": "RSA", "bits": 4096}, State.SOUND),
        ("certificate-key", {"hash": "sha1"}, State.WEAK),
    ],
)
def test_the_certificate(look: Look, rule: str, changed: dict[str, Any], expected: State) -> None:
    assert state(look, rule, ("probe.certificate", {**CERTIFICATE, **changed}), page()) == expected


@pytest.mark.parametrize(
    ("rule", "outcomes", "expected"),
    [
        ("tls-versions", {}, State.SOUND),
        ("tls-versions", {"v10": "agreed"}, State.WEAK),
        ("tls-versions", {"v13": "refused"}, State.BETTER),
        ("tls-versions", {"v10": "untried"}, State.UNSEEN),
        ("tls-suites", {"static": "agreed"}, State.WEAK),
        ("tls-suites", {"cbc": "agreed"}, State.BETTER),
        ("tls-suites", {"static": "refused", "cbc": "refused"}, State.SOUND),
    ],
)
def test_tls(look: Look, rule: str, outcomes: dict[str, str], expected: State) -> None:
    assert state(look, rule, tls(**outcomes)) == expected


def test_a_door_that_agreed_to_nothing_proves_no_refusal(look: Look) -> None:
    found = look(tls(v12="closed", v13="unreachable"), page())
    assert found is not None
    assert {r.state for r in found.rules if r.check.id.startswith("hardening.tls")} == {State.UNSEEN}


def test_where_nobody_looked_there_is_no_section(look: Look) -> None:
    assert look() is None


def test_a_look_cut_short_says_so_and_its_findings_rest_on_guides(look: Look) -> None:
    found = look(page(cache_control=None), complete=False)
    assert found is not None
    assert not found.complete
    assert {finding.basis for rule in found.rules for finding in rule.findings} == {Basis.GUIDE}
