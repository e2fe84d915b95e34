"""Where a mutant differs from the document it was made of, and whether a finding stands there."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.checks.subjects.cda_element import xpath_of
from conformance.checks.subjects.xml import Element, parse_xml

# A fault may be told at the element around it or at one inside it, so many steps away.
STEPS = 2
# Elements of the header are told where the contradiction shows: anywhere in the same participant or act.
_HEADER = frozenset(
    "recordTarget author custodian legalAuthenticator documentationOf componentOf relatedDocument".split()  # noqa: SIM905
)


def changed(base: bytes, mutant: bytes) -> list[str] | None:
    """The paths of the elements that differ; ``None`` when the mutant does not parse under guard, or nothing differs."""
    before, after = parse_xml(base).root, parse_xml(mutant).root
    if before is None or after is None:
        return None
    return list(dict.fromkeys(_differences(before, after))) or None


def near(found: str, place: str) -> bool:
    """Whether a finding's path is that of the place, of an element close around or inside it, or of its header element."""
    here, there = found.partition("/@")[0].split("/"), place.split("/")
    shorter, longer = sorted((here, there), key=len)
    if longer[: len(shorter)] == shorter and len(longer) - len(shorter) <= STEPS:
        return True
    # "/ClinicalDocument/author[1]/…" splits to an empty string, the root, then the element of the header.
    return here[:3] == there[:3] and len(here) > 2 and here[2].partition("[")[0] in _HEADER


def _differences(before: Element, after: Element) -> Iterator[str]:
    if before.tag != after.tag or sorted(before.items()) != sorted(after.items()) or _text(before) != _text(after):
        yield xpath_of(after)
    olds, news = _elements(before), _elements(after)
    if [o.tag for o in olds] != [n.tag for n in news]:
        yield from _added_or_removed(olds, news, after)
        return
    for old, new in zip(olds, news, strict=True):
        yield from _differences(old, new)


def _added_or_removed(olds: list[Element], news: list[Element], parent: Element) -> Iterator[str]:
    """The parent, and the first child that is not what it was."""
    yield xpath_of(parent)
    for position, new in enumerate(news):
        if position >= len(olds) or etree.tostring(olds[position]) != etree.tostring(new):
            yield xpath_of(new)
            return


def _elements(element: Element) -> list[Element]:
    return list(element.iterchildren("*"))


def _text(element: Element) -> str:
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
