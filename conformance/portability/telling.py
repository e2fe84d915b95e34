"""The loss report as a person reads it: in a terminal, or as a page."""

from __future__ import annotations

from html import escape
from importlib import resources

from conformance.core.texts import Language, known, language, say
from conformance.portability.comparison import KINDS, MOST_SHOWN, Comparison, ResourceReport, shown
from conformance.portability.differences import Difference


def as_text(comparison: Comparison, names: tuple[str, str], lang: Language | None = None) -> str:
    """The report for a terminal; ``names`` are how the two Bundles are called."""
    lines = [say("portability.title", lang), ""]
    for i, letter in enumerate("AB"):
        lines.append(f"  {letter}  " + _held(comparison, names, i, lang))
    lines += ["", f"  {headline(comparison, lang)}", f"  {counts(comparison, lang)}"]
    left = MOST_SHOWN
    for report in comparison.reports:
        if left <= 0:
            lines += ["", say("portability.cut", lang, limit=MOST_SHOWN)]
            break
        lines += ["", _heading(report, lang)]
        for difference in report.differences[:left]:
            lines += _lines(difference, lang)
        left -= len(report.differences)
    return "\n".join(lines)


def as_page(comparison: Comparison, names: tuple[str, str], lang: Language | None = None) -> str:
    """The report as one HTML page that needs nothing else; everything it quotes is escaped."""
    style = (resources.files(__package__) / "report.css").read_text(encoding="utf-8")
    sections = []
    left = MOST_SHOWN
    for report in comparison.reports:
        rows = "".join(_row(d, lang) for d in report.differences[: max(left, 0)])
        left -= len(report.differences)
        if rows:
            sections.append(
                f"<section><h2>{escape(_heading(report, lang))}</h2><table><tbody>{rows}</tbody></table></section>"
            )
    cut = f"<p>{escape(say('portability.cut', lang, limit=MOST_SHOWN))}</p>" if left < 0 else ""
    held = "".join(
        f"<li><b>{letter}</b> {escape(_held(comparison, names, i, lang))}</li>" for i, letter in enumerate("AB")
    )
    state = "good" if comparison.lossless else "bad"
    title = escape(say("portability.title", lang))
    return (
        f'<!doctype html><html lang="{lang or language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{style}</style></head><body>'
        f'<h1>{title}</h1><ul class="sides">{held}</ul><p class="headline {state}">{escape(headline(comparison, lang))}</p>'
        f"<p>{escape(counts(comparison, lang))}</p>{''.join(sections)}{cut}</body></html>\n"
    )


def headline(comparison: Comparison, lang: Language | None = None) -> str:
    """The answer in one sentence."""
    code = "portability.lossless" if comparison.lossless else "portability.lossy"
    share = f"{_floor(comparison.share * 100)}".replace(".", "," if (lang or language()) == "fr" else ".")
    return say(code, lang, kept=comparison.kept, total=comparison.values[0], share=share)


def counts(comparison: Comparison, lang: Language | None = None) -> str:
    """How many differences of each kind, in a line."""
    return "   ".join(f"{say(f'portability.kind.{kind}', lang)} : {comparison.number(kind)}" for kind in KINDS)


def explained(difference: Difference, lang: Language | None = None) -> str:
    """Why a difference matters, or does not."""
    return say(f"portability.why.{difference.why}", lang, values=difference.values)


def thing(report: ResourceReport, lang: Language | None = None) -> str:
    """What a resource is, in the words of the trade where the catalogue has them."""
    for name in (report.profile, report.type):
        if name and known(f"portability.thing.{name}"):
            return say(f"portability.thing.{name}", lang)
    return report.type


def _heading(report: ResourceReport, lang: Language | None) -> str:
    return thing(report, lang) + (f" : {report.name}" if report.name else "")


def _lines(difference: Difference, lang: Language | None) -> list[str]:
    lines = [f"  {say(f'portability.kind.{difference.kind}', lang):<12} {difference.path}"]
    for letter, value in (("A", difference.before), ("B", difference.after)):
        if (text := shown(value)) is not None:
            lines.append(f"    {letter}  {text}")
    return [*lines, f"    {explained(difference, lang)}"]


def _row(difference: Difference, lang: Language | None) -> str:
    values = "".join(
        f"<p><b>{letter}</b> <q>{escape(text)}</q></p>"
        for letter, value in (("A", difference.before), ("B", difference.after))
        if (text := shown(value)) is not None
    )
    kind = say(f"portability.kind.{difference.kind}", lang)
    return (
        f'<tr><th scope="row" class="{difference.kind}">{escape(kind)}</th>'
        f"<td><code>{escape(difference.path)}</code>{values}<p>{escape(explained(difference, lang))}</p></td></tr>"
    )


def _held(comparison: Comparison, names: tuple[str, str], side: int, lang: Language | None) -> str:
    held = {"resources": comparison.resources[side], "values": comparison.values[side]}
    return say("portability.side", lang, name=names[side], **held)


def _floor(percent: float) -> float:
    # 99.96 % must not be told as 100.
    return int(percent * 10) / 10
