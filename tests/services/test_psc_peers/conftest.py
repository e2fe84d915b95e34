"""One bench for the peers of this folder, with a professional who logs in at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.services.client import Bench

CALLBACK = "https://dui.test/retour"
PERSONA = "899900000029"


@pytest.fixture(scope="module")
def bench(bench_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench.start(tmp_path_factory.mktemp("peers") / "evidence", bench_home, ["main"]) as bench:
        bench.act("main", "psc", "register", redirect_uris=[CALLBACK])
        bench.act("main", "psc", "persona", subject=PERSONA)
        yield bench
