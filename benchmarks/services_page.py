"""The pages of figures on services: each command rewrites its own section of a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "benchmarks"


def write(page: str, title: str, name: str, lines: list[str]) -> None:
    """Put a section into a page, in the place of the one of this name, and show it."""
    path = FOLDER / f"{page}.md"
    found = path.read_text(encoding="utf-8") if path.exists() else f"# {title}\n"
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = "\n".join([begin, "", *lines, "", end])
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    found = pattern.sub(lambda _: section, found) if pattern.search(found) else f"{found.rstrip()}\n\n{section}\n"
    path.write_text(found, encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
