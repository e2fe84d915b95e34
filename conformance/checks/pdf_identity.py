"""The identity that can be read on a print: the traits and the matricule that whoever holds the paper needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks import ins
from conformance.checks.mail.common import folded
from conformance.checks.pdf_text import PdfText, text_of_pdf
from conformance.checks.subjects.identity import of_cda
from conformance.checks.subjects.printed_identity import PrintedIdentity
from conformance.checks.subjects.prints import ColleaguePrint, TraitsPrint
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.words import Basis

RULE = "guide d'implémentation INS, règle 32"
# How each sex is said on a paper: the code of the RNIV, or a word.
SEXES = {"M": ("m", "masculin", "homme", "h"), "F": ("f", "feminin", "femme")}
MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
# What a letter that says the sex stands near: its own label, or the birth date.
NEAR = 3
NATURES = {ins.NIR: "nir", ins.TEST: "nir", ins.DEMO: "nir", ins.NIA: "nia"}
# How far the nature may stand behind the matricule, in characters: a label, brackets.
REACH = 40


@check("pdf.traits", source=f"Socle vague 1, SC.INS.55 (INS/va1.15); {RULE}", alone=False)
def the_print_shows_the_traits(printed: PrintedIdentity) -> Iterator[Finding]:
    """The print of a document about a qualified person shows birth name, first given name, birth date and sex.

    Pass: each of the four, as the CDA gives them, can be read in the text; a date in figures or words, the sex
    by its letter or a word.
    Fail: one of them cannot. A PDF without text, such as an image, is left to a person.
    """
    identity = of_cda(printed.document)
    if not identity.qualified:
        return
    text, place = text_of_pdf(printed.pdf.content), Where(part=printed.pdf.part)
    if text.unread is not None:
        yield unread(text, place)
        return
    shown = (
        ("birth_name", identity.birth_name, text.spells(identity.birth_name)),
        ("first_name", identity.first_name, text.spells(identity.first_name)),
        ("birth_date", identity.birth_date, bool(_dated(text, identity.birth_date))),
        ("sex", identity.sex, _sexed(text, identity.sex, identity.birth_date)),
    )
    for name, expected, found in shown:
        if expected and not found:
            yield error("pdf.traits.missing", where=place, expected=expected, got="-", trait=name)


@check("pdf.ins", source=f"Socle vague 1, SC.INS.55, SC.DOC.03.MS1 (INS/va1.15); {RULE}", alone=False)
def the_print_shows_the_matricule_and_its_nature(printed: PrintedIdentity) -> Iterator[Finding]:
    """The print of a document about a qualified person shows the matricule in clear, then its nature.

    Pass: the matricule of the CDA, with or without its key, can be read, and behind it NIR or NIA as its OID says.
    Fail: the matricule cannot be read, or its nature is missing or the other one. A PDF without text is left to a person.
    """
    identity = of_cda(printed.document)
    if not identity.qualified:
        return
    text, place = text_of_pdf(printed.pdf.content), Where(part=printed.pdf.part)
    if text.unread is not None:
        yield unread(text, place)
        return
    behind = _behind(text, identity.matricule)
    nature = NATURES[identity.oid]
    if not behind:
        yield error("pdf.ins.missing", where=place, expected=identity.matricule, got="-")
    elif not any(re.search(rf"\b{nature}\b", said) for said in behind):
        got = " | ".join(" ".join(said.split()) for said in behind)[:80]
        yield error("pdf.ins.nature", where=place, expected=nature.upper(), got=got or "-")


@check("pdf.more-traits", source=f"Socle vague 1, SC.INS.30B (INS/va1.10); {RULE}", alone=False)
def the_chosen_traits_are_printed(printed: TraitsPrint) -> Iterator[Finding]:
    """The traits that the site chose to add can be read on its prints.

    Pass: each chosen trait that the person has can be read in the text of the PDF.
    Fail: one cannot. A PDF without text is left to a person.
    """
    yield from _chosen(printed, "pdf.more-traits.missing")


@check("pdf.site-traits", source=f"Socle vague 1, SC.INS.56 (INS/va1.10); {RULE}", alone=False)
def the_choice_holds_for_the_whole_site(printed: ColleaguePrint) -> Iterator[Finding]:
    """The traits chosen once are printed for another professional of the site too.

    Pass: a document of another author shows each of them.
    Fail: it lacks one. A PDF without text is left to a person.
    """
    yield from _chosen(printed, "pdf.site-traits.missing")


def unread(text: PdfText, place: Where) -> Finding:
    """The remark on a PDF whose text cannot be read: a person looks."""
    return warning("pdf.text.unread", where=place, got=text.unread, basis=Basis.HYPOTHESIS)


def _chosen(printed: TraitsPrint, code: str) -> Iterator[Finding]:
    text, place = text_of_pdf(printed.pdf.content), Where(part=printed.pdf.part)
    if text.unread is not None:
        yield unread(text, place)
        return
    for name, value in printed.traits.items():
        if not text.spells(value):
            yield error(code, where=place, expected=value, got="-", trait=name)


def _dated(text: PdfText, date: str) -> list[int]:
    """Where a date ``YYYYMMDD`` can be read: the places of its first word."""
    if not re.fullmatch(r"\d{4}(0[1-9]|1[0-2])\d\d", date):
        return []
    year, month, day = date[:4], date[4:6], date[6:]
    days = {day, day.lstrip("0"), "1er" if day == "01" else day}
    ways: list[tuple[str, ...]] = [
        (d, m, year) for d in days for m in (month, month.lstrip("0"), MONTHS[int(month) - 1])
    ]
    ways += [(year, month, day), (day + month + year,), (date,)]
    return [at for way in ways for at in text.places(way)]


def _sexed(text: PdfText, sex: str, date: str) -> bool:
    """Whether the sex can be read: a word says it, or a letter near the word sexe or the birth date."""
    ways = SEXES.get(sex, ())
    if any(word in text.words for word in ways if len(word) > 1):
        return True
    labels = [*text.places(("sexe",)), *_dated(text, date)]
    return any(at < spot <= at + 2 + NEAR for at in labels for way in ways for spot in text.places((way,)))


def _behind(text: PdfText, matricule: str) -> list[str]:
    """What stands behind the matricule wherever it can be read, however its figures are grouped; the key is skipped."""
    number, key = matricule[:13], matricule[13:]
    grouped = r"[\s.]*".join(re.escape(figure) for figure in folded(number))
    keyed = r"[\s.]*".join(re.escape(figure) for figure in key)
    found = re.finditer(rf"(?<![0-9]){grouped}(?:[\s./-]*(?:cle\s*:?\s*)?{keyed})?(?![0-9])", text.text)
    return [text.text[match.end() : match.end() + REACH] for match in found]
