"""How a pytest session begins, joins, ends and concludes a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.bench.places import default_out
from conformance.bench.profiles import find_profile
from conformance.bench.session import RunPlan, RunSession, new_seed
from conformance.core.errors import UsageError
from conformance.core.product import load_product
from conformance.core.texts import say
from conformance.evidence.journal import has_records
from conformance.services.client import Bench
from conformance.services.home import home_folder

ENDPOINTS = "services.json"


def begin(config: pytest.Config, owned: pytest.StashKey[Any]) -> RunPlan:
    """The controller's part: read the product sheet, start or attach the services, make the plan."""
    dui = Path(config.getoption("dui"))
    product = load_product(dui)
    profiles = tuple(str(find_profile(name)) for name in config.getoption("profile"))
    if not profiles:
        raise UsageError("plugin.needs-profile")
    out = Path(config.getoption("conformance_out") or default_out())
    evidence = out / "evidence"
    resume = bool(config.getoption("resume"))
    if has_records(evidence) and not resume:
        raise UsageError("run.not-empty", path=str(out))
    evidence.mkdir(parents=True, exist_ok=True)
    services = config.getoption("services")
    if services:
        endpoints = Path(services)
    else:
        bench = Bench.start(evidence, home_folder(), [lane.name for lane in product.lanes])
        config.stash[owned] = bench
        endpoints = bench.endpoints_file
    return RunPlan(
        dui=str(dui.resolve()),
        profiles=profiles,
        out=str(out.resolve()),
        endpoints=str(endpoints.resolve()),
        seed=_seed(config, evidence, resume=resume),
        automatic_only=bool(config.getoption("automatic_only")),
        resume=resume,
    )


def join(workerinput: Mapping[str, Any]) -> RunPlan:
    """A worker's part: the controller's plan."""
    return RunPlan.of(workerinput["conformance"])


def open_session(plan: RunPlan, workerinput: Mapping[str, Any] | None) -> RunSession:
    """This process's session; the controller describes the run first."""
    import conformance.checks  # noqa: F401 - fills the register of checks

    session = RunSession(plan, workerinput["workerid"] if workerinput else "bench")
    if workerinput is None:
        session.describe()
    return session


def end(config: pytest.Config, owned: pytest.StashKey[Any]) -> None:
    """Stop the services that this process started."""
    bench = config.stash.get(owned, None)
    if bench is not None:
        bench.stop()
        del config.stash[owned]


def conclude(plan: RunPlan, write: Callable[[str], None]) -> None:
    """Judge everything, write the outputs, tell where they are."""
    from conformance.dossier.outputs import write_outputs

    summary = write_outputs(Path(plan.out), Path(plan.out) / "evidence", [Path(p) for p in plan.profiles])
    write("")
    for verdict, count in summary.counts.items():
        if count:
            write(f"{count:5d}  {say('verdict.' + verdict)}")
    for name, path in summary.paths.items():
        write(f"       {name}: {os.path.relpath(path)}")


def _seed(config: pytest.Config, evidence: Path, *, resume: bool) -> int:
    if resume and has_records(evidence):
        from conformance.evidence.evidence import Evidence

        start = Evidence.load(evidence).start
        if "seed" in start:
            return int(start["seed"])
    asked = config.getoption("seed")
    return int(asked) if asked is not None else new_seed()
