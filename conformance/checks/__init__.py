"""Every check of the harness. Importing this package fills the register (``conformance.core.check.Registry``)."""

from __future__ import annotations

import importlib
import pkgutil

SUBJECTS = f"{__name__}.subjects"


def modules() -> list[str]:
    """The modules of this package that hold checks and what checks share, in the order of their names."""
    return sorted(
        found.name
        for found in pkgutil.walk_packages(__path__, f"{__name__}.")
        if found.name != SUBJECTS and not found.name.startswith(f"{SUBJECTS}.")
    )


for _name in modules():
    importlib.import_module(_name)
