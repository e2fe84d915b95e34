"""Parameters of a referential, as checks ask for them: by dotted name, nested or flat.

A profile writes ``parameters: {tls: {versions: [TLSv1.2]}}``; a product sheet may override one of them by its
dotted name (``"tls.versions" = […]``), which then wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.core.check import Context


def parameter(context: Context, name: str, default: Any) -> Any:
    """The value of ``name`` (``tls.versions``), or ``default`` where neither profile nor product sheet has it."""
    if name in context.parameters:
        return context.parameters[name]
    found: Any = context.parameters
    for step in name.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return default
        found = found[step]
    return found
