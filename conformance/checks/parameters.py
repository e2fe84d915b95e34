"""Parameters of a referential, as checks ask for them: by dotted name.

A profile writes ``parameters: {tls: {versions: [TLSv1.2]}}``; a product sheet may give another value to one that the
profile calls a hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.core.check import Context


def parameter(context: Context, name: str, default: Any) -> Any:
    """The value of ``name`` (``tls.versions``), or ``default`` where the profile has none."""
    found: Any = context.parameters
    for step in name.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return default
        found = found[step]
    return found
