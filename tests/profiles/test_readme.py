"""What the README lists: every shipped profile with its size, every page of a service."""

import re
from pathlib import Path

import conformance
from conformance import _bundled
from conformance.core.profile import load_profile

ROOT = Path(conformance.__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_profile_is_listed_with_its_requirements() -> None:
    listed = dict(re.findall(r"^\| `([a-z0-9.-]+)` \|.*\| (\d+) \|$", README, re.MULTILINE))
    shipped = [load_profile(path) for path in _bundled.folder("profiles").glob("*.yaml")]
    assert listed == {profile.name: str(len(profile.requirements)) for profile in shipped}


def test_every_page_of_a_service_is_linked() -> None:
    linked = set(re.findall(r"\((docs/services/\w+\.md)\)", README))
    assert linked == {f"docs/services/{path.name}" for path in (ROOT / "docs" / "services").glob("*.md")}


def test_every_link_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []
