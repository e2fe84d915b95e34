"""Acts with the web access of the DMP: where the product sends the browser, and the browser's visit."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from conformance.bench.acts.dmp import SERVICE
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person

# Seconds for the browser that the bench plays.
VISIT_LIMIT = 10


def visit(stage: Stage, function: str, person: Person | None = None) -> Mapping[str, Any] | None:
    """Ask the product where it sends the browser, and go there as a browser would; answers the record of the visit."""
    matricule = person.ins if person else ""
    stage.expect("dmp-web", marks=(matricule,) if matricule else (), function=function, matricule=matricule)
    before = stage.now()
    outcome = stage.perform(ops.OpenDmpWeb(function, person.key if person else None))  # type: ignore[arg-type]
    browse(stage, str(outcome.body.get("url", "")))
    return stage.await_record("dmp.visit", matricule, after=before)


def browse(stage: Stage, url: str) -> None:
    """Open an address of the bench's own web access; any other is left alone."""
    if not url.startswith(str(stage.service(SERVICE)["web_url"])):
        return
    with requests.Session() as session, tempfile.TemporaryDirectory() as folder:
        anchor = Path(folder) / "anchor.pem"
        anchor.write_text(stage.bench.endpoints.ca_pem, encoding="ascii")
        session.trust_env = False
        session.verify = str(anchor)
        session.get(url, timeout=VISIT_LIMIT, allow_redirects=False)
