"""What only a run can judge of a document: whom it was meant for, and what it was meant to replace."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.cda import forms
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import identifier_of
from conformance.checks.subjects.cda_sent import AddressedDocument, ReplacingDocument
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning


@check("cda.recipients", source="Socle vague 1, SC.DOC.04.MS1 (DOC/va1.06)", alone=False)
def every_recipient_is_named(sent: AddressedDocument) -> Iterator[Finding]:
    """The document names all those it is sent to, and nobody else.

    Pass: the ``informationRecipient`` are the professionals it was sent to; they may name others that the scenario
    meant for documents of this person.
    Fail: one of them is not named, or somebody else is. A recipient without an MSSanté address counts for one
    of those not found, with a warning: its name alone does not tell which.
    """
    document = sent.document
    if document.root is None:
        yield error("cda.unreadable", where=document.where())
        return
    named = document.recipients
    addresses = {r.address for r in named if r.address}
    silent = [r for r in named if not r.address]
    missing = [a for a in sent.addresses if a not in addresses]
    place = document.where(document.first("h:informationRecipient"))
    if len(missing) > len(silent):
        got = ", ".join(sorted(addresses)) or str(len(named))
        yield error("cda.recipients.missing", where=place, expected=", ".join(missing), got=got)
    elif missing:
        got = ", ".join(r.name or r.identifier for r in silent)
        yield warning("cda.recipients.no-address", where=place, expected=", ".join(missing), got=got)
    if extra := sorted(addresses - sent.allowed):
        expected = ", ".join(sorted(sent.allowed))
        yield error("cda.recipients.extra", where=place, expected=expected, got=", ".join(extra))
    if len(silent) > len(sent.allowed - addresses):
        got = ", ".join(r.name or r.identifier for r in silent)
        yield error("cda.recipients.extra", where=place, expected=", ".join(sorted(sent.allowed)), got=got)


@check(
    "cda.replacement",
    source="CI-SIS Structuration minimale v1.16, setId, versionNumber, relatedDocument (SM-1357…); MSS/va1.02",
    alone=False,
)
def a_new_version_says_what_it_replaces(sent: ReplacingDocument) -> Iterator[Finding]:
    """A document that replaces another is its next version and says so.

    Pass: ``relatedDocument`` RPLC names the replaced document, ``setId`` is the same, ``versionNumber`` is one more,
    ``id`` is new.
    Fail: the link is missing or names another document, or the set, the number or the id do not follow.
    """
    document = sent.document
    if document.root is None:
        yield error("cda.unreadable", where=document.where())
        return
    earlier = sent.earlier
    expected = earlier.unique_id if earlier else _unique_id(sent.replaced)
    if document.parent is None:
        yield error("cda.replacement.no-link", where=document.where(), expected=expected)
    elif expected and document.replaces != expected:
        place = document.where(document.parent)
        yield error("cda.replacement.other-link", where=place, expected=expected, got=document.replaces)
    if expected and document.unique_id == expected:
        place = document.where(document.first("h:id"))
        yield error("cda.replacement.same-id", where=place, got=document.unique_id)
    known_set, known_version = _before(document, earlier)
    if known_set and document.set_id != known_set:
        place = document.where(document.first("h:setId"))
        yield error("cda.replacement.other-set", where=place, expected=known_set, got=document.set_id)
    place = _version_place(document)
    if known_version is not None and document.version != known_version + 1:
        got = str(document.version)
        yield error("cda.replacement.version", where=place, expected=str(known_version + 1), got=got)
    elif known_version is None and (document.version or 0) < 2:
        yield error("cda.replacement.version", where=place, expected="≥ 2", got=str(document.version))


def _unique_id(replaced: str) -> str | None:
    """The id of an expectation when it is a document's; a product may call its documents by ids of its own."""
    return replaced if forms.OID_OR_UUID.accepts(replaced.partition("^")[0]) else None


def _before(document: CdaDocument, earlier: CdaDocument | None) -> tuple[str | None, int | None]:
    """Set and version of the replaced document: its own, else what the link says of them."""
    if earlier is not None:
        return earlier.set_id, earlier.version
    parent = document.parent
    if parent is None:
        return None, None
    version = document.first("h:versionNumber", parent)
    value = "" if version is None else version.get("value", "")
    set_id = identifier_of(document.first("h:setId", parent))
    return set_id, int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _version_place(document: CdaDocument) -> Where:
    return document.where(document.first("h:versionNumber"))
