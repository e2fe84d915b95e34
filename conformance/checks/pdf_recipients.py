"""The recipients in a print: the PDF of a document names those whom its CDA names."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.pdf_text import text_of_pdf
from conformance.checks.subjects.cda_sent import AddressedDocument
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.words import Basis


@check("pdf.recipients", source="REM-MS1-DUI Va1, SC.DOC.04.MS1 (DOC/va1.06)", alone=False)
def the_print_names_the_recipients(sent: AddressedDocument) -> Iterator[Finding]:
    """The text of the PDF that an N1 document carries names each recipient that the document names.

    Pass: each word of the name of each ``informationRecipient`` can be read in the PDF.
    Fail: a name cannot. A PDF without text, such as an image, is left to a person.
    """
    document = sent.document
    names = [recipient.name for recipient in document.recipients if recipient.name.strip()]
    if not document.pdf or not names:
        return
    printed, place = text_of_pdf(document.pdf), Where(part=document.part)
    if printed.unread is not None:
        yield warning("pdf.recipients.unread", where=place, got=printed.unread, basis=Basis.HYPOTHESIS)
        return
    for name in dict.fromkeys(names):
        if not printed.says(name):
            yield error("pdf.recipients.missing", where=place, expected=" ".join(name.split()), got="-")
