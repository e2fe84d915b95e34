"""Documents of the bench as strategies: CDA N1, IHE XDM archives, MSSanté messages, all conforming."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from conformance._bundled.fixtures.documents.codes import DOCUMENT_TYPES
from conformance._bundled.fixtures.documents.messages import compose
from conformance._bundled.fixtures.documents.model import DocumentSpec, SubmissionSpec, document_of
from conformance._bundled.fixtures.documents.n1 import n1_of
from conformance._bundled.fixtures.documents.xdm import xdm
from conformance.strategies.people import ORIGINS, SCENARIO, populations

__all__ = ["cda_documents", "document_specs", "mss_messages", "xdm_archives"]

NIL = "REFERENCE-DUI"
DOMAIN = "strategy.mss.test"
# Metropolitan France, and the overseas departments at both ends of the clock (IANA tz database, 2025).
OFFSETS = (1, 2, -4, -3, 4, 3)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
# A document has an end and a creation after its act, and the near past is what a product sends.
SPAN = timedelta(days=700)


@st.composite
def _moments(draw: st.DrawFn) -> datetime:
    zone = timezone(timedelta(hours=draw(st.sampled_from(OFFSETS))))
    return (FIRST + timedelta(minutes=draw(st.integers(0, int(SPAN.total_seconds()) // 60)))).astimezone(zone)


@st.composite
def document_specs(draw: st.DrawFn, *, type_code: str | None = None, number: int = 0) -> DocumentSpec:
    """What a document says, before any format; ``type_code`` fixes its type, ``number`` tells a second one apart."""
    people = draw(populations())
    person = people.person(SCENARIO, "usager", origin=draw(st.sampled_from(ORIGINS)))
    return document_of(
        people.seed,
        SCENARIO,
        f"document {number}",
        person=person,
        author=people.professional,
        structure=people.structure,
        act_date=draw(_moments()),
        type_code=type_code or draw(st.sampled_from(sorted(DOCUMENT_TYPES))),
    )


def cda_documents(*, type_code: str | None = None) -> st.SearchStrategy[bytes]:
    """CDA N1 documents that conform: a header of the « structuration minimale » around a PDF."""
    return document_specs(type_code=type_code).map(n1_of)


def xdm_archives() -> st.SearchStrategy[bytes]:
    """IHE XDM archives that conform, with one document and its metadata."""
    return document_specs().map(archive_of)


def mss_messages() -> st.SearchStrategy[bytes]:
    """MSSanté messages that conform: an archive, the PDF beside it, and the headers."""
    return document_specs().map(message_of)


def archive_of(spec: DocumentSpec) -> bytes:
    """The archive that carries one document, submitted when the document was made."""
    submission = SubmissionSpec(
        unique_id=f"{spec.unique_id}.1",
        source_id=f"{spec.set_id}.1",
        submitted=spec.created,
        author=spec.author,
        structure=spec.structure,
        person=spec.person,
        title=spec.title,
    )
    archive: bytes = xdm([(spec, n1_of(spec))], submission)
    return archive


def message_of(spec: DocumentSpec) -> bytes:
    """The message that carries one document to a professional."""
    sender, recipient = f"structure@{DOMAIN}", f"medecin@{DOMAIN}"
    made: bytes = compose([spec], sender=sender, sender_name=spec.structure.name, recipient=recipient, nil=NIL).raw
    return made
