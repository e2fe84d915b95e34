"""Checks on the authors of what is fed to the DMP."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dmp_authors import GoneAuthor
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis


@check(
    "dmp.two-authors",
    source="REM vague 2, DMP/HISTO.04 ; guide d'intégration DMP, dérogation à RG_2230 ; forme de l'auteur structure supposée",
    # That the structure is an author is required; how an author that is a structure is written was not read.
    basis=Basis.HYPOTHESIS,
    alone=False,
)
def the_structure_joins_an_author_who_left(gone: GoneAuthor) -> Iterator[Finding]:
    """Where the author of an old document left the RPPS, the structure is an author too, of the document and of the set.

    Pass: in the entry and in the submission set, one ``authorPerson`` has the identifier of the person, another that of the
    structure.
    Fail: one of them is missing in one of both.
    """
    for place, authors in (("XDSDocumentEntry", gone.entry), ("XDSSubmissionSet", gone.submission)):
        got = ", ".join(authors) or "-"
        if not gone.names_person(authors):
            yield error("dmp.two-authors.person", expected=gone.person, got=got, place=place)
        if not gone.names_structure(authors):
            yield error("dmp.two-authors.structure", expected=", ".join(gone.structures) or "-", got=got, place=place)
