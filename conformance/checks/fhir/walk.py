"""The walk: one document against the definitions that apply to it, element by element.

It follows the content, not the definition, so that its cost is that of the document. A value is judged once per
element that speaks of it, so that profiles which meet in a type do not multiply the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from conformance.checks.fhir.bundles import judge_bundle
from conformance.checks.fhir.contained import items as contained_items
from conformance.checks.fhir.contained import judge_contained
from conformance.checks.fhir.definitions import Structure, Tables
from conformance.checks.fhir.element import Element, TypeRef
from conformance.checks.fhir.index import Frame, Index
from conformance.checks.fhir.members import Item, gather
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.questionnaires import judge_answers
from conformance.checks.fhir.report import Refuted, Report
from conformance.checks.fhir.sliced import judge_slices
from conformance.checks.fhir.slicing import Slicer
from conformance.checks.fhir.statements import judge_invariants, judge_stated
from conformance.checks.fhir.values import judge_value


class Walk:
    """One document; ``known`` keeps what was already asked of each value, profile by profile.

    ``light`` is above zero while a slice is judged: the shape of its values was told when their element was.
    """

    def __init__(
        self,
        tables: Tables,
        slicer: Slicer,
        index: Index,
        *,
        asking: bool = False,
        known: dict[tuple[int, str], bool] | None = None,
        frames: Sequence[Frame] = (),
    ) -> None:
        self.tables = tables
        self.slicer = slicer
        self.index = index
        self.report = Report(asking=asking)
        self.light = 0
        self._known = {} if known is None else known
        self._frames = list(frames)
        self._visited: set[tuple[int, int]] = set()

    @property
    def frame(self) -> Frame:
        """The resource being walked."""
        return self._frames[-1]

    @contextmanager
    def entered(self, value: Mapping[str, Any], *, inside: bool) -> Iterator[None]:
        """Walk inside a resource; ``inside`` when the present one contains it."""
        self._frames.append(Frame(value, self.frame.root if inside else None))
        light, self.light = self.light, 0
        try:
            yield
        finally:
            self._frames.pop()
            self.light = light

    def resource(self, value: Any, place: Place, profiles: Sequence[str] = (), *, inside: bool = False) -> None:
        """Judge a resource against its type, and against the profiles that it declares or that are asked of it."""
        kind = value.get("resourceType") if isinstance(value, dict) else None
        base = self.tables.structure(kind) if isinstance(kind, str) and kind.isalpha() else None
        if base is None or base.kind != "resource" or base.abstract or base.root is None:
            self.report.error("fhir.resource.type", place, None, kind)
            return
        place.type, place.resource = base.type, True
        roots = [root for url in _profiles(value, profiles) if (root := self._root(url, base, place)) is not None]
        with self.entered(value, inside=inside):
            for root in roots or [base.root]:
                self.object(value, root, place)
            if kind == "Bundle":
                judge_bundle(value, place, self.tables, self.report)
            elif kind == "QuestionnaireResponse":
                judge_answers(value, place, self)
        if not inside:
            judge_contained(value, place, self.report)

    def conforms(self, value: Any, canonical: str, *, typed: str = "") -> bool:
        """Whether a value conforms to a profile, answered once per value; nothing is reported."""
        found = self.tables.structure(canonical)
        if found is None or found.root is None:
            return True
        if not isinstance(value, dict) or (found.kind == "resource" and value.get("resourceType") != found.type):
            return False
        key = (id(value), canonical)
        if key not in self._known:
            # True while it is being asked: a cycle of references refutes nothing by itself.
            self._known[key] = True
            self._known[key] = self._asked(value, found, found.root, typed)
        return self._known[key]

    def object(self, value: Mapping[str, Any], element: Element, place: Place) -> None:
        """Judge an object against an element: its own statements, then its members against the children."""
        if self.met(value, element):
            return
        self._visited.add((id(value), id(element)))
        judge_stated(value, element, place, self)
        judge_invariants(element.constraints, value, element, place, self)
        if not value:
            self.report.error("fhir.element.empty", place, None, "{}")
        groups = gather(value, element, place, self.report, light=bool(self.light))
        for child, items in groups.items():
            self.values(child, items, place)
        for child in element.wanted:
            if child not in groups:
                self.values(child, [], place)

    def met(self, value: Mapping[str, Any], element: Element) -> bool:
        """Whether an object was already judged against an element."""
        return (id(value), id(element)) in self._visited

    def values(self, child: Element, items: Sequence[Item], place: Place) -> None:
        """Judge all the values of one element: how many, each, and their slices."""
        count = len(items)
        if count < child.min or count > child.max:
            code, bound = ("min", child.min) if count < child.min else ("max", child.max)
            here = Place(place, child.stem)
            stated = {"element": child.id, "profile": child.structure}
            self.report.error(f"fhir.cardinality.{code}", here, str(bound), str(count), **stated)
        if child.max == 0:
            return
        for item in items:
            judge_value(item, child, self)
        if child.slices:
            judge_slices(child, child, items, place, self)

    def profiled(self, value: Mapping[str, Any], ref: TypeRef, place: Place) -> None:
        """Judge a value against the profiles of its type: the one, or any of several."""
        known = [(url, root) for url in ref.profiles if (root := self.tables.root(url)) is not None]
        if len(known) < len(ref.profiles):
            missing = [url for url in ref.profiles if self.tables.root(url) is None]
            self.report.not_checkable("profile", place, ", ".join(missing))
        elif len(known) == 1:
            self.object(value, known[0][1], place)
        elif known and not any(self.conforms(value, url, typed=place.type) for url, _ in known):
            self.report.error("fhir.profile.none", place, ", ".join(ref.profiles), None)

    def names_resource(self, code: str) -> bool:
        """Whether a type code is that of a resource."""
        found = self.tables.structure(code)
        return found is not None and found.kind == "resource"

    def referred(self, element: Element) -> Element | None:
        """The element that another takes its content from."""
        if not element.reference:
            return None
        url, _, id = element.reference.partition("#")
        own = self.tables.structure(url or element.structure)
        found = own.elements.get(id) if own else None
        if found is None and (base := self.tables.structure(id.partition(".")[0])) is not None:
            found = base.elements.get(id)
        return found

    def _asked(self, value: Mapping[str, Any], found: Structure, root: Element, typed: str) -> bool:
        frames = list(self._frames)
        whole = found.kind == "resource"
        if whole:
            inside = bool(frames) and any(value is item for item in contained_items(self.frame.root))
            frames.append(Frame(value, self.frame.root if inside else None))
        walk = Walk(self.tables, self.slicer, self.index, asking=True, known=self._known, frames=frames)
        try:
            walk.object(value, root, Place(None, found.type, type=typed or found.type, resource=whole))
        except Refuted:
            return False
        return True

    def _root(self, canonical: str, base: Structure, place: Place) -> Element | None:
        found = self.tables.structure(canonical)
        if found is None:
            others = self.tables.versions(canonical)
            if others:
                self.report.not_checkable("profile-version", place, canonical, ", ".join(others))
            else:
                self.report.not_checkable("profile", place, canonical)
                if canonical.startswith(self.tables.namespaces):
                    self.report.warning("fhir.profile.unknown", place, None, canonical)
            found = self.tables.structure(canonical.partition("|")[0])
        if found is None:
            return None
        if found.type != base.type and not (found.kind == "resource" and found.abstract):
            self.report.error("fhir.profile.type", place, found.type, base.type, profile=found.url)
            return None
        if found.root is None:
            self.report.not_checkable("profile-snapshot", place, canonical)
        return found.root


def _profiles(value: Mapping[str, Any], asked: Sequence[str]) -> list[str]:
    meta = value.get("meta")
    declared = meta.get("profile") if isinstance(meta, dict) else None
    own = [p for p in declared if isinstance(p, str)] if isinstance(declared, list) else []
    return list(dict.fromkeys([*asked, *own]))
