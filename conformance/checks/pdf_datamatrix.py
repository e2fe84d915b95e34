"""The INS datamatrix of a printed document: there when the INS is, and saying what the CDA says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.checks import ins
from conformance.checks.datamatrix.payload import Flaw, InsDatamatrix, is_ins, read_payload
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.identity import of_cda, of_datamatrix
from conformance.checks.subjects.printed_identity import PrintedIdentity
from conformance.core.check import Context, check
from conformance.core.finding import Finding, Where, error, info, warning
from conformance.core.words import Basis

if TYPE_CHECKING:
    from conformance.checks.datamatrix.symbols import Symbols

LAYOUT = "ANS, INS, format datamatrix v2.2 (26/09/2023), §3 et §5, d'après des implémentations publiées"
# What a symbol says of the person, by the words of its findings.
SAID = {
    "matricule": "matricule",
    "oid": "OID",
    "birth_date": "birth date",
    "sex": "sex",
    "birth_place": "birth place",
    "birth_name": "birth name",
    "birth_first_names": "first names",
}
# SC.DOC.03.MS1 excepts prescriptions: the types that JDV_J07 labels so (checks/cda/tables/type_codes.py).
PRESCRIPTIONS = frozenset(
    {
        *("57828-6", "57832-8", "57833-6", "75468-9"),
        *("PRESC-AAT", "PRESC-BIO", "PRESC-INF", "PRESC-KINE", "PRESC-ORTHOPHO", "PRESC-ORTHOPTIE", "PRESC-PEDI"),
    }
)


@check(
    "pdf.datamatrix",
    source=f"{LAYOUT} ; SC.DOC.03.MS1 ; INS/va1.03 (guide d'implémentation INS, règle 32)",
    basis=Basis.GUIDE,
)
def the_datamatrix_says_the_person(printed: PrintedIdentity, context: Context) -> Iterator[Finding]:
    """The PDF of a document whose CDA bears an INS shows an INS datamatrix that says the same person.

    Pass: a symbol reads on the first pages, is laid out as the ANS says, and its matricule, OID and traits are those
    of the CDA; a CDA without INS has a PDF without INS datamatrix; a prescription may do without.
    Fail: it is missing (judged alone: a remark), does not read, is malformed, or says another person than the CDA.
    """
    # Imported where it serves, as in pdf.py.
    from conformance.checks.datamatrix.symbols import symbols_of

    place = Where(part=printed.pdf.part)
    symbols = symbols_of(printed.pdf.content)
    found = [read_payload(text) for text in dict.fromkeys(symbols.texts) if is_ins(text)]
    if not found:
        yield from _without(printed.document, symbols, place, context)
    for matrix in found:
        yield from (_flaw(flaw, place) for flaw in matrix.flaws)
        yield from (_doubt(doubt, place) for doubt in matrix.doubts)
        yield from _compared(matrix, printed.document, place)


def _without(document: CdaDocument, symbols: Symbols, place: Where, context: Context) -> Iterator[Finding]:
    if symbols.unlooked is not None:
        yield warning("pdf.datamatrix.unchecked", where=place, got=symbols.unlooked, basis=Basis.HYPOTHESIS)
        return
    due = document.ins is not None and document.code not in PRESCRIPTIONS
    tell = error if due and not context.alone else warning if symbols.unread else info
    if symbols.unread:
        yield tell("pdf.datamatrix.unread", where=place, got=str(symbols.unread))
    elif due:
        yield tell("pdf.datamatrix.absent", where=place, expected="INS", got=", ".join(symbols.texts)[:80] or None)


def _flaw(flaw: Flaw, place: Where) -> Finding:
    return error(flaw.code, where=place, expected=flaw.expected, got=flaw.got)


def _doubt(flaw: Flaw, place: Where) -> Finding:
    return warning(flaw.code, where=place, expected=flaw.expected, got=flaw.got, basis=Basis.HYPOTHESIS)


def _compared(matrix: InsDatamatrix, document: CdaDocument, place: Where) -> Iterator[Finding]:
    """What the symbol and the CDA both say, and say differently."""
    if document.ins is None:
        # An INS under a wrong OID is told by cda.ins, and is no reason to say that there is none.
        if not any(root.startswith(ins.ARC) for root, _ in document.patient_ids):
            yield error("pdf.datamatrix.unqualified", where=place, got=matrix.ins)
        return
    said = of_cda(document)
    names = said.birth_first_names or said.first_name
    written = replace(said, matricule=_sound(said.matricule), birth_first_names=names).lettered
    for name, expected, got in of_datamatrix(matrix).lettered.contradicts(written, *SAID):
        yield error("pdf.datamatrix.differs", where=place, expected=expected, got=got, trait=SAID[name])


def _sound(number: str) -> str:
    """The matricule of the CDA, unless it is malformed: cda.ins tells that, and says it once."""
    read = ins.read(number)
    return number if read is not None and read.key == read.expected_key else ""
