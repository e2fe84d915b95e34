"""Cookies of a front door, on journals played by hand."""

import pytest

from conformance.core.words import Provenance
from tests.checks.journals import LANE, Play


@pytest.mark.parametrize(("name", "http_only", "codes"), [
    ("sid", True, []),
    ("sid", False, ["hardening.cookie-script.missing"]),
    ("XSRF-TOKEN", False, []),
    ("csrftoken", False, []),
])  # fmt: skip
def test_scripts_may_read_a_token_against_forged_requests_alone(tmp_path, name, http_only, codes) -> None:
    play = Play(tmp_path)
    play.bench("expectation", name="front", origin="https://dui.test", marks=("front:trial",))
    cookie = {"name": name, "secure": True, "http_only": http_only, "same_site": "Lax", "lasting": False}
    data = {"window": play.window, "url": "https://dui.test/", "encrypted": True, "cookies": [cookie]}
    play.journal.append(
        "scenario", LANE, "probe.cookies", provenance=Provenance.PROBE, data=data, marks=("front:trial",)
    )
    assert play.codes("hardening.cookie-script") == codes
    assert len(play.subjects("hardening.cookie-script")) == 1
