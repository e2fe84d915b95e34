"""The page of the service (``docs/services/mssante.md``) says what is there: faults, scenarios, what is still planned."""

import re
from pathlib import Path

import pytest

from conformance import _bundled
from conformance.core.profile import load_profile
from conformance.core.words import Verification
from conformance.services.mssante.faults import FAULTS

PAGE = (Path(__file__).parents[3] / "docs" / "services" / "mssante.md").read_text(encoding="utf-8")
PLAYED = {
    name
    for path in (_bundled.folder("scenarios") / "mssante").glob("*.py")
    for name in re.findall(r'pytest\.mark\.scenario\("([a-z.-]+)"\)', path.read_text(encoding="utf-8"))
}
PROFILES = [load_profile(path) for path in sorted(_bundled.folder("profiles").glob("*.yaml"))]
MSS = [r for profile in PROFILES for r in profile.requirements if r.id.startswith(("MSS/", "SC.MSS"))]


def rows(first):
    """The cells of the rows whose first cell holds what ``first`` finds in backquotes."""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and (names := re.findall(rf"`({first})`", cells[0])):
            yield names, cells


def test_every_scenario_is_on_the_page_and_no_other():
    told = {name for names, _ in rows(r"mss\.[a-z-]+") for name in names}
    assert told == PLAYED
    assert set(re.findall(r"`(mss\.[a-z-]+)`", PAGE)) <= PLAYED


def test_every_scenario_serves_a_requirement():
    assert {name for profile in PROFILES for name in profile.scenarios if name.startswith("mss.")} == PLAYED


def test_every_fault_is_on_the_page_and_says_whether_a_name_chooses_it():
    section = PAGE.partition("| fault | what it does | name |")[2].partition("\n\n")[0]
    told = {}
    for line in section.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        told |= dict.fromkeys(re.findall(r"`([a-z0-9-]+)`", cells[0]), cells[-1] == "name")
    assert told == {name: fault.session for name, fault in FAULTS.items()}


def test_every_fault_is_played_by_a_scenario():
    source = "".join(
        path.read_text(encoding="utf-8") for path in (_bundled.folder("scenarios") / "mssante").glob("*.py")
    )
    spelt = set(re.findall(r'"([a-z0-9-]+)"', source))
    web = {f"{host}-{kind}" for host in ("web", "psc") for kind in spelt}
    assert set(FAULTS) - spelt - web == set()


@pytest.mark.parametrize("requirement", MSS, ids=lambda r: r.id)
def test_what_is_still_planned_is_said(requirement):
    planned = [a.id for a in requirement.aspects if a.verification is Verification.PLANNED]
    limits = PAGE.partition("### Hypotheses and limits")[2]
    named = re.search(re.escape(requirement.id) + r"(?!\d)", limits.partition("Still planned")[2]) is not None
    assert named == bool(planned), planned
