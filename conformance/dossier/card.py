"""A finding told as plain text: what JUnit, SARIF and terminals show; the report draws the same card in HTML."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.core.finding import Finding, Where
from conformance.core.texts import Language, say
from conformance.core.verdict import RequirementVerdict
from conformance.dossier.plain import clean, one_line

# A card is read by a person: values longer than this are cut there, and whole in the evidence.
MAX_VALUE = 600


def where_text(where: Where, lang: Language) -> str:
    """The place in words, its parts in the order a developer opens them; empty when nothing is known."""
    return " · ".join(
        f"{say('dossier.where.' + name, lang)} {one_line(str(value), MAX_VALUE)}"
        for name, value in where.as_json().items()
    )


def card(finding: Finding, lang: Language) -> str:
    """Code and sentence, expected, got, place, cause, remedy, evidence: one line each, absent when unknown."""
    lines = [f"[{finding.code}] {one_line(finding.message(lang))}"]
    rows = (
        (say("dossier.card.expected", lang), finding.expected),
        (say("dossier.card.got", lang), finding.got),
        (say("dossier.card.where", lang), where_text(finding.where, lang)),
        (say("card.cause", lang), finding.cause(lang)),
        (say("card.fix", lang), finding.fix(lang)),
        (say("dossier.card.evidence", lang), ", ".join(finding.evidence)),
    )
    lines += [f"  {label} {clean(value, MAX_VALUE)}" for label, value in rows if value]
    return "\n".join(lines)


def reasons(verdict: RequirementVerdict, lang: Language) -> list[str]:
    """Why the aspects are not passed, each reason once, in their order."""
    return list(dict.fromkeys(why for aspect in verdict.aspects if (why := aspect.why(lang))))


def cards(findings: Iterable[Finding], lang: Language) -> str:
    """Several cards, a blank line between them."""
    return "\n\n".join(card(finding, lang) for finding in findings)
