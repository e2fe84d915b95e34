"""The loss report as a person reads it, in a terminal: what is lost or changed first, what loses nothing in a few lines."""

from __future__ import annotations

import re
from collections import Counter

from conformance.core.texts import Language, known, language, say
from conformance.portability.comparison import KINDS, MOST_SHOWN, Comparison, ResourceReport, shown
from conformance.portability.differences import Difference

_SEGMENT = re.compile(r"(?P<name>[A-Za-z_]+)(?:\[(?P<label>[^\]]*)\])?")


def as_text(
    comparison: Comparison, names: tuple[str, str], lang: Language | None = None, *, whole: bool = False
) -> str:
    """The report for a terminal; ``names`` are how the two Bundles are called, ``whole`` lists what loses nothing too."""
    lines = [say("portability.title", lang), ""]
    lines += [f"  {letter}  {held(comparison, names, side, lang)}" for side, letter in enumerate("AB")]
    lines += ["", f"  {headline(comparison, lang)}", f"  {counts(comparison, lang)}"]
    left = MOST_SHOWN
    for report, differences in sections(comparison, whole=whole):
        if left <= 0:
            break
        lines += ["", heading(report, lang)]
        for difference in differences[:left]:
            lines += _lines(difference, lang)
        left -= len(differences)
    if left < 0:
        lines += ["", say("portability.cut", lang, limit=MOST_SHOWN)]
    if not whole and (told := harmless(comparison, lang)):
        lines += ["", say("portability.harmless", lang), *(f"  {line}" for line in told)]
    return "\n".join(lines)


def sections(comparison: Comparison, *, whole: bool) -> list[tuple[ResourceReport, tuple[Difference, ...]]]:
    """The resources that have something to show, each with what it has to show."""
    every = [(r, tuple(d for d in r.differences if whole or d.kind != "equivalent")) for r in comparison.reports]
    return [(report, differences) for report, differences in every if differences]


def harmless(comparison: Comparison, lang: Language | None = None) -> list[str]:
    """The differences that lose nothing, by reason: one line each."""
    counted = Counter(d.why for r in comparison.reports for d in r.differences if d.kind == "equivalent")
    return [
        say("portability.times", lang, number=number, why=say(f"portability.why.{why}", lang, values=1))
        for why, number in counted.most_common()
    ]


def headline(comparison: Comparison, lang: Language | None = None) -> str:
    """The answer in one sentence."""
    code = "portability.lossless" if comparison.lossless else "portability.lossy"
    # 99.96 % must not be told as 100.
    share = f"{int(comparison.share * 1000) / 10}".replace(".", "," if (lang or language()) == "fr" else ".")
    return say(code, lang, kept=comparison.kept, total=comparison.values[0], share=share)


def counts(comparison: Comparison, lang: Language | None = None) -> str:
    """How many differences of each kind, in a line."""
    colon = " : " if (lang or language()) == "fr" else ": "
    return "   ".join(f"{kind_of(kind, lang)}{colon}{comparison.number(kind)}" for kind in KINDS)


def kind_of(kind: str, lang: Language | None = None) -> str:
    """A kind of difference, as a word."""
    return say(f"portability.kind.{kind}", lang)


def explained(difference: Difference, lang: Language | None = None) -> str:
    """Why a difference matters, or does not."""
    return say(f"portability.why.{difference.why}", lang, values=difference.values)


def field_of(path: str, lang: Language | None = None) -> str:
    """What stands at a path, in the words of the trade; empty where the catalogue has none."""
    for segment in reversed(list(_SEGMENT.finditer(path.partition(".")[2]))):
        for token in (segment["label"], segment["name"]):
            key = f"portability.field.{(token or '').rpartition('=')[2]}"
            if token and known(key):
                return say(key, lang)
    return ""


def heading(report: ResourceReport, lang: Language | None = None) -> str:
    """What a resource is, in the words of the trade where the catalogue has them, and which one."""
    found = next((n for n in (report.profile, report.type) if n and known(f"portability.thing.{n}")), "")
    thing = say(f"portability.thing.{found}", lang) if found else report.type
    return f"{thing} « {report.name} »" if report.name else thing


def held(comparison: Comparison, names: tuple[str, str], side: int, lang: Language | None = None) -> str:
    """What one of the two Bundles holds."""
    counted = {"resources": comparison.resources[side], "values": comparison.values[side]}
    return say("portability.side", lang, name=names[side], **counted)


def _lines(difference: Difference, lang: Language | None) -> list[str]:
    called = field_of(difference.path, lang)
    lines = [f"  {kind_of(difference.kind, lang):<11} {called + '  ' if called else ''}{difference.path}"]
    for letter, value in (("A", difference.before), ("B", difference.after)):
        if (text := shown(value)) is not None:
            lines.append(f"    {letter}  {text}")
    return [*lines, f"    {explained(difference, lang)}"]
