"""Checks on the functional traces that a product gives of its mailboxes, beside what the operator saw."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.traces import SeenAct, SeenCall
from conformance.core.check import check
from conformance.core.finding import Finding, error

# Who, when, what, what was asked and what was answered: ECO.4.1.2; the names are those of the control API.
MEMBERS = ("at", "who", "action")


@check("traces.complete", source="Référentiel socle MSSanté #2 v1.0, ECO.4.1.1 (MSS/CONF.17, MSS/UX.37)", alone=False)
def what_the_operator_saw_is_traced(act: SeenAct) -> Iterator[Finding]:
    """Each message that the operator took from the product, or gave it, is named by a trace of the product.

    Pass: a trace bears the Message-ID, or the unique id of the document that it carried in.
    Fail: none does.
    """
    if not act.traces:
        yield error("traces.complete.missing", expected=act.message_id, got="-", what=act.what)


@check("traces.members", source="Référentiel socle MSSanté #2 v1.0, ECO.4.1.2 (MSS/CONF.18)", alone=False)
def a_trace_says_who_did_what_when(act: SeenAct) -> Iterator[Finding]:
    """A trace says who acted, when and which action, and among those of a message one says what was answered.

    Pass: ``at``, ``who`` and ``action`` in each; ``response`` in one of them at least.
    Fail: one is missing.
    """
    for row in act.traces:
        if missing := [name for name in MEMBERS if not row.get(name)]:
            yield error("traces.members.missing", expected=", ".join(MEMBERS), got=", ".join(missing), what=act.what)
    if act.traces and not any(row.get("response") for row in act.traces):
        yield error("traces.members.missing", expected="response", got="-", what=act.what)


@check("traces.insi", source="SC.INS.40, SC.INS.42, SC.INS.47 (INS/va1.06, va1.35, va1.38, va1.63)", alone=False)
def each_call_to_insi_is_traced(call: SeenCall) -> Iterator[Finding]:
    """Each call that INSi answered is named by a trace of the product, with the answer.

    Pass: traces bear the message id, the matricule or the person, and one of them the code of the answer.
    Fail: none names the call, or none holds its answer.
    """
    if not call.traces:
        yield error("traces.insi.missing", expected=call.operation, got="-")
    elif not any(call.answer in str(row.get("response", "")) for row in call.traces):
        yield error("traces.insi.answer", expected=call.answer, got="-", operation=call.operation)
