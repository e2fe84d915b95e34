"""A document displayed by the style sheet that it carries or that lies beside it, in a process that has limits."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from conformance.checks.subjects.cda import XSL, CdaDocument

# Seconds before a rendering is given up, beside the processor time that the process itself limits.
PATIENCE = 20
ENVIRONMENT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG", "LC_ALL")
_HREF = re.compile(r"""href\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True, slots=True)
class Rendering:
    """What came of it. ``sheet`` is ``own``, ``beside`` or ``none``; ``outcome`` ``rendered``, ``refused``, ``limit`` or ``none``."""

    sheet: str
    outcome: str
    reason: str = ""
    output: bytes = b""


def render(document: CdaDocument, content: bytes, files: Mapping[str, bytes]) -> Rendering:
    """Display a document by its style sheet: inside it (CI-SIS, self-presenting), or among the ``files`` beside it."""
    if document.root is None:
        return Rendering("none", "none")
    root = document.root.getroottree().getroot()
    if root.tag in (f"{{{XSL}}}stylesheet", f"{{{XSL}}}transform"):
        return _applied("own", content, content)
    named = _named(root)
    beside = next((held for path, held in files.items() if named and path.rpartition("/")[2] == named), None)
    return Rendering("none", "none", named) if beside is None else _applied("beside", beside, content)


def _named(root: etree._Element) -> str:
    """The file that ``xml-stylesheet`` names, without its folder."""
    before = root.getprevious()
    while before is not None:
        if isinstance(before, etree._ProcessingInstruction) and before.target == "xml-stylesheet":  # noqa: SLF001
            found = _HREF.search(before.text or "")
            return found.group(1).rpartition("/")[2] if found else ""
        before = before.getprevious()
    return ""


def _applied(sheet: str, transform: bytes, content: bytes) -> Rendering:
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    command = [sys.executable, "-P", "-m", "conformance.bench.style_sheet"]
    given = len(transform).to_bytes(8, "big") + transform + content
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=PATIENCE, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return Rendering(sheet, "limit", f"{PATIENCE} s")
    if done.returncode < 0:
        # The kernel ended it: processor time or memory.
        return Rendering(sheet, "limit", f"signal {-done.returncode}")
    if done.returncode:
        return Rendering(sheet, "refused", done.stderr.decode("utf-8", "replace")[:300])
    return Rendering(sheet, "rendered", "", done.stdout)
