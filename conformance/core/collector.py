"""The collector of cycles, left at rest while something short makes many objects that form none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Judge without Python's collector of cycles, and set it going again as it was.

    The elements of a document are thousands, all of them serve until its end, and reference counts free them then: the
    collector would look at them again and again to find nothing, for a twentieth of the time. Not for what lasts, nor for
    what has no bound on its size.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
