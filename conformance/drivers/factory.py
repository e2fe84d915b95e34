"""The driver of a lane, from the product sheet."""

from __future__ import annotations

import os

from conformance.core.errors import SetupError
from conformance.core.product import Lane, Product
from conformance.drivers.guided import GuidedDriver
from conformance.drivers.http import HttpDriver
from conformance.drivers.outcome import Driver


def token_of(product: Product) -> str | None:
    """The control token, read from the environment variable that the sheet names."""
    if not product.token_env:
        return None
    token = os.environ.get(product.token_env)
    if not token:
        raise SetupError("driver.no-token", variable=product.token_env)
    return token


def driver_of(product: Product, lane: Lane) -> Driver:
    """How this lane is made to act."""
    if product.driver == "guided":
        return GuidedDriver(product.limits.answer)
    return HttpDriver(lane.url, token_of(product), product.limits.answer)
