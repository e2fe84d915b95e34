"""Checks on how the DMP is consulted, corrected and opened."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dmp import accepted
from conformance.checks.subjects.dmp_expected import (
    ChangedMind,
    ExpectedAuthorisation,
    ExpectedSearch,
    ExpectedUpdate,
    ExpectedVisit,
    Integration,
    ShownList,
)
from conformance.checks.subjects.dmp_forbidden import (
    ForbiddenAuthorisationOpposed,
    ForbiddenConsultation,
    ForbiddenRecordVisit,
    ForbiddenRetrieval,
)
from conformance.checks.subjects.dmp_order import Meanwhile, PrecededConsultation
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis
from conformance.dmp import codes

_STATUS = {"deleted": codes.DELETED, "archived": codes.ARCHIVED}


@check("dmp.deleted", source="REM-MS1-DUI Va1, SC.DMP.02.MS1 ; REM vague 2, DMP/CONF.03", alone=False)
def a_document_is_deleted_by_its_status(expected: ExpectedUpdate) -> Iterator[Finding]:
    """A document that is deleted, archived or hidden in the product is so in the DMP.

    Pass: an ITI-57 about the person that the DMP accepts and that gives one document the status, or the visibility, asked
    for.
    Fail: none came, the DMP refused it, or it gives another one.
    """
    if not expected.came:
        yield error("dmp.deleted.nothing", expected="ITI-57", got="-")
        return
    wanted = expected.expectation
    done = [change for record in expected.came if accepted(record) for change in record.data.get("changes", [])]
    if not done:
        last = expected.came[-1]
        yield error("dmp.deleted.refused", expected="Success", got=str(last.data.get("code")), record=last.id)
    elif wanted.get("what") in _STATUS and done[-1].get("status") != _STATUS[str(wanted["what"])]:
        yield error("dmp.deleted.other", expected=_STATUS[str(wanted["what"])], got=str(done[-1].get("status")))
    elif wanted.get("what") == "visibility" and sorted(done[-1].get("confidentiality", [])) != sorted(
        ["N", *wanted.get("visibility", [])]
    ):
        shown = ", ".join(["N", *wanted.get("visibility", [])])
        yield error("dmp.deleted.other", expected=shown, got=", ".join(done[-1].get("confidentiality", [])) or "-")


@check("dmp.no-consultation", source="REM vague 2, DMP/CONF.06", absence=True, alone=False)
def nothing_is_consulted_of_who_objects(forbidden: ForbiddenConsultation) -> Iterator[Finding]:
    """Nothing of the DMP is searched or read about a person who objects.

    Pass: in a closed window whose control was consulted, no search and no retrieval about the person.
    Fail: one came.
    """
    for record in forbidden.breaches:
        yield error("dmp.no-consultation.asked", expected="-", got=str(record.data.get("transaction")))


@check("dmp.change-of-mind", source="REM vague 2, DMP/UX.06", absence=True, alone=False)
def a_change_of_mind_is_obeyed_each_time(changed: ChangedMind) -> Iterator[Finding]:
    """A person who changes mind on consultation is obeyed each time.

    Pass: in a closed window, searches about the person before the objection was recorded and after it was lifted, however many
    calls one consultation takes, and none between.
    Fail: one between, so one went out against the person's will; or none before or after, so one did not go out although it could.
    """
    for record in changed.during:
        yield error("dmp.change-of-mind.against", expected="-", got=record.id)
    if not changed.before:
        yield error("dmp.change-of-mind.none-before", expected="ITI-18", got="-")
    if not changed.after:
        yield error("dmp.change-of-mind.none-after", expected="ITI-18", got="-")


@check("dmp.no-authorisation-opposed", source="REM vague 2, DMP/UX.50", absence=True, alone=False)
def no_authorisation_is_asked_for_who_objects(forbidden: ForbiddenAuthorisationOpposed) -> Iterator[Finding]:
    """No access authorisation is asked for about a person who objects to consultation.

    Pass: in a closed window whose control was authorised, no TD0.3 about the person.
    Fail: one came.
    """
    for record in forbidden.breaches:
        yield error("dmp.no-authorisation-opposed.asked", expected="-", got=str(record.data.get("action")))


@check("dmp.right-first", source="REM vague 2, DMP/UX.08", alone=False)
def the_right_is_controlled_before_consulting(call: PrecededConsultation) -> Iterator[Finding]:
    """Before anything is searched or read, the product controls the right of access.

    Pass: a TD0.2 about the person comes before, or a TD0.4 that names the person.
    Fail: none does.
    """
    if call.tested is None:
        yield error("dmp.right-first.none", expected="TD0.2, TD0.4", got=str(call.record.data.get("transaction")))


@check(
    "dmp.authorised-by-itself",
    source="REM vague 2, DMP/UX.50 (et UX.05 : de nouveau après expiration) ; valeurs d'AUTORISATION supposées",
    # Of what TD0.2 says to who has no authorisation, only that it is not VALIDE is known (wire.md §2.3).
    basis=Basis.HYPOTHESIS,
    alone=False,
)
def the_product_asks_for_the_missing_authorisation(expected: ExpectedAuthorisation) -> Iterator[Finding]:
    """Where the user has no authorisation and the person does not object, the product asks for it of itself.

    Pass: as many TD0.3 additions that the DMP accepts as the scenario calls for.
    Fail: fewer.
    """
    wanted = int(expected.expectation.get("times", 1))
    came = [r for r in expected.came if accepted(r) and r.data.get("action") == "AJOUT"]
    if len(came) < wanted:
        yield error("dmp.authorised-by-itself.none", expected=f"TD0.3 AJOUT, {wanted}", got=str(len(came)))


@check("dmp.criteria", source="REM vague 2, DMP/UX.27 ; IHE ITI TF vol. 2, 3.18", alone=False)
def the_search_bears_its_criteria(expected: ExpectedSearch) -> Iterator[Finding]:
    """The criteria that the user gives go to the DMP as parameters of the stored query.

    Pass: among the searches about the person, one bears every parameter asked for, with its values.
    Fail: none does.
    """
    wanted = {f"$XDSDocumentEntry{name}": values for name, values in dict(expected.expectation["criteria"]).items()}
    asked = [dict(record.data.get("parameters", {})) for record in expected.came]
    if any(all(sorted(given.get(n, [])) == sorted(v) for n, v in wanted.items()) for given in asked):
        return
    shown = "; ".join(", ".join(sorted(given)) for given in asked)
    yield error("dmp.criteria.missing", expected=", ".join(sorted(wanted)), got=shown or "-")


@check("dmp.already-held", source="REM vague 2, CDA/DD.04", absence=True, alone=False)
def a_document_that_is_held_is_not_read_again(forbidden: ForbiddenRetrieval) -> Iterator[Finding]:
    """A document of the DMP that the record holds already is not read again.

    Pass: opening it in the product causes no retrieval.
    Fail: one came.
    """
    for record in forbidden.breaches:
        yield error("dmp.already-held.read", expected="-", got=", ".join(record.data.get("documents", [])) or record.id)


@check("dmp.web", source="REM-MS1-DUI Va1, SC.DMP.03.MS1 ; REM vague 2, DMP/UX.49 ; wire.md §2.9", alone=False)
def the_browser_opens_the_right_function(expected: ExpectedVisit) -> Iterator[Finding]:
    """The browser is sent to the function of the DMP's web access that was asked for, and for that person.

    Pass: a visit of the function, with the person's INS where there is a person, and none where there is none.
    Fail: no visit, or one for somebody else.
    """
    if not expected.came:
        yield error("dmp.web.nothing", expected=str(expected.expectation["function"]), got="-")
        return
    wanted = str(expected.expectation.get("matricule") or "")
    told = [str(record.data.get("patient") or "") for record in expected.came]
    if not any(one in (wanted, wanted[:13]) for one in told):
        yield error("dmp.web.other", expected=wanted or "-", got=", ".join(told) or "-")


@check("dmp.web-qualified", source="REM-MS1-DUI Va1, SC.DMP.03.MS1", absence=True, alone=False)
def the_record_opens_for_a_qualified_ins_only(forbidden: ForbiddenRecordVisit) -> Iterator[Finding]:
    """The web access to the record of a person is not offered unless the INS is qualified.

    Pass: in a closed window whose control was visited, no visit for the person.
    Fail: one came.
    """
    for record in forbidden.breaches:
        yield error("dmp.web-qualified.opened", expected="-", got=str(record.data.get("path")))


@check("dmp.listed", source="REM vague 2, DMP/UX.14", alone=False)
def the_list_is_that_of_the_dmp(shown: ShownList) -> Iterator[Finding]:
    """The list of documents that the product shows is what the DMP holds for the user, filters applied.

    Pass: the documents shown are those that others fed and that meet the criteria, each once.
    Fail: one is missing, or another is shown.
    """
    if shown.shown is None:
        yield error("dmp.listed.nothing", expected=str(len(shown.wanted)), got="-")
    elif shown.shown != shown.wanted:
        expected = ", ".join(sorted(shown.wanted))
        yield error("dmp.listed.differs", expected=expected, got=", ".join(sorted(shown.shown)) or "-")


@check("dmp.integrated", source="REM vague 2, DMP/UX.31", alone=False)
def documents_of_the_dmp_enter_the_record(integration: Integration) -> Iterator[Finding]:
    """A document of the DMP that the user chooses is read there and kept in the record as it came.

    Pass: a retrieval gave it, and the record holds it once, with the bytes that were given.
    Fail: it was not read, is not in the record, is there several times or with other bytes.
    """
    if not integration.read:
        yield error("dmp.integrated.not-read", expected="ITI-43", got="-", document=integration.unique_id)
    if integration.held is not None and integration.held != (integration.sha256,):
        got = ", ".join(integration.held) or "-"
        yield error("dmp.integrated.differs", expected=integration.sha256, got=got, document=integration.unique_id)


@check("dmp.usable-meanwhile", source="REM vague 2, DMP/UX.10", alone=False)
def other_work_goes_on_during_a_slow_answer(meanwhile: Meanwhile) -> Iterator[Finding]:
    """While the DMP takes its time, the product does something else.

    Pass: the message asked for after the document was validated left after the slow DMP was called, and before it had answered.
    Fail: it left not at all, or afterwards although the product took the order to write it only once the DMP had answered.
    Where the product took the order before and the message left afterwards, it may send in batches: nothing is concluded. Nor is
    anything where the message left before the DMP was called, or where no document reached it.
    """
    if meanwhile.message is None:
        yield error("dmp.usable-meanwhile.nothing", expected=str(meanwhile.expectation["to"]), got="-")
    elif meanwhile.message.monotonic > meanwhile.answered.monotonic:
        got, record = meanwhile.message.id, meanwhile.answered.id
        if meanwhile.taken:
            yield warning("dmp.usable-meanwhile.later", basis=Basis.HYPOTHESIS, expected="-", got=got, record=record)
        else:
            yield error("dmp.usable-meanwhile.after", expected="-", got=got, record=record)
