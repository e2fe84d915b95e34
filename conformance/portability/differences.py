"""Two versions of one resource, walked together: what is the same, lost, changed or added, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.portability.reasons import EQUIVALENT, why_changed
from conformance.portability.units import Target, leaves_of, spelled

Kind = Literal["lost", "changed", "added", "equivalent"]
# What tells an item of a list from its neighbours, in order of preference.
_NAMES = ("url", "linkId", "system", "use", "code")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: ``path`` is FHIRPath-like, ``values`` how many values it bears on, ``why`` a reason's code."""

    kind: Kind
    path: str
    before: Any
    after: Any
    why: str
    values: int = 1


@dataclass
class Walk:
    """Compares pairs of resources; ``same`` answers whether a target of one Bundle became one of the other."""

    pairs: Mapping[int, int]
    differences: list[Difference] = field(default_factory=list)
    kept: int = 0

    def compare(self, before: Any, after: Any, path: tuple[str, ...], system: str = "") -> None:
        """Walk two values at one place."""
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            self._objects(before, after, path)
        elif isinstance(before, list) and isinstance(after, list):
            self._lists(before, after, path)
        elif self._same(before, after):
            self.kept += 1
        else:
            why = why_changed(path, before, after, system)
            kind: Kind = "equivalent" if why in EQUIVALENT else "changed"
            self._note(kind, path, before, after, why, count(before) if kind != "equivalent" else 1)
            self.kept += kind == "equivalent"

    def _objects(self, before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]) -> None:
        system = str(before.get("system") or "")
        for name in before:
            here = (*path, name)
            if name in after:
                self.compare(before[name], after[name], here, system)
            else:
                self._gone(before[name], here)
        for name in after:
            if name not in before:
                self._come(after[name], (*path, name))

    def _lists(self, before: list[Any], after: list[Any], path: tuple[str, ...]) -> None:
        if not any(isinstance(item, (Mapping, list)) for item in (*before, *after)):
            self._words(before, after, path)
            return
        left_a, left_b = self._exact(before, after)
        for a, b in _nearest([before[i] for i in left_a], [after[i] for i in left_b]):
            here = (*path[:-1], path[-1] + _label(a if a is not None else b, before if a is not None else after))
            if a is None:
                self._come(b, here)
            elif b is None:
                self._gone(a, here)
            else:
                self.compare(a, b, here)

    def _words(self, before: list[Any], after: list[Any], path: tuple[str, ...]) -> None:
        """A list of plain values: given names, lines of an address."""
        if before == after:
            self.kept += len(before)
            return
        if sorted(map(spelled, before)) == sorted(map(spelled, after)):
            self.kept += len(before)
            self._note("equivalent", path, before, after, "order", 1)
            return
        if len(before) == len(after):
            for position, (a, b) in enumerate(zip(before, after, strict=True)):
                self.compare(a, b, (*path[:-1], f"{path[-1]}[{position}]"))
            return
        missing = [a for a in before if a not in after]
        self.kept += len(before) - len(missing)
        for value in missing:
            self._gone(value, path)
        for value in [b for b in after if b not in before]:
            self._come(value, path)

    def _exact(self, before: list[Any], after: list[Any]) -> tuple[list[int], list[int]]:
        """Match what is the same; answers the positions left on both sides."""
        waiting = list(range(len(after)))
        left = []
        for i, item in enumerate(before):
            found = next((j for j in waiting if self._equal(item, after[j])), None)
            if found is None:
                left.append(i)
            else:
                waiting.remove(found)
                self.kept += count(item)
        return left, waiting

    def _equal(self, a: Any, b: Any) -> bool:
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            return a.keys() == b.keys() and all(self._equal(a[name], b[name]) for name in a)
        if isinstance(a, list) and isinstance(b, list):
            return len(a) == len(b) and all(self._equal(x, y) for x, y in zip(a, b, strict=True))
        return self._same(a, b)

    def _same(self, a: Any, b: Any) -> bool:
        if isinstance(a, Target) and isinstance(b, Target):
            return self.pairs.get(a.unit) == b.unit
        return type(a) is type(b) and bool(a == b)

    def _gone(self, value: Any, path: tuple[str, ...]) -> None:
        why = "extension" if path[-1].startswith(("extension", "modifierExtension")) else "absent"
        if path[-1] == "display":
            self._note("equivalent", path, value, None, "display", 1)
            self.kept += 1
            return
        self._note("lost", path, value, None, why, count(value))

    def _come(self, value: Any, path: tuple[str, ...]) -> None:
        self._note("added", path, None, value, "new", count(value))

    def _note(self, kind: Kind, path: tuple[str, ...], before: Any, after: Any, why: str, values: int) -> None:
        self.differences.append(Difference(kind, ".".join(path), before, after, why, values))


def count(value: Any) -> int:
    """How many values something holds."""
    return sum(1 for _ in leaves_of(value))


def _nearest(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Items of two lists side by side: those that bear the same name first, then those most alike, then the rest."""
    scored = sorted(
        ((-_alike(a, b), i, j) for i, a in enumerate(before) for j, b in enumerate(after)), key=lambda one: one
    )
    used_a: dict[int, int] = {}
    used_b: set[int] = set()
    for score, i, j in scored:
        if score < 0 and i not in used_a and j not in used_b:
            used_a[i] = j
            used_b.add(j)
    made = [(a, after[used_a[i]] if i in used_a else None) for i, a in enumerate(before)]
    return made + [(None, b) for j, b in enumerate(after) if j not in used_b]


def _alike(a: Any, b: Any) -> float:
    """0 for two things that cannot be one: another url, another linkId, another system."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        if any(a.get(name) != b.get(name) for name in ("url", "linkId", "system") if name in a or name in b):
            return 0
        if _code(a) != _code(b):
            return 0
        one, other = ({f"{p}={spelled(v)}" for p, v in leaves_of(item)} for item in (a, b))
        return len(one & other) / len(one | other) + 0.01 if one | other else 0
    return 0.01 if type(a) is type(b) else 0


def _label(item: Any, among: Sequence[Any]) -> str:
    """How to call an item of a list: by what names it, else by its position."""
    if isinstance(item, Mapping):
        for name in _NAMES:
            value = item.get(name)
            if isinstance(value, str):
                return f"[{value.rpartition('/')[2] if name == 'url' else f'{name}={value}'}]"
        if coded := _code(item):
            return f"[{coded}]"
    position = next((i for i, one in enumerate(among) if one is item), 0)
    return f"[{position}]"


def _code(item: Mapping[str, Any]) -> str:
    """The code that types an item: of its ``type`` or ``code``, or of the extension that tells notes of a goal apart."""
    for name in ("type", "code"):
        concept = item.get(name)
        codings = concept.get("coding") if isinstance(concept, Mapping) else None
        for coding in codings if isinstance(codings, list) else ():
            if isinstance(coding, Mapping) and isinstance(coding.get("code"), str):
                return str(coding["code"])
    extensions = item.get("extension")
    told = [e.get("valueCode") for e in extensions if isinstance(e, Mapping)] if isinstance(extensions, list) else []
    return next((code for code in told if isinstance(code, str)), "")
