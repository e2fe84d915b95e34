"""Acts with the dashboard of the core services."""

from __future__ import annotations

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops


def read_calls(stage: Stage) -> None:
    """Read the detail of the calls to INSi; it is optional."""
    stage.ask(ops.ReadInsiCalls())


def read(stage: Stage) -> None:
    """Read the dashboard once the product has nothing more in progress, or says nothing of it."""
    stage.settle()
    stage.perform(ops.ReadDashboard())
