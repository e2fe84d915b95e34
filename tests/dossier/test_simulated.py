"""The dossier says of each service that the product met what is played, what is not, and what is assumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from conformance.core.errors import UsageError
from conformance.core.fidelity import read_fidelity
from conformance.core.words import Provenance
from conformance.dossier.report import render_report
from conformance.dossier.schema import validator
from conformance.services import fidelity

Make = Callable[..., Any]


def met(run: Any, *services: str) -> None:
    for service in services:
        run.journal.append(service, "main", "test.call", provenance=Provenance.WIRE)


def test_a_service_counts_once_it_was_met(run: Make) -> None:
    made = run()
    for lane in ("main", "other"):
        for service in ("mssante", "dmp", "sdo"):
            fidelity.tell(made.journal, lane, service)
    met(made, "mssante.smtp", "dmp.web")
    assert [one.fidelity.service for one in made.judged().services] == ["dmp", "mssante"]


def test_a_hypothesis_that_the_sheet_settles_is_no_longer_in_force(run: Make) -> None:
    made = run()
    fidelity.tell(made.journal, "main", "sdo")
    met(made, "sdo")
    product = {"name": "A", "parameters": {"sdo": {"transitions": {}}}}
    (before,) = made.judged().services
    made.journal.append("run", "*", "run.start", provenance=Provenance.HARNESS, data={"product": product})
    (after,) = made.judged().services
    assert "sdo.transitions" in {one.id for one in before.in_force}
    assert [one.id for one in after.settled] == ["sdo.transitions"]
    assert set(before.in_force) == {*after.in_force, *after.settled}


def test_the_outputs_print_it(run: Make, tmp_path: Path) -> None:
    made = run()
    fidelity.tell(made.journal, "main", "dmp")
    met(made, "dmp")
    page = html.fromstring(render_report(made.judged(), None))
    section = page.get_element_by_id("service-dmp")
    text = section.text_content()
    told = fidelity.fidelity("dmp")
    for one in (*told.played, *told.absent, *(h.statement for h in told.hypotheses)):
        assert " ".join(one.fr.split()) in " ".join(text.replace("\u00a0", " ").split())
    document = json.loads(made.sealed(tmp_path / "out").paths["verdicts"].read_bytes())
    assert list(validator("verdicts").iter_errors(document)) == []
    (service,) = document["services"]
    assert (service["service"], len(service["absent"])) == ("dmp", len(told.absent))
    assert all(one["in_force"] for one in service["hypotheses"])


def test_a_run_without_services_says_nothing_of_them(run: Make) -> None:
    made = run()
    assert made.judged().services == []
    assert "service-" not in render_report(made.judged(), None)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"service = 1",
        b"service = 'a'\nunknown = 1",
        b"x" * 70_000,
        b"service='a'\ntitle='b'\nsource='c'\nplayed=[1]\nabsent=[]",
    ],
    ids=["bytes", "members missing", "unknown member", "too large", "no sentence"],
)
def test_a_table_that_is_not_clear_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError, match="fidelity"):
        read_fidelity(content)
