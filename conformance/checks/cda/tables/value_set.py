"""A value set as the checks read it: codes, the code system of each, a label where it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ValueSet:
    """``concepts`` are the labels by code, by code system; a label is empty when it is not compared."""

    name: str
    oid: str
    version: str
    concepts: Mapping[str, Mapping[str, str]]

    def __contains__(self, code: object) -> bool:
        return any(code in known for known in self.concepts.values())

    def systems(self, code: str) -> tuple[str, ...]:
        """The code systems that hold a code of this set."""
        return tuple(system for system, known in self.concepts.items() if code in known)

    def label(self, code: str) -> str:
        """The label of a code; empty when the code or its label is unknown."""
        return next((known[code] for known in self.concepts.values() if code in known), "")


def codes(words: str) -> Mapping[str, str]:
    """Codes without labels, from a list separated by white space."""
    return dict.fromkeys(words.split(), "")
