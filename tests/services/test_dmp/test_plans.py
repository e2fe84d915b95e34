"""No statement of the registry reads a table whole: what a call costs must not grow with what the DMP holds."""

import re
import sqlite3
from pathlib import Path

import pytest

from conformance.services.dmp import store
from conformance.services.dmp.database import SCHEMA

SOURCE = Path(store.__file__).read_text(encoding="utf-8")
# How many documents there are is counted when it is asked, for people who look.
COUNTED = "SELECT count(*) AS n FROM documents"
STATEMENTS = sorted({s for s in re.findall(r'"((?:SELECT|UPDATE|DELETE) [^"]+)"', SOURCE) if s != COUNTED})


@pytest.mark.parametrize("statement", STATEMENTS)
def test_it_goes_by_an_index(statement) -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA)
    plan = db.execute(f"EXPLAIN QUERY PLAN {statement}", ("",) * statement.count("?")).fetchall()
    db.close()
    scans = [row[3] for row in plan if row[3].startswith("SCAN") and "CONSTANT ROW" not in row[3]]
    assert scans == []


def test_the_statements_are_found() -> None:
    assert len(STATEMENTS) >= 12
