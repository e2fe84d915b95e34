"""How the directory may misbehave, a given number of times."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from conformance.core.errors import UsageError

FHIR_JSON = "application/fhir+json"
# Seconds that a slow answer takes; the API's own limit is 30 (wire.md §5).
SLOW = 3.0
# Fault -> status, issue type of FHIR R4, seconds to wait that the answer names.
FAULTS: Mapping[str, tuple[int, str, int | None]] = {
    "unavailable": (503, "transient", 1),
    "failing": (500, "exception", None),
    "too-many": (429, "throttled", 1),
    "slow": (0, "", None),
}
MAX_TIMES = 100


class Faults:
    """The faults still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._coming: list[str] = []

    def ask(self, asked: Mapping[str, Any]) -> None:
        """Put ``times`` of a fault at the end; unknown ones are a :class:`UsageError`."""
        name, times = asked.get("fault"), asked.get("times", 1)
        if not isinstance(name, str) or name not in FAULTS:
            raise UsageError("services.control.bad-request", name="fault")
        if not isinstance(times, int) or not 0 < times <= MAX_TIMES:
            raise UsageError("services.control.bad-request", name="times")
        self._coming += [name] * times

    def clear(self) -> None:
        """Take off what nobody met."""
        self._coming.clear()

    async def meet(self) -> tuple[str, Response | None]:
        """The fault that this request meets and the answer it gets; the empty name when there is none."""
        if not self._coming:
            return "", None
        name = self._coming.pop(0)
        if name == "slow":
            await asyncio.sleep(SLOW)
            return name, None
        status, code, wait = FAULTS[name]
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return name, outcome(status, code, "the directory was asked to fail", headers)


def outcome(status: int, code: str, diagnostics: str, headers: Mapping[str, str] | None = None) -> Response:
    """An OperationOutcome of one issue."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=FHIR_JSON)
