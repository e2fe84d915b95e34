"""Every check of the harness. Importing this package fills the register (``conformance.core.check.Registry``).

What checks only call is left to them: a document without PDF nor FHIR is judged in less time than their libraries load.
"""

from __future__ import annotations

import importlib
import pkgutil

# Modules and packages of this one that register no check.
CALLED = frozenset({"subjects", "fhir", "datamatrix", "pdf_forbidden"})


def modules() -> list[str]:
    """The modules of this package that hold checks and what checks share, in the order of their names."""
    found = (each.name for each in pkgutil.walk_packages(__path__, f"{__name__}.", onerror=None))
    return sorted(name for name in found if name.split(".")[2] not in CALLED)


for _name in modules():
    importlib.import_module(_name)
