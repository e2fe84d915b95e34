"""Checks on how the product uses the national directory (Annuaire Santé)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.annuaire import (
    BusyAnswer,
    DirectoryRequest,
    ListedRecipient,
    LoadedExtraction,
    WantedEntry,
    WrittenEntry,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis

API = "API Annuaire Santé en libre accès (ANS), FHIR v2"
# What a clock may lose between the answer and the record of the next request, in seconds.
TOLERANCE = 0.05


@check("annuaire.key", source=f"{API}: en-tête ESANTE-API-KEY; SC.ANN.06", basis=Basis.GUIDE, alone=False)
def every_request_carries_the_key(request: DirectoryRequest) -> Iterator[Finding]:
    """Every request to the directory's API carries the key given to the product.

    Pass: the header ``ESANTE-API-KEY`` holds the key.
    Fail: it is missing, or holds another value.
    """
    if request.key != "right":
        yield error(f"annuaire.key.{request.key}", expected="ESANTE-API-KEY", got=str(request.status))


@check("annuaire.found", source="SC.ANN.06; Référentiel socle MSSanté #2 v1.0, ECO.3.1.4", alone=False)
def a_wanted_professional_is_found(wanted: WantedEntry) -> Iterator[Finding]:
    """A search made in the product reaches the directory and goes on until the professional is found.

    Pass: an answer of the directory holds the wanted professional, on whatever page.
    Fail: the directory was not asked, or no answer that the product asked for holds the professional.
    """
    if not wanted.asked:
        yield error("annuaire.found.not-asked", expected=wanted.identifier, got="-")
    elif not wanted.found:
        yield error("annuaire.found.not-reached", expected=wanted.identifier, got=str(wanted.asked))


@check("annuaire.address", source="SC.ANN.06; Référentiel socle MSSanté #2 v1.0, ECO.3.1.4", alone=False)
def the_address_found_is_the_one_written_to(entry: WrittenEntry) -> Iterator[Finding]:
    """The message goes to the MSSanté address that the directory gave, to the letter.

    Pass: the envelope of a message names that address.
    Fail: messages left, none of them for that address.
    """
    if entry.address not in entry.written:
        yield error("annuaire.address.other", expected=entry.address, got=", ".join(entry.written))


@check(
    "annuaire.patience", source="RFC 9110 §10.2.3 (Retry-After), §15.6.4; RFC 6585 §4", basis=Basis.GUIDE, alone=False
)
def a_busy_directory_is_asked_again_in_time(busy: BusyAnswer) -> Iterator[Finding]:
    """A request that the directory cannot answer now is made again, not before the time it names.

    Pass: another request follows, at least the named seconds later.
    Fail: none follows, or it comes sooner.
    """
    if busy.waited is None:
        yield error("annuaire.patience.gave-up", expected=f"{busy.asked_to_wait:g} s", got=str(busy.status))
    elif busy.waited < busy.asked_to_wait - TOLERANCE:
        yield error("annuaire.patience.too-soon", expected=f"≥ {busy.asked_to_wait:g} s", got=f"{busy.waited:.2f} s")


@check("annuaire.extraction", source="SC.ANN.01.MS1; Annuaire Santé, extractions en libre accès", alone=False)
def each_version_of_the_extraction_is_fetched(loaded: LoadedExtraction) -> Iterator[Finding]:
    """The product fetches the public extraction of itself, each version of it.

    Pass: the version published was downloaded.
    Fail: it never was.
    """
    if not loaded.fetched:
        yield error("annuaire.extraction.not-fetched", expected=loaded.version, got="-")


@check("annuaire.values", source="SC.ANN.01.MS1; Annuaire Santé, PS_LibreAcces_Personne_activite", alone=False)
def a_correspondent_has_the_values_of_the_extraction(listed: ListedRecipient) -> Iterator[Finding]:
    """A correspondent known to the extraction is called in documents as the last version of it does.

    Pass: the recipient in the document has the family name of the entry.
    Fail: another name, or none.
    """
    if listed.family.casefold() not in listed.named.name.casefold().replace(" - ", "-"):
        yield error(
            "annuaire.values.other-name", expected=f"{listed.given} {listed.family}", got=listed.named.name or "-"
        )
