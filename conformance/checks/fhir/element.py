"""What a structure says of one element, in the shape that the walk reads fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MANY = 1 << 30
# The walk itself sees to these: an element holds a value or children (ele-1), an extension one of both (ext-1).
STRUCTURAL = ("ele-1", "ext-1")


class TypeRef(NamedTuple):
    """One type that an element may have: its code, profiles on it, profiles on what it points to, aggregation."""

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    aggregation: tuple[str, ...] = ()

    @property
    def primitive(self) -> bool:
        """Whether JSON writes it as a plain value (R4 names primitive types in lower case)."""
        return self.code[:1].islower()


class Constraint(NamedTuple):
    """An invariant: ``severity`` is ``error`` or ``warning``; the expression is empty where the guide gives none."""

    key: str
    severity: str
    expression: str


class Binding(NamedTuple):
    """A code list an element is bound to; ``ceiling`` is the list it may never leave (maxValueSet)."""

    strength: str
    value_set: str
    ceiling: str | None = None


class Slicing(NamedTuple):
    """How an element is sliced: discriminators ``(type, path)``, rules, and whether order counts."""

    discriminators: tuple[tuple[str, str], ...]
    rules: str
    ordered: bool


@dataclass(eq=False, slots=True)
class Element:
    """One element of a structure, with its children by name and its slices by name.

    ``keys`` maps each JSON name to the child and the type it implies (choice elements have one name per type).
    ``wanted`` are the children that must be looked at even when the content does not have them.
    """

    id: str
    path: str
    name: str
    min: int
    max: int
    array: bool
    types: tuple[TypeRef, ...]
    fixed: Any = None
    pattern: Any = None
    binding: Binding | None = None
    constraints: tuple[Constraint, ...] = ()
    slicing: Slicing | None = None
    reference: str | None = None
    max_length: int | None = None
    lowest: Any = None
    highest: Any = None
    choice: bool = False
    children: dict[str, Element] = field(default_factory=dict)
    slices: dict[str, Element] = field(default_factory=dict)
    keys: dict[str, tuple[Element, TypeRef | None]] = field(default_factory=dict)
    wanted: tuple[Element, ...] = ()
    structure: str = ""
    by_code: dict[str, TypeRef] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The name without ``[x]``."""
        return self.name[:-3] if self.choice else self.name

    def settle(self) -> None:
        """Compute ``by_code``, ``keys`` and ``wanted`` once every child is known."""
        self.by_code = {ref.code: ref for ref in self.types}
        for child in self.children.values():
            child.settle()
            if child.choice:
                for ref in child.types:
                    self.keys[child.stem + ref.code[:1].upper() + ref.code[1:]] = (child, ref)
            else:
                self.keys[child.name] = (child, None)
        for part in self.slices.values():
            part.settle()
        self.wanted = tuple(c for c in self.children.values() if c.min or any(s.min for s in c.slices.values()))


def tree(rows: Sequence[Mapping[str, Any]], pool: Sequence[Sequence[str]], url: str) -> dict[str, Element]:
    """Every element of a structure by id, linked; the first is the root."""
    by_id: dict[str, Element] = {}
    for row in rows:
        made = _element(row, pool, url)
        by_id[made.id] = made
        if "." not in made.id:
            continue
        owner_id, _, last = made.id.rpartition(".")
        name, _, label = last.partition(":")
        if not label:
            if (owner := by_id.get(owner_id)) is not None:
                owner.children[made.name] = made
            continue
        sliced = by_id.get(f"{owner_id}.{name}:{label.rpartition('/')[0]}") if "/" in label else None
        sliced = sliced or by_id.get(f"{owner_id}.{name}")
        if sliced is not None:
            sliced.slices[label] = made
    if by_id:
        next(iter(by_id.values())).settle()
    return by_id


def _element(row: Mapping[str, Any], pool: Sequence[Sequence[str]], url: str) -> Element:
    id = str(row["i"])
    path = ".".join(part.partition(":")[0] for part in id.split("."))
    name = path.rpartition(".")[2]
    highest = str(row.get("x", "1"))
    slicing = row.get("s")
    binding = row.get("b")
    return Element(
        id=id,
        path=path,
        name=name,
        min=int(row.get("m", 0)),
        max=MANY if highest == "*" else int(highest),
        array=bool(row.get("a")),
        types=tuple(_type(t) for t in row.get("t", ())),
        fixed=row.get("f"),
        pattern=row.get("p"),
        binding=Binding(*binding) if binding else None,
        constraints=tuple(Constraint(*pool[i]) for i in row.get("c", ()) if pool[i][0] not in STRUCTURAL),
        slicing=Slicing(tuple((d[0], d[1]) for d in slicing[0]), slicing[1], bool(slicing[2])) if slicing else None,
        reference=row.get("r"),
        max_length=row.get("L"),
        lowest=row.get("lo"),
        highest=row.get("hi"),
        choice=name.endswith("[x]"),
        structure=url,
    )


def _type(raw: Any) -> TypeRef:
    if isinstance(raw, str):
        return TypeRef(raw)
    return TypeRef(raw[0], tuple(raw[1]), tuple(raw[2]), tuple(raw[3]))
