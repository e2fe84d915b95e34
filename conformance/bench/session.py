"""A run: its folder, its evidence, the services it stands on, and how workers join it."""

from __future__ import annotations

import importlib
import platform
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.bench.people import People
from conformance.bench.stage import Stage
from conformance.bench.window import Window
from conformance.core.product import Lane, Product, load_product
from conformance.core.profile import load_profile
from conformance.core.requirement import Profile
from conformance.core.words import Provenance
from conformance.drivers.factory import driver_of, token_of
from conformance.drivers.outcome import Driver
from conformance.evidence.evidence import EVERY_LANE, RUN, Evidence
from conformance.evidence.journal import Journal, has_records, now_utc
from conformance.services.client import Bench

VERSIONED = ("lxml", "cryptography", "aiosmtpd", "pikepdf", "pytest", "joserfc")


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What every process of a run needs to know; plain values, so that it travels to xdist workers."""

    dui: str
    profiles: tuple[str, ...]
    out: str
    endpoints: str
    seed: int
    automatic_only: bool = False
    resume: bool = False
    probe: bool = True
    # Those asked for by name; empty for all of the profiles.
    scenarios: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For ``workerinput``."""
        return {**asdict(self), "profiles": list(self.profiles), "scenarios": list(self.scenarios)}

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> RunPlan:
        """Back from ``workerinput``."""
        return cls(**{**raw, "profiles": tuple(raw["profiles"]), "scenarios": tuple(raw["scenarios"])})


class RunSession:
    """The run as one process sees it."""

    def __init__(self, plan: RunPlan, writer: str) -> None:
        self.plan = plan
        self.writer = writer
        self.product: Product = load_product(Path(plan.dui))
        self.profiles: tuple[Profile, ...] = tuple(load_profile(Path(path)) for path in plan.profiles)
        self.earlier = Evidence.load(self.evidence_folder) if has_records(self.evidence_folder) else None
        self._drivers: dict[str, Driver] = {}
        self._defects: dict[str, tuple[str, ...]] = {}
        self._attempts: Counter[tuple[str, str]] = Counter()

    @property
    def evidence_folder(self) -> Path:
        """Where the journal and the contents of this run are."""
        return Path(self.plan.out) / "evidence"

    @cached_property
    def journal(self) -> Journal:
        """This process's segment; the product's control token is a secret from the first record on."""
        journal = Journal(self.evidence_folder, self.writer)
        if self.product.driver == "http" and (token := token_of(self.product)):
            journal.redactor.declare(token)
        return journal

    @cached_property
    def bench(self) -> Bench:
        """The services of this run."""
        return Bench.attach(Path(self.plan.endpoints))

    @cached_property
    def people(self) -> People:
        """The population of this run, drawn from its seed."""
        fixtures = importlib.import_module("conformance._bundled.fixtures.people")
        people: People = fixtures.Population(self.plan.seed)
        return people

    def describe(self) -> None:
        """Write ``run.start``: what the checks and the dossier must know of this run."""
        self.journal.append(
            RUN,
            EVERY_LANE,
            "run.start",
            provenance=Provenance.HARNESS,
            data={
                "product": self.product.sheet(),
                "profiles": [
                    {"name": p.name, "referential": p.referential, "version": p.version, "digest": p.digest}
                    for p in self.profiles
                ],
                "seed": self.plan.seed,
                "limits": asdict(self.product.limits),
                "mail_backend": self.bench.endpoints.mail_backend,
                "started": now_utc(),
                "versions": versions(),
            },
        )

    def observed(self, scenario: str, lane: str | None = None) -> bool:
        """Whether an earlier run in this folder already observed a scenario to its end."""
        if self.earlier is None:
            return False
        seen = self.earlier.latest(scenario, lane)
        return bool(seen) and all(o.sound and o.hindrance is None for o in seen)

    def stage(self, scenario: str, lane: Lane) -> Stage:
        """Open the window of a scenario in a lane."""
        driver = self._driver(lane)
        earlier = len(self.earlier.attempts(scenario, lane.name)) if self.earlier else 0
        self._attempts[scenario, lane.name] += 1
        attempt = earlier + self._attempts[scenario, lane.name]
        here = self.bench.lane(lane.name)
        window = Window(self.journal, lane.name, scenario, attempt, lambda: dict(self.bench.sequences(lane.name)))
        return Stage(
            scenario=scenario,
            window=window,
            driver=driver,
            bench=self.bench,
            here=here,
            people=self.people,
            limits=self.product.limits,
            front=lane.url,
            door=lane.front,
            patient_digits=int(self.product.parameters.get("patient_address", {}).get("matricule_length", 15)),
        )

    def close(self) -> None:
        """End this process's part; a session that only collected has none."""
        if "journal" in self.__dict__:
            self.journal.close()

    def _driver(self, lane: Lane) -> Driver:
        driver = self._drivers.setdefault(lane.url, driver_of(self.product, lane))
        wanted = lane.defects
        if self._defects.get(lane.url, ()) != wanted:
            driver.prepare(wanted)
            self._defects[lane.url] = wanted
        return driver


def new_seed() -> int:
    """A seed for a new run; it is written into the evidence."""
    return secrets.randbits(48)


def versions() -> dict[str, str]:
    """What judged and what played: the harness, Python and the libraries a verdict depends on."""
    found = {"dui-conformance": __version__, "python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
