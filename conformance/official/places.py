"""Where the rules say that something is wrong, found again in the document: line and a path that people read."""

from __future__ import annotations

import re

from conformance.checks.subjects.cda_element import xpath_of
from conformance.checks.subjects.xml import Element, line_of
from conformance.core.finding import Where

# The forms that Schematron compilers write: path() of XPath 3, the skeleton for XSLT 2, the skeleton for XSLT 1.
_STEP = re.compile(
    r"/(?:Q\{(?P<uri1>[^}]*)\}(?P<name1>[^\[/]+)"
    r"|\*:(?P<name2>[\w.-]+)\[namespace-uri\(\)='(?P<uri2>[^']*)'\]"
    r"|\*\[local-name\(\)='(?P<name3>[\w.-]+)'(?: and namespace-uri\(\)='(?P<uri3>[^']*)')?\]"
    r"|(?P<name4>[\w.-]+))"
    r"(?:\[(?P<number>\d+)\])?"
)
_ATTRIBUTE = re.compile(r"/@(?:Q\{[^}]*\})?(?:\*:)?(?P<name>[\w.-]+)")


def where_of(root: Element | None, location: str) -> Where:
    """The place of an SVRL location; what cannot be followed keeps the location as it came."""
    steps: list[tuple[str, str, int]] = []
    at = 0
    while match := _STEP.match(location, at):
        found = match.groupdict()
        number = next(n for n in "1234" if found[f"name{n}"])
        steps.append((found.get(f"uri{number}") or "", found[f"name{number}"], int(found["number"] or 1)))
        at = match.end()
    attribute = _ATTRIBUTE.match(location, at)
    if not steps:
        return Where(xpath=location or None)
    element = _follow(root, steps)
    # Written as our own checks write it, so that both sides name one place alike.
    xpath = xpath_of(element) if element is not None else "".join(f"/{name}[{number}]" for _, name, number in steps)
    if attribute:
        xpath += f"/@{attribute['name']}"
    return Where(line=None if element is None else line_of(element), xpath=xpath)


def _follow(root: Element | None, steps: list[tuple[str, str, int]]) -> Element | None:
    if root is None or root.tag not in {f"{{{steps[0][0]}}}{steps[0][1]}", steps[0][1]}:
        return None
    current = root
    for uri, name, number in steps[1:]:
        children = current.findall(f"{{{uri}}}{name}" if uri else name)
        if len(children) < number:
            return None
        current = children[number - 1]
    return current
