"""What an INS datamatrix says: a header, then blocks named S1 to S7.

ANS, « INS, format datamatrix » v2.2 (26/09/2023), §3 (structure) and §5 (blocks). The text itself was not read: the
layout is what three published implementations that follow it agree on (two writers of French software, and a test
vector of an open barcode library). What they do not settle (order of the blocks, letters of the names, whether the
birth place may be left out) is accepted, or said as a hypothesis.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# Marker, version, and twenty-two reserved positions (§3).
MARKER = "IS"
HEADER = "IS01" + "0" * 22
SEPARATOR = "\x1d"


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its least and greatest number of characters, and the form of its value where it has one."""

    least: int
    most: int
    form: re.Pattern[str] | None = None


BLOCKS: Mapping[str, Block] = MappingProxyType(
    {
        "S1": Block(15, 15, re.compile(r"[0-9AB]{15}", re.ASCII)),
        "S2": Block(19, 20, re.compile(r"[0-9.]+", re.ASCII)),
        "S3": Block(1, 100),
        "S4": Block(1, 100),
        "S5": Block(1, 1, re.compile("[MF]")),
        "S6": Block(10, 10, re.compile(r"\d\d-\d\d-\d{4}", re.ASCII)),
        "S7": Block(5, 5, re.compile(r"[0-9AB]{5}", re.ASCII)),
    }
)
# The birth place alone is left out by one of the implementations read.
REQUIRED = ("S1", "S2", "S3", "S4", "S5", "S6")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in the text of a symbol: a catalogue code, what was expected, what came."""

    code: str
    expected: str | None = None
    got: str | None = None


@dataclass(frozen=True, slots=True)
class InsDatamatrix:
    """The blocks of one symbol, by name, and its flaws. ``doubts`` are what no source read settles."""

    text: str
    blocks: Mapping[str, str] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()
    doubts: tuple[Flaw, ...] = ()

    @property
    def ins(self) -> str | None:
        """The matricule with its key."""
        return self.blocks.get("S1")

    @property
    def oid(self) -> str | None:
        """The OID of the assigning authority."""
        return self.blocks.get("S2")

    @property
    def birth_date(self) -> str | None:
        """The birth date as HL7 writes it (``YYYYMMDD``), when it has its form."""
        written = self.blocks.get("S6", "")
        return f"{written[6:]}{written[3:5]}{written[:2]}" if len(written) == 10 else None


def is_ins(text: str) -> bool:
    """Whether the text of a symbol claims to be an INS datamatrix: its marker, then a version."""
    return re.match(rf"{MARKER}\d\d", text) is not None


def read_payload(text: str) -> InsDatamatrix:
    """Read the text of a symbol; never raises, what does not read is a flaw."""
    doubts = []
    if text[: len(HEADER)] != HEADER:
        head = text[: len(HEADER)]
        if len(head) < len(HEADER) or head[:4] != HEADER[:4]:
            return InsDatamatrix(text, flaws=(Flaw("pdf.datamatrix.header", HEADER, head),))
        doubts.append(Flaw("pdf.datamatrix.reserved", HEADER, head))
    blocks: dict[str, str] = {}
    flaws: list[Flaw] = []
    at = len(HEADER)
    while at < len(text):
        name = text[at : at + 2]
        block = BLOCKS.get(name)
        if block is None or name in blocks:
            code = "pdf.datamatrix.twice" if name in blocks else "pdf.datamatrix.unknown-block"
            flaws.append(Flaw(code, ", ".join(BLOCKS), name.replace(SEPARATOR, "␝")))
            break
        value, at, separated = _value(text, at + 2, block)
        blocks[name] = value
        flaws += _of_value(name, value, block)
        if separated and len(value) == block.most:
            doubts.append(Flaw("pdf.datamatrix.separator", f"{name}: {block.most}", f"{name}: {block.most} + GS"))
    missing = [name for name in REQUIRED if name not in blocks]
    if missing:
        flaws.append(Flaw("pdf.datamatrix.missing", ", ".join(REQUIRED), ", ".join(blocks)))
    return InsDatamatrix(text, MappingProxyType(blocks), tuple(flaws), tuple(doubts))


def _value(text: str, start: int, block: Block) -> tuple[str, int, bool]:
    """A value, where the next block begins, and whether a separator closed this one."""
    piece = text[start : start + block.most]
    value = piece.partition(SEPARATOR)[0]
    after = start + len(value)
    separated = text[after : after + 1] == SEPARATOR
    return value, after + separated, separated


def _of_value(name: str, value: str, block: Block) -> list[Flaw]:
    if not block.least <= len(value) <= block.most:
        lengths = str(block.most) if block.least == block.most else f"{block.least}-{block.most}"
        return [Flaw("pdf.datamatrix.length", f"{name}: {lengths}", f"{name}: {len(value)}")]
    if block.form is not None and not block.form.fullmatch(value):
        return [Flaw("pdf.datamatrix.form", f"{name}: {block.form.pattern}", f"{name}: {value}")]
    return []
