"""A conformance harness for the French DUI (dossier usager informatisé).

In an editor's own tests: ``from conformance import check_document``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.documents_api import CheckedDocument, InvalidDocument, assert_conforming, check_document

__version__ = "0.1.0"
__all__ = ["CheckedDocument", "InvalidDocument", "__version__", "assert_conforming", "check_document"]


def __getattr__(name: str) -> Any:
    """Import what judges documents when it is first asked for: the commands must start without it."""
    if name.startswith("_") or name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from conformance import documents_api

    return getattr(documents_api, name)
