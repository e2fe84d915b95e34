"""Third-party structures at the product's entrance: the bench knocks with each certificate, one after the other."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from urllib.parse import urljoin

from conformance.bench.browser import origin
from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.core.words import Fault, Provenance
from conformance.drivers import operations as ops
from conformance.drivers.operations.structures import StructureKind
from conformance.probes.budget import Budget
from conformance.probes.entrance import Knock, knock
from conformance.probes.target import Target

SERVICE: Final = "structures"
# Digits of the number of each kind, and those it begins with here: no department, no company, no professional.
NUMBERS: dict[StructureKind, tuple[str, int]] = {
    "finess": ("99", 9),
    "siren": ("000", 9),
    "siret": ("000", 14),
    "rpps-rang": ("9", 14),
}
FAULTS = ("expired", "unknown-ca", "revoked")


def entrance(stage: Stage) -> None:
    """One structure of each kind with a good certificate, one without an account; then the bad certificates, and none."""
    stage.perform(ops.ConfigureService(SERVICE, stage.service(SERVICE)))
    url = str(stage.perform(ops.ReadEntrance()).body.get("url") or "")
    if not url:
        raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="url")
    target, budget = Target.of(urljoin(origin(stage.front), url)), Budget()
    numbers = {kind: _number(stage, kind) for kind in NUMBERS}
    allowed = {kind: number for kind, number in numbers.items() if _allowed(stage, kind, number)}
    stage.attempt(ops.ReadTraces())
    for kind, number in allowed.items():
        _knock(stage, target, budget, f"good-{kind}", kind, number)
    _knock(stage, target, budget, "stranger", "finess", _number(stage, "finess", "stranger"))
    for fault in FAULTS:
        _knock(stage, target, budget, fault, "finess", numbers["finess"], fault=fault)
    _told(stage, "none", "finess", "", knock(target, budget))
    _knock(stage, target, budget, "good-again", "finess", numbers["finess"])
    stage.attempt(ops.ReadTraces())


def _allowed(stage: Stage, kind: StructureKind, number: str) -> bool:
    """Give a structure an account; of SIREN and SIRET, a product may refuse one (SSI/IE.42)."""
    asked = ops.AllowStructure(kind, number)
    return (stage.attempt if kind in ("siren", "siret") else stage.perform)(asked).done


def _knock(stage: Stage, target: Target, budget: Budget, case: str, kind: str, number: str, *, fault: str = "") -> None:
    made = stage.act(SERVICE, "issue", kind=kind, number=number, fault=fault)
    came = knock(target, budget, str(made["certificate_pem"]), str(made["key_pem"]))
    _told(stage, case, kind, number, came)


def _told(stage: Stage, case: str, kind: str, number: str, came: Knock) -> None:
    mark = f"entrance:{stage.window.name}:{case}"
    stage.expect("structure", marks=(mark,), case=case, kind=kind, number=number)
    told: dict[str, Any] = {"case": case, "outcome": came.outcome, "status": came.status, "reason": came.reason}
    stage.window.write("probe.entrance", told, marks=(mark,), provenance=Provenance.PROBE)


def _number(stage: Stage, kind: StructureKind, *parts: str) -> str:
    """A number that no other scenario uses."""
    start, length = NUMBERS[kind]
    drawn = "|".join((str(stage.people.seed), stage.place, kind, *parts))
    digits = str(int(hashlib.sha256(drawn.encode()).hexdigest(), 16))
    return start + digits[: length - len(start)]
