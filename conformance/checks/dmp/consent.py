"""The check on the traces of a person's choices on the DMP."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dmp_consent import ConsentTraced
from conformance.core.check import check
from conformance.core.finding import Finding, error

# What a trace must say to be one: when, who, what was done.
MEMBERS = ("at", "who", "action")


@check("dmp.consent-traced", source="REM vague 2, DMP/CONF.06 et DMP/CONF.09", alone=False)
def each_choice_leaves_a_trace(choice: ConsentTraced) -> Iterator[Finding]:
    """Recording a person's choice on the DMP, or changing it, leaves a trace about that person.

    Pass: after each choice the product's traces hold a new one that names the person, with its instant, its author and what
    was done.
    Fail: there is no new one, or one of these members is missing from each.
    """
    said = "opposed" if choice.opposed else "lifted"
    if not choice.traces:
        yield error("dmp.consent-traced.none", expected=said, got="-")
    elif not any(all(row.get(name) for name in MEMBERS) for row in choice.traces):
        yield error("dmp.consent-traced.members", expected=", ".join(MEMBERS), got=said)
