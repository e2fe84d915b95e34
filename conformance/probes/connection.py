"""One connection to a target that ends in time, whatever the peer does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from conformance.probes.target import Target


@contextmanager
def connected(target: Target, limit: float) -> Iterator[socket.socket]:
    """A socket of which every wait is bounded, and the whole: the library's own limits are for each read only.

    After ``limit`` seconds the connection is cut, so that a peer that drips its answer holds nobody; what was read of
    it by then is not an answer, and leaving raises :class:`TimeoutError`.
    """
    late = threading.Event()

    with socket.create_connection((target.host, target.port), limit) as plain, plain.dup() as handle:

        def cut() -> None:
            late.set()
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(limit, cut)
        timer.daemon = True
        timer.start()
        try:
            yield plain
        finally:
            timer.cancel()
            timer.join()
        if late.is_set():
            raise TimeoutError
