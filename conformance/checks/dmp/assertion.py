"""Checks on who calls the DMP and how it is proven."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dmp import DmpCall, Submitted
from conformance.checks.subjects.dmp_secret import Connections
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.dmp import vihf, xades
from conformance.soap.signatures import Refused

TRANSMISSION = "CI-SIS, volet de transmission d'un document CDA en HL7 v2, VIHF du DMP"
VIHF = "CI-SIS, volet transport synchrone pour client lourd (VIHF) ; SEL-MP-037 ; wire.md §2.4"


@check("dmp.vihf", source=f"{VIHF} ; REM-MS1-DUI Va1, SC.DMP.04.MS1", alone=False)
def every_call_bears_a_conforming_vihf(call: DmpCall) -> Iterator[Finding]:
    """Every call bears one VIHF, whole, signed, of now, and about the person of the message.

    Pass: the assertion's own signature holds over the assertion that is read, its certificate leads to the anchor of the
    bench and bears the issuer's name, every attribute of the DMP is there in its form, and the person is that of the body.
    Fail: any of these does not hold, or the message does not read. SHA-1 in the signature is a warning: the published
    examples use it.
    """
    if isinstance(call.envelope, str):
        yield error("dmp.vihf.unreadable", expected="SOAP 1.2", got=call.envelope)
        return
    assertion = call.assertion
    if isinstance(assertion, str):
        code = "dmp.vihf.missing" if assertion == "missing" else "dmp.vihf.signature"
        yield error(code, expected="saml2:Assertion", got=assertion)
        return
    for fault in call.assertion_faults():
        member, _, reason = fault.partition(":")
        yield error("dmp.vihf.member", expected=member, got=reason, member=member)
    if call.patient is not None and assertion.patient != call.patient:
        told = "^".join(assertion.patient) if assertion.patient else "-"
        yield error("dmp.vihf.other-person", expected="^".join(call.patient), got=told)
    if assertion.sha1:
        yield warning("dmp.vihf.sha1", expected="SHA-256", got="SHA-1")


@check("dmp.user", source="REM vague 2, DMP/AIRS.06 ; wire.md §2.4", alone=False)
def the_vihf_names_the_user(call: DmpCall) -> Iterator[Finding]:
    """The VIHF names the professional who acts, never the structure or somebody else.

    Pass: ``NameID`` is the national identifier of the user of the scenario.
    Fail: it is another one, or there is none that a signature covers.
    """
    if isinstance(call.assertion, str):
        yield error("dmp.user.none", expected=call.user or "NameID", got=call.assertion)
    elif call.user is not None and call.assertion.name_id != call.user:
        yield error("dmp.user.other", expected=call.user, got=call.assertion.name_id or "-")


@check("dmp.secret-connection", source=f"REM-MS1-DUI Va1, SC.DOC.02.MS1 ; {TRANSMISSION}", alone=False)
def a_secret_connection_shows_in_the_vihf(connections: Connections) -> Iterator[Finding]:
    """A secret connection shows in the VIHF of each call about the person, and nowhere else.

    Pass: each call about a person for whom it was asked bears the attribute ``confidentiality-code``, whatever its value,
    which no public source gives; each call about another bears none.
    Fail: a call lacks it, has it without need, or no call came.
    """
    if not connections.calls:
        yield error("dmp.secret-connection.no-call", expected="DMP", got="-")
    for call in connections.calls:
        there = not isinstance(call.assertion, str) and vihf.CONFIDENTIALITY in call.assertion.attributes
        if there != connections.secret:
            code = "dmp.secret-connection.missing" if connections.secret else "dmp.secret-connection.superfluous"
            told = ("confidentiality-code", "-")
            expected, got = told if connections.secret else told[::-1]
            yield error(code, expected=expected, got=got, record=call.record.id)


@check("dmp.signature", source="IHE DSG ; CI-SIS ; wire.md §2.6", alone=False)
def the_set_is_signed_with_every_document(call: Submitted) -> Iterator[Finding]:
    """The submission set is signed once, by a certificate of the structure, over every document that it carries.

    Pass: one signature entry, linked to the set, whose signature holds, whose certificate leads to the anchor of the bench,
    and whose manifest has the digest of each document as it came.
    Fail: no signature, several, one that does not hold, or a document that it does not cover.
    """
    submission = call.submission
    if submission is None:
        yield error("dmp.signature.unreadable", expected="SubmitObjectsRequest", got="-")
        return
    found = [entry for entry in submission.entries if entry.is_signature]
    if len(found) != 1:
        yield error("dmp.signature.count", expected="1", got=str(len(found)))
        return
    documents = {e.unique_id: submission.documents.get(e.id) or b"" for e in submission.entries if not e.is_signature}
    try:
        signature = xades.open_signature(submission.documents.get(found[0].id) or b"")
    except Refused as exc:
        yield error("dmp.signature.not-valid", expected="ds:Signature", got=str(exc))
        return
    for fault in xades.faults(signature, documents, call.authority, call.at):
        yield error("dmp.signature.fault", expected="ds:Manifest", got=fault)
    if signature.sha1:
        yield warning("dmp.vihf.sha1", expected="SHA-256", got="SHA-1")
