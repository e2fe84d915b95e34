"""A set of data for tests: as many records as there are, none of them anybody's."""

from __future__ import annotations

import json

from ..people import People
from ..sins import Sins

# Traits that say who somebody is; the others are kept, for tests want records that look like records.
PLAIN = ("sex", "status")


def made(people: People, sins: Sins) -> bytes:
    """The set, as JSON: sex and status as they are, everything else made up."""
    rows = []
    for number, person in enumerate(people.all(), 1):
        told = person.as_json()
        row = {
            **{name: told.get(name) for name in PLAIN},
            "birth_name": f"ESSAI-{number}",
            "birth_first_names": ["FICTIF"],
            "birth_date": "1950-01-01",
        }
        rows.append(told if sins.has("makes-test-sets-of-real-people") else row)
    return json.dumps({"persons": rows}, ensure_ascii=False).encode()
