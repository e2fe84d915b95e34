"""Services that a lane starts when they are first asked for."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conformance.core.errors import UsageError
from conformance.services import lane_service
from conformance.services.host import Host
from conformance.services.lane_service import Action, LaneService


class Echo(LaneService):
    """Answers what it is told."""

    name = "echo"
    running = 0

    async def start(self) -> None:
        Echo.running += 1

    async def stop(self) -> None:
        Echo.running -= 1

    def endpoints(self) -> Mapping[str, Any]:
        return {"lane": self.context.lane}

    def actions(self) -> Mapping[str, Action]:
        return {"say": self._say}

    async def _say(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"said": asked["words"]}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("echo_service")
    module.Echo = Echo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "echo_service", module)
    monkeypatch.setitem(lane_service.LANE_SERVICES, "echo", "echo_service:Echo")


def test_a_service_starts_once_when_asked_for_and_stops_with_its_lane(tmp_path: Path, bench_home: Path) -> None:
    async def told() -> list[Any]:
        host = Host(tmp_path / "evidence", bench_home)
        await host.start(["main"])
        before = Echo.running
        lane = host.lanes["main"]
        service = await lane.service("echo")
        again = await lane.service("echo")
        said = await service.act("say", {"words": "bonjour"})
        during = Echo.running
        await host.stop()
        return [before, service is again, service.endpoints(), said, during, Echo.running]

    assert asyncio.run(told()) == [0, True, {"lane": "main"}, {"said": "bonjour"}, 1, 0]


def test_unknown_services_and_actions_name_the_known_ones(tmp_path: Path, bench_home: Path) -> None:
    async def told() -> list[UsageError]:
        host = Host(tmp_path / "evidence", bench_home)
        await host.start(["main"])
        refused = []
        for service, action in (("nothing", "say"), ("echo", "sing")):
            with pytest.raises(UsageError) as caught:
                await (await host.lanes["main"].service(service)).act(action, {})
            refused.append(caught.value)
        await host.stop()
        return refused

    service, action = asyncio.run(told())
    assert service.code == "services.unknown-service"
    assert "echo" in str(service.values["known"])
    assert (action.code, action.values["known"]) == ("services.unknown-action", "say")
