"""Checks on what the product does of a message that the operator puts off, refuses or takes."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.deliveries import Deliveries, MessageRefusedForGood, PutOffMessage
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis

RFC = "RFC 5321 (MSS/CONF.05; Référentiel socle MSSanté #2 v1.0, ECO.1.0.1)"


@check("smtp.retries", source=f"{RFC}, §4.5.4.1", alone=False)
def what_was_put_off_is_sent_again(message: PutOffMessage) -> Iterator[Finding]:
    """A message that the operator refuses for now, or whose session it cuts before accepting, is sent again.

    Pass: after the refusal (4yz) or the cut, the operator accepted a message for the same recipient, with nothing
    more asked of the product.
    Fail: the window closed, the product having nothing more to send, and the recipient received nothing.
    """
    if not message.accepted:
        got = str(message.put_off.data.get("reply") or message.put_off.data.get("how") or "-")
        yield error("smtp.retries.never", expected="250", got=got, to=message.to, record=message.put_off.id)


@check("mail.not-doubled", source=f"{RFC}, §4.5.4.1 and §6.1; REM-MS1-DUI Va1, SC.MSS.17.MS1", alone=False)
def a_message_arrives_once(deliveries: Deliveries) -> Iterator[Finding]:
    """However many attempts it takes, each recipient receives as many messages as were asked for, and no more.

    Pass: the operator accepted no more messages for the address than the scenario expects.
    Fail: it accepted more: a retry wrote again to somebody who had been reached.
    """
    if len(deliveries.accepted) > deliveries.expected:
        count = len(deliveries.accepted)
        yield error("mail.not-doubled.doubled", expected=str(deliveries.expected), got=str(count), to=deliveries.to)


@check("smtp.refusal-final", source=f"{RFC}, §4.2.1 (5yz)", basis=Basis.GUIDE, alone=False)
def a_final_refusal_is_obeyed(message: MessageRefusedForGood) -> Iterator[Finding]:
    """A message that the operator refuses for good is not offered again as it is.

    The RFC advises it; the basis says so.
    Pass: the message was offered once.
    Fail: the same message was offered again after a refusal of the fifth class.
    """
    if len(message.offers) > 1:
        got = str(len(message.offers))
        yield error("smtp.refusal-final.again", expected="1", got=got, to=message.to, record=message.offers[1].id)
