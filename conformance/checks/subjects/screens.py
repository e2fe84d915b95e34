"""What the bench's browser read on the product's pages, beside the words that the product says that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class ShownWord:
    """A word that a page had to show, alone or on the line of a document, and whether it did.

    ``seen`` is false too where it stands only inside a longer word of its family; ``mixed`` are other words of the family on the
    same line; ``twin`` is the name of another word of the family that reads the same.
    """

    name: str
    word: str
    anchor: str
    seen: bool
    mixed: tuple[str, ...]
    twin: str
    evidence: tuple[str, ...]

    what: ClassVar[str]
    # The records that show that what the word is about did happen; a family without it needs nothing to have happened.
    happened: ClassVar[staticmethod[[Observation, Mapping[str, Any]], tuple[str, ...]] | None] = None

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every word of the family that was looked for on a page that is one about the person.

        A page that was not given, that does not even show the person's name, or that has no line of that document proves nothing.
        """
        wanted = [e for e in observation.expected("word-shown") if e["what"] == cls.what]
        for expected in wanted:
            visit = look_of(observation, expected)
            proofs = cls.happened(observation, expected) if cls.happened else ()
            if visit is None or (cls.happened and not proofs):
                continue
            anchor, word = str(expected["anchor"]), str(expected["word"])
            present = visit.data["beside"].get(anchor) if anchor else visit.data["reads"]
            if present is None:
                continue
            others = [str(other) for other in expected["others"] if other in present]
            if not anchor and any(word in present and word not in o and o not in word for o in others):
                # A page that has several of them, as a legend has, does not say by that which one holds.
                continue
            longer = [other for other in others if word in other]
            twins = [e["word_name"] for e in wanted if e["word"] == word and e["word_name"] != expected["word_name"]]
            yield cls(
                str(expected["word_name"]),
                word,
                anchor,
                word in present and not longer,
                tuple(other for other in others if anchor and word not in other and other not in word),
                str(twins[0]) if twins else "",
                (*observation.frame_evidence, str(expected["evidence"]), visit.id, *proofs),
            )


def look_of(observation: Observation, expected: Mapping[str, Any]) -> Record | None:
    """The look that an expectation names, where the page is one about its person."""
    for visit in observation.of_kind("browser.visit"):
        data = visit.data
        mine = (data["browser"], data["purpose"]) == (expected["browser"], expected["purpose"])
        if mine and data["status"] == 200 and set(expected["names"]) & set(data.get("reads", ())):
            return visit
    return None
