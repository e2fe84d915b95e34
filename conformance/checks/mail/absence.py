"""Checks that conclude from messages that did not leave. Each is judged beside its positive control only."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.window import ForbiddenCitizenMessage, ForbiddenMessage, ForbiddenProfessionalMessage
from conformance.core.check import check
from conformance.core.finding import Finding, error


@check(
    "mail.citizen-qualified-only",
    source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.6 (MSS/va1.19); REM-MS1-DUI Va1, SC.MSS.18.MS1",
    absence=True,
    alone=False,
)
def nobody_without_a_qualified_ins_is_written_to(forbidden: ForbiddenCitizenMessage) -> Iterator[Finding]:
    """No message leaves for a citizen whose INS is not qualified.

    Pass: in a closed window whose control reached a citizen with a qualified INS, no message and no recipient
    command names the forbidden box or any citizen's box that the scenario does not expect.
    Fail: one does.
    """
    yield from _breaches(forbidden, "mail.citizen-qualified-only.sent")


@check(
    "mail.opposition-citizen",
    source="REM-MS1-DUI Va1, SC.MSS.15.MS1; REM vague 2, MSS/va1.20",
    absence=True,
    alone=False,
)
def a_citizen_who_objects_is_not_written_to(forbidden: ForbiddenCitizenMessage) -> Iterator[Finding]:
    """No message leaves for a citizen whose opposition to citizen messages is recorded.

    Pass: in a closed window whose control reached a citizen without opposition, no message and no recipient command
    names the box of the citizen who objects, nor any citizen's box that the scenario does not expect.
    Fail: one does.
    """
    yield from _breaches(forbidden, "mail.opposition-citizen.sent")


@check(
    "mail.opposition-professional",
    source="REM-MS1-DUI Va1, SC.MSS.16.MS1; REM vague 2, MSS/va1.22",
    absence=True,
    alone=False,
)
def professionals_are_not_told_of_who_objects(forbidden: ForbiddenProfessionalMessage) -> Iterator[Finding]:
    """No message leaves for the professionals of a person whose opposition to professional messages is recorded.

    Pass: in a closed window whose control reached a professional, no message and no recipient command names the
    correspondent of the person who objects.
    Fail: one does.
    """
    yield from _breaches(forbidden, "mail.opposition-professional.sent")


def _breaches(forbidden: ForbiddenMessage, code: str) -> Iterator[Finding]:
    for address, record in forbidden.breaches:
        yield error(code, expected="-", got=address, why=forbidden.why, record=record.id)
