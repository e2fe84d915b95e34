"""``convergence.xlsx``: the requirements in the columns of the Convergence export, with the verdicts beside them.

The fourteen columns are those of the sheet ``Exigences`` that the ANS loads into Convergence (plug-in
``convergence-export`` of ``ansforge/segur-squash-plugins``): one row per requirement, scenario and proof. It is
a help to fill in the portal, and no upload format: none is published for editors.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from conformance.core.profile import CHAPTERS
from conformance.core.requirement import Condition, Requirement
from conformance.core.texts import Language, say
from conformance.core.verdict import RequirementVerdict
from conformance.core.words import Verdict
from conformance.dossier.card import reasons
from conformance.dossier.judged import Judged, JudgedProfile
from conformance.dossier.plain import clean, one_line

# Headings of the Convergence export, in its order and in its language whatever ours is.
CONVERGENCE = (
    ("Périmètre", 12),
    ("ID", 18),
    ("Chapitre", 26),
    ("Fonction", 26),
    ("Exigence", 60),
    ("Commentaire", 30),
    ("Profil", 20),
    ("N° scénario", 22),
    ("Scénario de conformité", 50),
    ("N° preuve", 16),
    ("Preuve", 50),
    ("Profil historique", 16),
    ("Criticité", 12),
    ("Ordre", 8),
)
OURS = (
    ("verdict", 20),
    ("why", 50),
    ("verification", 16),
    ("assumed", 12),
    ("fault", 16),
    ("evidence", 50),
    ("profile", 18),
)
MAX_CELL = 32767  # characters in a cell, Excel specifications and limits
WAVES = {"va1": "Vague 1", "va2": "Vague 2"}
FIXED_DATE = datetime(1980, 1, 1)  # noqa: DTZ001 - a workbook has no time zone; the bytes must not depend on the day


def convergence_workbook(judged: Judged) -> bytes:
    """The workbook; the same verdicts give the same bytes. Every cell is text: no formula can come of it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": "dui-conformance", "created": FIXED_DATE})
    _about(book, judged)
    _requirements(book, judged)
    book.close()
    return out.getvalue()


def _about(book: Any, judged: Judged) -> None:
    lang = judged.lang
    sheet = book.add_worksheet(say("workbook.about", lang))
    sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    lines = [
        say("workbook.not-an-upload", lang),
        say("workbook.plain-text", lang),
        say("workbook.rows", lang),
        f"{judged.product.get('name', '')} {judged.product.get('version', '')} — {judged.product.get('editor', '')}",
        *(f"{p.profile.title.in_(lang)} ({p.profile.referential} {p.profile.version})" for p in judged.profiles),
        *(p.profile.notice.in_(lang) for p in judged.profiles),
    ]
    sheet.write_string(0, 0, say("workbook.title", lang), book.add_format({"bold": True, "font_size": 14}))
    for row, line in enumerate(lines, start=2):
        sheet.write_string(row, 0, _cell(line))


def _requirements(book: Any, judged: Judged) -> None:
    sheet = book.add_worksheet("Exigences")
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    columns = [*CONVERGENCE, *((say(f"workbook.{name}", judged.lang), width) for name, width in OURS)]
    for column, (title, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, heading)
    last = 0
    for last, row in enumerate(_rows(judged), start=1):
        for column, value in enumerate(row):
            sheet.write_string(last, column, _cell(value), wrapped)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)


def _rows(judged: Judged) -> Iterator[Sequence[str]]:
    order = 0
    for profile in judged.profiles:
        for verdict in sorted(profile.verdicts, key=lambda v: _rank(v.requirement)):
            proofs = verdict.requirement.proofs or (None,)
            for proof in proofs:
                order += 1
                told = (proof.id, proof.statement.in_(judged.lang)) if proof else ("", "")
                yield (*_convergence(profile, verdict, told, order, judged.lang), *_ours(profile, verdict, judged.lang))


def _convergence(
    profile: JudgedProfile, verdict: RequirementVerdict, proof: tuple[str, str], order: int, lang: Language
) -> tuple[str, ...]:
    requirement = verdict.requirement
    condition: Condition | None = profile.profile.conditions.get(requirement.condition or "")
    scenarios = list(dict.fromkeys(s for a in requirement.aspects for s in a.scenarios))
    return (
        WAVES.get(requirement.version.lower()[:3], requirement.version),
        requirement.id,
        requirement.bloc or requirement.chapter,
        requirement.fonction,
        requirement.statement.in_(lang),
        requirement.source,
        condition.label if condition else "Général",
        ", ".join(scenarios),
        "\n".join(f"{a.id}: {a.statement.in_(lang)}" for a in requirement.aspects),
        *proof,
        "",
        requirement.criticality,
        str(order),
    )


def _ours(profile: JudgedProfile, verdict: RequirementVerdict, lang: Language) -> tuple[str, ...]:
    requirement = verdict.requirement
    quiet = verdict.verdict is Verdict.PASS
    messages = [one_line(f.message(lang)) for f in verdict.findings]
    return (
        say(f"verdict.{verdict.verdict}", lang),
        "" if quiet else "\n".join([*reasons(verdict, lang), *messages]),
        say(f"report.verification.{requirement.verification}", lang),
        say("report.yes" if requirement.assumed else "report.no", lang),
        say(f"report.fault.{verdict.fault}", lang),
        "\n".join(dict.fromkeys(e for a in verdict.aspects for e in a.evidence)),
        profile.profile.name,
    )


def _rank(requirement: Requirement) -> tuple[int, str]:
    known = requirement.chapter in CHAPTERS
    return (CHAPTERS.index(requirement.chapter) if known else len(CHAPTERS), requirement.chapter)


def _cell(value: str) -> str:
    return clean(value, MAX_CELL)
