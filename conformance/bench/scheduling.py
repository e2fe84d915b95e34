"""Which lane plays a scenario, and how xdist keeps a lane on one worker."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from conformance.core.product import Lane


def lane_of(nodeid: str, lanes: Sequence[Lane]) -> Lane:
    """The lane of a test, from its node id alone, so that controller and workers agree.

    A parametrised test names its lane (``test_x[lane]``); the others are shared out by a stable hash.
    """
    named = {lane.name: lane for lane in lanes}
    if nodeid.endswith("]"):
        name = nodeid[nodeid.rindex("[") + 1 : -1]
        if name in named:
            return named[name]
    return lanes[zlib.crc32(nodeid.rpartition("::")[2].encode()) % len(lanes)]


class LaneScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Spreads product instances over workers; what shares an instance is played in series by one worker.

    Overriding ``_split_scope`` is how xdist's documentation has a project group its tests. Its own ``loadgroup``
    rewrites node ids, which pytest 9.2 no longer lets it do.
    """

    def __init__(self, config: pytest.Config, log: Producer, lanes: Sequence[Lane]) -> None:
        super().__init__(config, log)
        self._lanes = lanes

    def _split_scope(self, nodeid: str) -> str:
        lane = lane_of(nodeid, self._lanes)
        return lane.url or lane.name
