"""Checks on the calls to INSi and on the identities that documents then carry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.subjects.identity import MEMBERS, of_cda, of_person
from conformance.checks.subjects.insi import (
    BareIdentity,
    CarriedIdentity,
    InsiCall,
    NamedSearch,
    NeedlessVerification,
    WantedBatch,
    WantedCardSearch,
    WantedSearch,
    WantedVerification,
)
from conformance.checks.subjects.insi_received import KnownBesideDenial
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis, Keyword

SEL = "GIE SESAM-Vitale, SEL-MP-043 (INSi)"
_UUID = re.compile(r"(urn:)?uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# What each context must tell (wire.md §3.1).
BAM = ("Id", "Temps", "Emetteur")
LPS = ("Id", "Temps", "Emetteur", "IDAM", "Nom")
LET_IN = ("INSI-AUTO", "INSI-MANU")


@check("insi.call", source=f"{SEL}: WS-Addressing, contextes BAM et LPS", basis=Basis.GUIDE, alone=False)
def a_call_is_complete(call: InsiCall) -> Iterator[Finding]:
    """A call to INSi has its addressing, a message id never used before, and both contexts.

    Pass: the operation is one of the service's, ``MessageID`` is a new ``uuid:``, the contexts BAM and LPS are filled.
    Fail: one of them is missing, malformed or used again.
    """
    data = call.data
    if not data["operation"]:
        yield error("insi.call.operation", expected="rechercherIns…", got=str(data.get("action") or data["fault"]))
        return
    if not _UUID.fullmatch(data["message_id"]):
        yield error("insi.call.message-id", expected="uuid:…", got=data["message_id"] or "-")
    elif data["repeated"]:
        yield error("insi.call.repeated", expected="≠", got=data["message_id"])
    for name, members in (("bam", BAM), ("lps", LPS)):
        if missing := [member for member in members if not data[name].get(member)]:
            yield error("insi.call.context", expected=", ".join(missing), got=f"Contexte{name.upper()}")


@check("insi.authentication", source=f"SC.INS.27.MS1; {SEL}: certificats INSI-AUTO et INSI-MANU", alone=False)
def a_call_is_authenticated(call: InsiCall) -> Iterator[Finding]:
    """A call to INSi is authenticated by a certificate of the organisation or by a card's assertion.

    Pass: the client certificate is called ``INSI-AUTO`` or ``INSI-MANU``, or the message carries an assertion.
    Fail: neither, or a certificate of another name.
    """
    named = call.data["certificate"]
    if named is None and not call.data["assertion"]:
        yield error("insi.authentication.none", expected=" / ".join(LET_IN), got=str(call.data["fault"] or "-"))
    elif named is not None and named not in LET_IN:
        yield error("insi.authentication.other", expected=" / ".join(LET_IN), got=str(named))


@check("insi.search-by-traits", source=f"SC.INS.28A, SC.INS.40; {SEL}: rechercherInsAvecTraitsIdentite", alone=False)
def a_search_by_traits_reaches_the_service(wanted: WantedSearch) -> Iterator[Finding]:
    """The search by traits that a user asks for reaches INSi and finds the person.

    Pass: a call of that operation was answered with the person's identity.
    Fail: no call, or none whose traits designate the person.
    """
    yield from _search(wanted)


@check("insi.search-by-card", source=f"SC.INS.28A, SC.INS.28B; {SEL}: rechercherInsAvecCarteVitale", alone=False)
def a_search_by_card_reaches_the_service(wanted: WantedCardSearch) -> Iterator[Finding]:
    """The search by Vitale card that a user asks for reaches INSi and finds the person.

    Pass: a call of that operation was answered with the person's identity.
    Fail: no call, or none whose reading designates the person.
    """
    yield from _search(wanted)


@check("insi.first-names", source=f"{SEL}: recherche par traits, prénoms successifs", basis=Basis.GUIDE, alone=False)
def given_names_are_tried_one_by_one(search: NamedSearch) -> Iterator[Finding]:
    """For a person with several given names, each is tried alone before all of them together.

    Pass: one call for each given name in their order, up to the one that finds the person.
    Fail: another order, or all of them first.
    """
    position = search.names.index(search.found)
    expected = tuple((name,) for name in search.names[: position + 1])
    if search.asked != expected:
        got = ", ".join(" ".join(names) for names in search.asked) or "-"
        yield error("insi.first-names.order", expected=", ".join(name for (name,) in expected), got=got)


@check("insi.values", source="SC.INS.06A, SC.INS.40 (INS/va1.52); RNIV", alone=False)
def documents_carry_the_identity_of_insi(carried: CarriedIdentity) -> Iterator[Finding]:
    """Once retrieved and confirmed, an identity is written in documents as INSi tells it.

    Pass: matricule, OID, birth name, first given name and birth date of the record target are INSi's.
    Fail: one of them is missing or another.
    """
    document = carried.document
    if document.root is None:
        yield error("cda.unreadable", where=document.where())
        return
    due, said = of_person(carried.wanted), of_cda(document)
    if (said.matricule, said.oid) != (due.matricule, due.oid):
        got = f"{said.matricule} {said.oid}".strip() or "-"
        yield error("insi.values.matricule", where=document.where(), expected=f"{due.matricule} {due.oid}", got=got)
    for name, expected, got in said.differs(due, "birth_name", "first_name", "birth_date"):
        yield error("insi.values.trait", where=document.where(), expected=expected, got=got or "-", trait=name)


@check("insi.untouched", source="SC.INS.44 (INS/va1.07); guide d'implémentation INS, règle 51", alone=False)
def a_denied_identity_changes_nobody(known: KnownBesideDenial) -> Iterator[Finding]:
    """An identity received that INSi denies leaves the person who is known as they were.

    Pass: the document written after the denial names the person as the one before it: same identifiers, same traits.
    Fail: one of them moved.
    """
    for name in MEMBERS:
        before, after = str(getattr(known.before, name)), str(getattr(known.after, name))
        if before != after:
            yield error("insi.untouched.changed", expected=before or "-", got=after or "-", trait=name)


@check("insi.no-matricule", source="SC.INS.06A (INS/va1.28, va1.31), SC.INS.15B (INS/va1.60), SC.INS.43", alone=False)
def an_identity_without_ins_carries_none(bare: BareIdentity) -> Iterator[Finding]:
    """An identity that has no INS, or lost it, is written in documents without matricule.

    Pass: the record target of the document has no INS.
    Fail: it has one.
    """
    if bare.document.root is None:
        yield error("cda.unreadable", where=bare.document.where())
    elif bare.document.ins is not None:
        yield error(
            "insi.no-matricule.carried", where=bare.document.where(), expected="-", got=" ".join(bare.document.ins)
        )


@check(
    "insi.verification",
    source="SC.INS.26.MS1, SC.INS.46, SC.INS.49; MSS/UX.03. La forme de l'appel n'est pas publique",
    basis=Basis.HYPOTHESIS,
    alone=False,
)
def an_identity_is_verified_once(wanted: WantedVerification) -> Iterator[Finding]:
    """An identity to verify causes one call, with its matricule, key, OID and traits.

    Pass: one call, whose members are filled.
    Fail: none, several, or one that lacks a member.
    """
    if len(wanted.calls) != 1:
        yield error("insi.verification.count", expected="1", got=str(len(wanted.calls)))
    for call in wanted.calls:
        members = ("NumIdentifiant", "Cle", "OID", "NomNaissance", "Sexe", "DateNaissance")
        if missing := [name for name in members if not call["traits"].get(name)]:
            yield error("insi.verification.member", expected=", ".join(missing), got="-")


@check(
    "insi.batch",
    source="SC.INS.58; guide d'implémentation de l'INS, règle 46. La forme de l'appel n'est pas publique",
    level=Keyword.PEUT,
    basis=Basis.HYPOTHESIS,
    alone=False,
)
def a_batch_of_identities_is_verified_at_once(wanted: WantedBatch) -> Iterator[Finding]:
    """Several identities that a user has verified at once reach INSi in one call, and their results are collected.

    Pass: one call deposits them all, and a later one gets the results.
    Fail: none deposits them together, or the results are never collected.
    """
    if wanted.matricules not in wanted.deposited:
        got = " / ".join(str(len(held)) for held in wanted.deposited) or "0"
        yield error("insi.batch.none", expected=str(len(wanted.matricules)), got=got)
    elif not wanted.collected:
        yield error("insi.batch.uncollected", expected="00", got="-")


@check("insi.no-needless-call", source="SC.INS.46 (INS/va1.11)", absence=True, alone=False)
def a_known_identity_is_not_verified_again(needless: NeedlessVerification) -> Iterator[Finding]:
    """A document of somebody already retrieved or qualified here causes no verification.

    Pass: in a closed window where an unknown identity was verified, none concerns the known one.
    Fail: one does.
    """
    if needless.calls:
        yield error("insi.no-needless-call.made", expected="0", got=str(needless.calls))


def _search(wanted: WantedSearch) -> Iterator[Finding]:
    if not wanted.calls:
        yield error("insi.search.none", expected=wanted.operation, got="0")
    elif not wanted.found:
        yield error("insi.search.not-found", expected="00", got=str(wanted.calls), operation=wanted.operation)
