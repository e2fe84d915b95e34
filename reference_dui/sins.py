"""The named defects: what the product does wrong on purpose, so that the checks can be seen to notice.

Each defect is a file ``defects/<name>.toml``. A document defect carries mutations; a behavioural one is a branch in
the code that asks ``sins.has("<name>")``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from importlib import resources

from .mutation import Mutation


@dataclass(frozen=True, slots=True)
class Defect:
    """A named defect: its sin in both languages, the checks it must fail, the scenarios that show it."""

    name: str
    sin: Mapping[str, str]
    expected: tuple[str, ...]
    scenarios: tuple[str, ...]
    mutations: tuple[Mutation, ...] = ()


@cache
def catalogue() -> Mapping[str, Defect]:
    """Every defect, by name; a file that does not read raises :class:`ValueError`."""
    folder = resources.files(__package__) / "defects"
    found = (read_defect(f.name, f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".toml"))
    return {defect.name: defect for defect in sorted(found, key=lambda d: d.name)}


def read_defect(file: str, text: str) -> Defect:
    """Read one defect; its name is the file's."""
    raw = tomllib.loads(text)
    mutation = raw.pop("mutation", [])
    mutations = tuple(Mutation.of(m) for m in ([mutation] if isinstance(mutation, dict) else mutation))
    if set(raw) != {"name", "sin", "expected", "scenarios"} or f"{raw['name']}.toml" != file:
        raise ValueError(f"not a defect: {file}")
    if set(raw["sin"]) != {"fr", "en"} or not raw["expected"] or not raw["scenarios"]:
        raise ValueError(f"incomplete defect: {file}")
    return Defect(raw["name"], raw["sin"], tuple(raw["expected"]), tuple(raw["scenarios"]), mutations)


class Sins:
    """The defects in force; none unless the bench asks."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: tuple[str, ...] = ()
        self.switch(names)

    @property
    def names(self) -> tuple[str, ...]:
        """The defects in force."""
        return self._names

    def switch(self, names: Iterable[str]) -> None:
        """Put exactly these in force; an unknown name raises :class:`KeyError` and changes nothing."""
        wanted = tuple(names)
        for name in wanted:
            catalogue()[name]
        self._names = wanted

    def has(self, name: str) -> bool:
        """Whether a defect is in force; a name that no file declares is a bug and raises :class:`KeyError`."""
        return catalogue()[name].name in self._names

    def alter(self, target: str, content: bytes) -> bytes:
        """The PDF, the CDA or the archive as the defects in force leave it."""
        for mutation in self._mutations(target):
            content = mutation.on_bytes(content)
        return content

    def alter_archive(self, content: bytes) -> bytes:
        """The XDM archive as the defects in force leave it: the metadata inside, then its files."""
        for mutation in (*self._mutations("metadata"), *self._mutations("zip")):
            content = mutation.on_archive(content)
        return content

    def alter_message(self, message: EmailMessage) -> None:
        """Apply the defects in force to the headers of a message."""
        for mutation in self._mutations("message"):
            mutation.on_message(message)

    def _mutations(self, target: str) -> Iterable[Mutation]:
        return [m for name in self._names for m in catalogue()[name].mutations if m.target == target]
