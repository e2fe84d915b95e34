"""Write four fictitious documents in a folder: one that conforms, and three that do not, each for one reason.

``python docs/examples/refused_documents.py refused`` is what docs/refused.md begins with.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from conformance._bundled.fixtures.documents.model import document_of
from conformance._bundled.fixtures.documents.n1 import n1_of
from conformance._bundled.fixtures.people import Population

from conformance.strategies.faults import CDA
from conformance.strategies.misses import altered

# File name, and the fault of conformance.strategies that it holds.
REFUSED = {
    "matricule.xml": "matricule without its key",
    "type.xml": "document code outside the value set",
    "typeid.xml": "typeId of another standard",
}


def main(folder: Path) -> None:
    """Write the documents."""
    people = Population(7)
    spec = document_of(
        7,
        "docs",
        "letter",
        person=people.person("docs", "usager", origin="mainland"),
        author=people.professional,
        structure=people.structure,
        act_date=datetime.fromisoformat("2026-03-04T10:00:00+01:00"),
    )
    good = n1_of(spec)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "good.xml").write_bytes(good)
    for name, fault in REFUSED.items():
        (folder / name).write_bytes(altered(good, CDA[fault]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
