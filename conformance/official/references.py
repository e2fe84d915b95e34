"""What the rules of a pack point at, and what of it is not there: includes, extensions, documents they read.

The public pack was written where letter case does not count. On Linux, its own engine then drops the included rules
in silence (Saxon 9.9, measured), so every reference is resolved here before any rule runs.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lxml import etree

from conformance.checks.subjects.xml import parse_xml
from conformance.official.layout import ISO, Layout
from conformance.official.source import SourceFile

# A path of a data file: asked for by a call, or the whole value of a variable or of a parameter that a call will take.
# Any other string is only compared.
_PATH = r"""(?:'([^'<>|*?"]{1,300}\.(?:xml|rdf))'|"([^'<>|*?"]{1,300}\.(?:xml|rdf))\")"""
_CALL = re.compile(r"\b(?:doc|document)\(\s*" + _PATH)
_VALUE = re.compile(r"\s*" + _PATH + r"\s*")
_VOCABULARY = re.compile(r"^voc-(?P<oid>[0-2](?:\.\d+)+)-[^/]+\.xml$")
ATTRIBUTES = ("test", "context", "value", "select")
MAX_DEPTH = 32


class State(StrEnum):
    """What became of a reference; the last three are faults."""

    FOUND = "found"
    CASE = "case"
    VOCABULARY = "vocabulary"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Reference:
    """``target`` is what is asked for, ``instead`` the one file that can stand for it; ``data`` if read at run time."""

    source: str
    href: str
    target: str
    state: State
    instead: str = ""
    data: bool = False

    @property
    def certain(self) -> bool:
        """Whether the fault can be repaired without a guess."""
        return self.state in {State.CASE, State.VOCABULARY}


@dataclass(slots=True)
class References:
    """Resolve the references of every top Schematron of a pack."""

    files: Mapping[str, SourceFile]
    vocabularies: Mapping[str, str]
    _folded: dict[str, list[str]] = field(default_factory=dict)
    _hrefs: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Sequence[SourceFile], *, vocabularies_of: Sequence[SourceFile] | None = None) -> References:
        """Prepare for a pack; value sets are known by the OID they declare, in ``vocabularies_of`` if given."""
        made = cls({file.path: file for file in files}, dict(_vocabularies(vocabularies_of or files)))
        for path in made.files:
            made._folded.setdefault(path.casefold(), []).append(path)
        return made

    def faults(self, layout: Layout) -> list[Reference]:
        """Every reference that does not resolve as written, each target once, in order of source."""
        found: dict[tuple[str, str], Reference] = {}
        for rules in layout.rules:
            for reference in self.reached_from(rules.path):
                if reference.state is not State.FOUND:
                    found.setdefault((reference.source, reference.target), reference)
        return sorted(found.values(), key=lambda each: (each.source, each.target))

    def reached_from(self, top: str) -> Iterator[Reference]:
        """Every reference of a Schematron and of what it includes, as its engine would meet them."""
        yield from self._walk(top, top, set(), 0)

    def _walk(self, path: str, top: str, seen: set[str], depth: int) -> Iterator[Reference]:
        if path in seen or depth > MAX_DEPTH or path not in self.files:
            return
        seen.add(path)
        brought, read = self._asked_by(path)
        for href in brought:
            reference = self._resolve(path, path, href, data=False)
            yield reference
            yield from self._walk(reference.instead or reference.target, top, seen, depth + 1)
        for href in read:
            # Once compiled, an expression reads from where the top Schematron lies.
            yield self._resolve(path, top, href, data=True)

    def _asked_by(self, path: str) -> tuple[list[str], list[str]]:
        """What a file brings in and what it reads, as written; a file that many include is parsed once."""
        if path not in self._hrefs:
            root = parse_xml(self.files[path].content).root
            elements = [] if root is None else [*root.iter(f"{{{ISO}}}include", f"{{{ISO}}}extends")]
            brought = [href for each in elements if (href := each.get("href"))]
            self._hrefs[path] = (brought, [] if root is None else list(_literals(root)))
        return self._hrefs[path]

    def _resolve(self, source: str, base: str, href: str, *, data: bool) -> Reference:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(base), href.replace("\\", "/").split("#")[0]))
        if target in self.files:
            return Reference(source, href, target, State.FOUND, data=data)
        alike = self._folded.get(target.casefold(), [])
        if len({self.files[path].content for path in alike}) == 1:
            return Reference(source, href, target, State.CASE, alike[0], data)
        match = _VOCABULARY.match(posixpath.basename(target))
        inside = not target.startswith(("..", "/"))
        if match and inside and (value_set := self.vocabularies.get(match["oid"])):
            return Reference(source, href, target, State.VOCABULARY, value_set, data)
        return Reference(source, href, target, State.MISSING, data=data)


def _literals(root: etree._Element) -> Iterator[str]:
    for element in root.iter(f"{{{ISO}}}*"):
        found = [hit for name in ATTRIBUTES for hit in _CALL.findall(element.get(name) or "")]
        if whole := _VALUE.fullmatch(element.get("value") or ""):
            found.append(whole.groups())
        yield from (href for single, double in found if "://" not in (href := single or double))


def _vocabularies(files: Sequence[SourceFile]) -> Iterator[tuple[str, str]]:
    """Value sets in IHE SVS form, by OID; an OID that two files declare is no certainty and is left out."""
    from conformance.official.vocabulary import oid_of

    found: dict[str, list[str]] = {}
    for file in files:
        if file.path.endswith(".xml") and (oid := oid_of(file.content)):
            found.setdefault(oid, []).append(file.path)
    yield from ((oid, paths[0]) for oid, paths in found.items() if len(paths) == 1)
