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
from conformance.bench.sheet import refuse_unfit, refuse_unknown_scenarios
from conformance.core.errors import SetupError, UsageError
from conformance.core.home import home_folder
from conformance.core.product import Product, load_product
from conformance.core.profile import load_profile
from conformance.core.texts import say
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import has_records
from conformance.services.client import Bench

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
    read = [load_profile(Path(path)) for path in profiles]
    refuse_unfit(product, read, str(dui))
    refuse_unknown_scenarios(config.getoption("scenario"), read)
    if resume and has_records(evidence):
        _refuse_another(product, evidence)
    endpoints = Path(config.getoption("services") or ENDPOINTS)
    if not config.getoption("services") and not config.option.collectonly:
        endpoints = _start_services(config, owned, product, evidence)
    return RunPlan(
        dui=str(dui.resolve()),
        profiles=profiles,
        out=str(out.resolve()),
        endpoints=str(endpoints.resolve()),
        seed=_seed(config, evidence, resume=resume),
        automatic_only=bool(config.getoption("automatic_only")),
        resume=resume,
        probe=not config.getoption("no_probe"),
        scenarios=tuple(config.getoption("scenario")),
    )


def _start_services(config: pytest.Config, owned: pytest.StashKey[Any], product: Product, evidence: Path) -> Path:
    try:
        evidence.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise SetupError("run.unwritable", path=str(evidence), reason=exc.strerror or str(exc)) from exc
    variables = [product.token_env] if product.token_env else []
    lanes = [lane.name for lane in product.lanes]
    config.stash[owned] = Bench.start(
        evidence, home_folder(), lanes, secret_variables=variables, mail_backend=config.getoption("mail_backend")
    )
    return Path(config.stash[owned].endpoints_file)


def join(workerinput: Mapping[str, Any]) -> RunPlan:
    """A worker's part: the controller's plan."""
    return RunPlan.of(workerinput["conformance"])


def open_session(plan: RunPlan, workerinput: Mapping[str, Any] | None, *, plays: bool = True) -> RunSession:
    """This process's session; the controller describes the run first, unless it only collects."""
    import conformance.checks  # noqa: F401 - fills the register of checks

    session = RunSession(plan, workerinput["workerid"] if workerinput else "bench")
    if workerinput is None and plays:
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


def _refuse_another(product: Product, evidence: Path) -> None:
    """A run goes on with the product it began with: another sheet would put its name on what it did not do."""
    before = Evidence.load(evidence).start.get("product", {})
    changed = sorted(key for key, value in product.sheet().items() if before.get(key) != value)
    if before and changed:
        raise UsageError("run.other-product", keys=", ".join(changed))


def _seed(config: pytest.Config, evidence: Path, *, resume: bool) -> int:
    if resume and has_records(evidence):
        start = Evidence.load(evidence).start
        if "seed" in start:
            return int(start["seed"])
    asked = config.getoption("seed")
    return int(asked) if asked is not None else new_seed()
