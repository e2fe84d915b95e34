"""What several tests of checks share."""

from types import SimpleNamespace

import pytest

from conformance.evidence import journal


@pytest.fixture
def clock(monkeypatch):
    """The seconds that records bear; a test moves them by ``now``."""
    told = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(journal, "time", SimpleNamespace(monotonic=lambda: told.now))
    return told
