"""Checks on infected files that enter the product, and on the sets of data that it makes for tests."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.files import InfectedDocument, InfectedUpload, TestSet, TracedInfection
from conformance.core.check import check
from conformance.core.finding import Finding, error

REM = "REM vague 2, instantané de travail du 14/03/2023"


@check("antivirus.upload", source=f"{REM}, SSI/GEN.08", alone=False)
def an_infected_file_is_not_kept(file: InfectedUpload) -> Iterator[Finding]:
    """The EICAR test file, put in a record, is not in it afterwards.

    Pass: the page of the record shows the harmless file put in beside it, and not this one. Fail: it shows it.
    """
    if file.shown:
        yield error("antivirus.kept", expected="-", got=file.name)


@check("antivirus.dmp", source=f"{REM}, SSI/GEN.08", alone=False)
def an_infected_document_is_not_kept(document: InfectedDocument) -> Iterator[Finding]:
    """A document of the DMP whose body is the EICAR test file is not in the record afterwards.

    Pass: the product lists the sound document taken beside it, and not this one. Fail: it lists it.
    """
    if document.held:
        yield error("antivirus.kept", expected="-", got=document.unique_id)


@check("antivirus.traced", source=f"{REM}, SSI/GEN.08", alone=False)
def a_refused_file_is_traced(infection: TracedInfection) -> Iterator[Finding]:
    """The product's traces name the infected file that it was offered.

    Pass: a trace names it. Fail: none does.
    """
    if not infection.traced:
        yield error("antivirus.untraced", expected=infection.name, got="-")


@check("anonymous.test-set", source=f"{REM}, SSI/GEN.05", alone=False)
def a_set_made_for_tests_names_nobody(made: TestSet) -> Iterator[Finding]:
    """The set of data that the product makes for tests says of nobody who they are.

    Pass: no matricule of the persons put in the product is in it, nor their birth name and date together.
    Fail: some are.
    """
    for key in made.found:
        yield error("anonymous.test-set.names", expected="-", got=key)
