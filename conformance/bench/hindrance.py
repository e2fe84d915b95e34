"""Why a scenario could not go on; never a verdict by itself."""

from __future__ import annotations

from conformance.core.texts import say
from conformance.core.words import Fault


class Hindered(Exception):
    """Raised by the stage when the product or the bench cannot do what the scenario needs."""

    def __init__(self, code: str, fault: Fault, **values: object) -> None:
        self.code = code
        self.fault = fault
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(code)

    def __str__(self) -> str:
        return f"[{self.code}] {say(self.code, **self.values)}"
