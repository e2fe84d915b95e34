"""The table of each service (:mod:`conformance.core.fidelity`): read beside it, written into the evidence, shown in its page.

``python -m conformance.services.fidelity docs/services`` writes the tables of the pages anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from conformance.core.fidelity import KIND, RECORDER, ROLE, Fidelity, read_fidelity
from conformance.core.texts import Language
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal

# The services that a lane plays from its start, and those that it plays when they are asked for.
SERVICES = ("mssante", "psc", "insi", "annuaire", "dmp", "sdo", "tddui", "impostor", "structures")
_PLACE = re.compile(r"(?<=<!-- fidelity -->\n).*?(?=<!-- /fidelity -->)", re.DOTALL)
_HEADS = {"played": "Played", "absent": "Not played", "hypotheses": "Hypothesis"}


def content(service: str) -> bytes:
    """The table of a service as it is beside it."""
    return (resources.files("conformance.services") / service / "fidelity.toml").read_bytes()


def fidelity(service: str) -> Fidelity:
    """The table of a service."""
    return read_fidelity(content(service))


def tell(journal: Journal, lane: str, service: str) -> None:
    """Write into the evidence what a service of a lane plays."""
    data = {"service": service}
    blobs = {ROLE: content(service)}
    journal.append(RECORDER, lane, KIND, provenance=Provenance.HARNESS, data=data, blobs=blobs)


def page(text: str, told: Fidelity, lang: Language = "en") -> str:
    """The page of a service with its table between the two marks."""
    rows = ["| | |", "|---|---|"]
    rows += [f"| {_HEADS['played']} | {one.in_(lang)} |" for one in told.played]
    rows += [f"| {_HEADS['absent']} | {one.in_(lang)} |" for one in told.absent]
    rows += [f"| {_HEADS['hypotheses']} `{one.id}` | {one.statement.in_(lang)} |" for one in told.hypotheses]
    table = "\n".join(["", *rows, "", ""])
    return _PLACE.sub(lambda _: table, text)


def main(arguments: Sequence[str]) -> None:
    """Write every page anew."""
    for service in SERVICES:
        path = Path(arguments[0]) / f"{service}.md"
        path.write_text(page(path.read_text(encoding="utf-8"), fidelity(service)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
