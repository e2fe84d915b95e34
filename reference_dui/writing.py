"""Documents as the product writes them: PDF/A-1, CDA N1 around it, and the XDM archive of a sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from conformance._bundled.fixtures.documents.codes import DOCUMENT_TYPES
from conformance._bundled.fixtures.documents.datamatrix import ins_payload
from conformance._bundled.fixtures.documents.messages import pdf_name, subject_of
from conformance._bundled.fixtures.documents.model import DocumentSpec, SubmissionSpec
from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.documents.n3 import TYPE_CODE, fludt
from conformance._bundled.fixtures.documents.pdf import pdf_of
from conformance._bundled.fixtures.documents.presenting import PLAIN
from conformance._bundled.fixtures.documents.xdm import xdm

from conformance.population import Correspondent, Person, Structure

from . import facts
from .composing import Parcel
from .faults import Fault
from .sins import Sins

MAX_TEXT = 200_000
LIAISON = TYPE_CODE

Types = dict[str, str]


def document_types() -> Types:
    """The types of document that the product writes: code and label."""
    return {code: kind.type.label for code, kind in DOCUMENT_TYPES.items()}


def new_oid() -> str:
    """A fresh OID, drawn from a random UUID (ITU-T X.667 §6.3)."""
    return f"2.25.{uuid4().int}"


def first_version(
    person: Person,
    author: Correspondent,
    structure: Structure,
    type_code: str,
    title: str,
    text: str,
    act_date: str,
    recipients: Sequence[Correspondent],
    footer: str = "",
    printed_traits: Sequence[str] = (),
    added: Sequence[tuple[str, str]] = (),
) -> Any:
    """What a new document says; raises :class:`Fault` on an unknown type, an empty text or a date without zone."""
    when = _moment(act_date)
    if type_code not in DOCUMENT_TYPES:
        raise Fault("refdui.fault.unknown-type", code=type_code)
    return DocumentSpec(
        person=person,
        author=author,
        structure=structure,
        type_code=type_code,
        title=title.strip() or DOCUMENT_TYPES[type_code].type.label,
        text=_paragraphs(text),
        act_date=when,
        created=datetime.now(when.tzinfo).replace(microsecond=0),
        unique_id=new_oid(),
        set_id=new_oid(),
        recipients=tuple(recipients),
        footer=footer or f"{facts.NAME} {facts.VERSION}",
        printed_traits=tuple(printed_traits),
        # The emergency liaison document has coded sections (SC.DMP.01.MS1, SC.DOC.07.MS1).
        body="fludt" if type_code == LIAISON else "n1",
        # It presents itself, by the sheet of the establishment (SC.DOC.08.MS1).
        sheet=PLAIN if type_code == LIAISON else "",
        added=tuple(added),
    )


def next_version(previous: Any, fresh: Any, sins: Sins) -> Any:
    """The version that replaces ``previous``: same set, next number, the content of ``fresh``."""
    number = 2 if sins.has("stops-counting-versions") else previous.version + 1
    return replace(fresh, set_id=previous.set_id, version=number, replaces=previous.unique_id)


def write(spec: Any, sins: Sins) -> tuple[bytes, bytes]:
    """Print the PDF and write the CDA around it, as the defects in force leave them."""
    if sins.has("computes-a-wrong-ins-key") and spec.person.matricule:
        spec = replace(spec, person=_with_wrong_key(spec.person))
    pdf = sins.alter("pdf", _printed(spec, sins))
    structured = spec.body == "fludt" and not sins.has("writes-every-document-around-a-pdf")
    if sins.has("joins-no-style-sheet"):
        spec = replace(spec, sheet="")
    if sins.has("presents-planned-sections-only"):
        # The planned sections of the volet declare a template; what is added does not.
        spec = replace(spec, sheet=spec.sheet.replace("/c:section", "/c:section[c:templateId]"))
    if sins.has("presents-titles-only"):
        spec = replace(spec, sheet=spec.sheet.replace('<xsl:apply-templates select="c:text"/>', ""))
    return pdf, sins.alter("cda", fludt(spec) if structured else n1(spec, pdf))


def pack(documents: Sequence[tuple[Any, bytes, bytes]], sins: Sins) -> Parcel:
    """Pack documents of one person for one sending, each with its PDF and its CDA: a new submission set each time."""
    wrong = sins.has("computes-a-wrong-ins-key")
    written = [
        (replace(s, person=_with_wrong_key(s.person)) if wrong and s.person.matricule else s, pdf, cda)
        for s, pdf, cda in documents
    ]
    spec = written[0][0]
    if sins.has("mixes-two-persons"):
        neighbour = replace(spec, person=_neighbour(spec.person), unique_id=new_oid(), set_id=new_oid())
        written.append((neighbour, *write(neighbour, sins)))
    submission = SubmissionSpec(
        unique_id=new_oid(),
        source_id=facts.SOURCE_ID,
        submitted=datetime.now(spec.created.tzinfo).replace(microsecond=0),
        author=spec.author,
        structure=spec.structure,
        person=spec.person,
        title=spec.title,
    )
    archive = xdm([(s, c) for s, _, c in written], submission, software=f"{facts.NAME} {facts.VERSION}")
    return Parcel(
        archive=sins.alter_archive(archive),
        cdas=tuple(c for _, _, c in written),
        pdfs=tuple((name, _twin(s, p, sins)) for name, (s, p, _) in zip(_names(written), written, strict=True)),
        subject=_subject(written, sins),
        replaces=any(s.replaces is not None for s, _, _ in written),
    )


def paper(spec: Any, pdf: bytes, sins: Sins) -> bytes:
    """What a printer gets of a validated document: the very PDF that is sent."""
    return pdf_of(spec, datamatrix="") if sins.has("prints-another-paper") else pdf


def _printed(spec: Any, sins: Sins) -> bytes:
    """The PDF of a document, as the defects in force print it."""
    without = []
    if sins.has("prints-no-recipients"):
        spec = replace(spec, recipients=())
    if sins.has("prints-no-notice"):
        spec = replace(spec, footer=f"{facts.NAME} {facts.VERSION}")
    if sins.has("prints-the-notice-at-the-top"):
        spec = replace(spec, text=(spec.footer, *spec.text), footer="")
    if sins.has("prints-the-usual-traits-only"):
        spec = replace(spec, printed_traits=())
    if sins.has("prints-no-birth-date"):
        without.append("birth")
    if sins.has("prints-a-matricule-without-its-nature"):
        without.append("nature")
    made: bytes = pdf_of(spec, datamatrix=_symbol(spec.person, sins), without=without)
    return made


def _symbol(person: Person, sins: Sins) -> str:
    """The text of the INS datamatrix on the print; empty for a person who may not be named by an INS."""
    if sins.has("prints-another-person-in-the-datamatrix"):
        person = replace(person, birth_name="VOISIN", birth_date="1950-01-31")
    text: str = ins_payload(person)
    return text.partition("S5")[0] if sins.has("truncates-the-datamatrix") else text


def _names(written: Sequence[tuple[Any, bytes, bytes]]) -> list[str]:
    names: list[str] = []
    for spec, _, _ in written:
        name = pdf_name(spec.act_date, spec.type_label, spec.person)
        if name in names:
            name = pdf_name(spec.act_date, spec.type_label, spec.person, case_number=str(len(names) + 1))
        names.append(name)
    return names


def _subject(written: Sequence[tuple[Any, bytes, bytes]], sins: Sins) -> str:
    labels = [s.type_label for s, _, _ in written]
    named = labels[:1] if sins.has("announces-the-first-document-only") else labels
    return str(subject_of(named, written[0][0].person))


def _twin(spec: Any, pdf: bytes, sins: Sins) -> bytes:
    return pdf_of(replace(spec, footer=facts.EDITOR)) if sins.has("prints-the-twin-anew") else pdf


def _moment(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Fault("refdui.fault.wrong-date", date=text[:40]) from exc
    if when.tzinfo is None:
        raise Fault("refdui.fault.wrong-date", date=text[:40])
    return when


def _paragraphs(text: str) -> tuple[str, ...]:
    paragraphs = tuple(p.strip() for p in text.replace("\r\n", "\n").split("\n\n") if p.strip())
    if not paragraphs or len(text) > MAX_TEXT:
        raise Fault("refdui.fault.wrong-text", limit=MAX_TEXT)
    return paragraphs


def _with_wrong_key(person: Person) -> Person:
    return replace(person, cle=f"{(int(person.cle) + 1) % 97 + 1:02d}")


def _neighbour(person: Person) -> Person:
    # Another fictitious person of the same structure, with the same status and another local identifier.
    return replace(person, key=f"{person.key}-voisin", birth_name="VOISIN", status="provisoire", matricule="", cle="")
