"""Acts with the dashboard of the core services."""

from __future__ import annotations

import time

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops

_POLL = 0.1


def read(stage: Stage) -> None:
    """Read the dashboard once the product has nothing more in progress, or says nothing of it."""
    deadline = time.monotonic() + stage.limits.answer
    while stage.idle() is False and time.monotonic() < deadline:
        time.sleep(_POLL)
    stage.perform(ops.ReadDashboard())
