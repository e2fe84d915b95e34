"""The loss report as one HTML page that needs nothing else; everything it quotes is escaped."""

from __future__ import annotations

from html import escape
from importlib import resources

from conformance.core.texts import Language, language, say
from conformance.portability import telling
from conformance.portability.comparison import MOST_SHOWN, Comparison, shown
from conformance.portability.differences import Difference


def as_page(comparison: Comparison, names: tuple[str, str], lang: Language | None = None) -> str:
    """The page; ``names`` are how the two Bundles are called."""
    style = (resources.files(__package__) / "report.css").read_text(encoding="utf-8")
    title = escape(say("portability.title", lang))
    sides = "".join(
        f"<li><b>{letter}</b> {escape(telling.held(comparison, names, side, lang))}</li>"
        for side, letter in enumerate("AB")
    )
    state = "good" if comparison.lossless else "bad"
    return (
        f'<!doctype html><html lang="{lang or language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{style}</style></head><body><main>'
        f'<h1>{title}</h1><ul class="sides">{sides}</ul>'
        f'<p class="headline {state}">{escape(telling.headline(comparison, lang))}</p>'
        f"<p>{escape(telling.counts(comparison, lang))}</p>{_sections(comparison, lang)}{_harmless(comparison, lang)}"
        "</main></body></html>\n"
    )


def _sections(comparison: Comparison, lang: Language | None) -> str:
    made, left = [], MOST_SHOWN
    for report, differences in telling.sections(comparison, whole=False):
        rows = "".join(_row(d, lang) for d in differences[: max(left, 0)])
        left -= len(differences)
        if rows:
            title = escape(telling.heading(report, lang))
            made.append(f"<section><h2>{title}</h2><table><tbody>{rows}</tbody></table></section>")
    if left < 0:
        made.append(f"<p>{escape(say('portability.cut', lang, limit=MOST_SHOWN))}</p>")
    return "".join(made)


def _harmless(comparison: Comparison, lang: Language | None) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in telling.harmless(comparison, lang))
    return f"<section><h2>{escape(say('portability.harmless', lang))}</h2><ul>{lines}</ul></section>" if lines else ""


def _row(difference: Difference, lang: Language | None) -> str:
    values = "".join(
        f"<p><b>{letter}</b> <q>{escape(text)}</q></p>"
        for letter, value in (("A", difference.before), ("B", difference.after))
        if (text := shown(value)) is not None
    )
    called = escape(telling.field_of(difference.path, lang))
    return (
        f'<tr><th scope="row" class="{difference.kind}">{escape(telling.kind_of(difference.kind, lang))}</th><td>'
        f"<p><strong>{called}</strong> <code>{escape(difference.path)}</code></p>{values}"
        f"<p>{escape(telling.explained(difference, lang))}</p></td></tr>"
    )
