"""The checks of a request that feeds a repository (IHE ITI-41), one for each thing that a receiver relies on."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.xds_request import ACTION, XdsRequest
from conformance.checks.xds.codes import wrong_codes
from conformance.checks.xds.coherence import incoherent
from conformance.checks.xds.contents import altered, unmatched
from conformance.checks.xds.metadata import incomplete
from conformance.checks.xds.sets import several_persons, wrong_set
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error

ITI_41 = "IHE ITI TF vol. 2, 3.41 (ITI-41)"
METADATA = "IHE ITI TF vol. 3, 4.2 et 4.3.1 ; wire.md §2.6"


@check("xds.request", source=f"{ITI_41} ; W3C MTOM et XOP ; wire.md §2.1")
def the_request_reads(request: XdsRequest) -> Iterator[Finding]:
    """The request reads: XML under guard, its parts whole, its action that of ITI-41, at least one document described.

    Pass: a ``SubmitObjectsRequest``, alone or in a SOAP message with the action of ITI-41, describes documents.
    Fail: it does not parse, a part is missing its end or comes twice, the action is another, nothing is described.
    """
    if request.fault is not None:
        fault = request.fault
        place = Where(line=fault.line, column=fault.column)
        yield error(fault.code, where=place, expected=fault.expected, got=fault.got, **fault.values)
        return
    if request.envelope and request.action != ACTION:
        yield error("xds.request.action", where=Where(), expected=ACTION, got=request.action)
    for id in request.repeated:
        yield error("xds.request.part-twice", where=Where(), expected="Content-ID", got=id)
    if not request.entries:
        yield error("xds.request.empty", where=Where(), expected="ExtrinsicObject")


@check("xds.documents", source=f"{ITI_41}, 3.41.4.1.2")
def every_entry_comes_with_its_document(request: XdsRequest) -> Iterator[Finding]:
    """Every entry comes with its document, and no document comes without its entry.

    Pass: one ``Document`` element for each entry, with its bytes in line or in a part; metadata alone carry none.
    Fail: a document is missing, repeated, unannounced, or the part that it names did not come.
    """
    if request.submission is None:
        yield error("xds.unreadable", where=Where())
    elif not request.alone:
        yield from unmatched(request.entries, request.attached)


@check("xds.metadata", source=METADATA)
def the_metadata_are_complete(request: XdsRequest) -> Iterator[Finding]:
    """Every entry says what a document source must say, each attribute in its form.

    Pass: all the attributes that are required of ITI-41, times in UTC, identifiers that are OIDs or UUIDs.
    Fail: one is missing or has another form. One that every published message carries is a warning.
    """
    if request.submission is None:
        yield error("xds.unreadable", where=Where())
    else:
        yield from incomplete(request.submission)


@check("xds.codes", source=f"{METADATA} ; JDV_J02, J04, J07, J57, J58, J59")
def the_codes_are_known(request: XdsRequest) -> Iterator[Finding]:
    """Every code is of its value set, under its own code system, with its label; confidentiality begins with N.

    Pass: type, facility and practice setting are in their value sets; class and content type under their systems.
    Fail: an unknown code, another system, no label, or a visibility before the normal confidentiality.
    """
    if request.submission is None:
        yield error("xds.unreadable", where=Where())
    else:
        yield from wrong_codes(request.submission)


@check("xds.submission-set", source=f"IHE ITI TF vol. 3, 4.2.1 et 4.2.3.3 ; {ITI_41}")
def one_set_holds_every_document(request: XdsRequest) -> Iterator[Finding]:
    """One submission set, identified, dated and coded, has every document as an original member.

    Pass: one set with its unique id, source, person, time and content type, and one HasMember to each entry.
    Fail: no set, several, one without them, an entry that it does not hold, or a member that is not original.
    """
    if request.submission is None:
        yield error("xds.unreadable", where=Where())
    else:
        yield from wrong_set(request.submission, request.submissions)


@check("xds.patient", source="IHE ITI TF vol. 3, 4.2.3.1.1 (CX) ; wire.md §2.6")
def one_person_in_the_metadata(request: XdsRequest) -> Iterator[Finding]:
    """The set and every entry name the same person.

    Pass: each ``patientId`` is a CX, and all have one number and one authority.
    Fail: one is malformed or of another person.
    """
    if request.submission is None:
        yield error("xds.unreadable", where=Where())
    else:
        yield from several_persons(request.submission)


@check("xds.integrity", source="IHE ITI TF vol. 3, 4.2.3.2.10 (hash) et 4.2.3.2.23 (size)")
def hash_and_size_are_those_of_the_document(request: XdsRequest) -> Iterator[Finding]:
    """Hash and size, where the source says them, are those of the document that came.

    Pass: they are left to the repository, or are the SHA-1 and the number of bytes of the document.
    Fail: one is that of other bytes.
    """
    if request.submission is None:
        yield error("xds.unreadable", where=Where())
    else:
        yield from altered(request.entries, request.contents)


@check("xds.coherence", source="CI-SIS, correspondance des métadonnées XDS et de l'en-tête CDA ; wire.md §2.7")
def the_entry_tells_its_document(request: XdsRequest) -> Iterator[Finding]:
    """Every entry tells the document that it comes with.

    Pass: identifier, type, title, language, confidentiality, facility, setting, signer, times and person are those of
    the CDA header, times compared as instants.
    Fail: one is another. A matricule given without its key is a warning.
    """
    if request.submission is None:
        yield error("xds.unreadable", where=Where())
    else:
        yield from incoherent(request.entries, request.documents)
