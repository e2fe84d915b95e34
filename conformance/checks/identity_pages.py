"""Checks on what a user finds and sees of identities, by the bench's own browser."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.identity_pages import Listed, PlainlyListed, ShownIdentity, ShownStatus, SpeltListed
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

RULES = "guide d'implémentation de l'INS"
# Always on the screen (règle 3); the others may be switched off by the site, and sex has no spelling to look for.
ALWAYS = ("birth_name", "first_name", "birth_date")


@check("vigilance.search", source=f"SC.INS.07.RI; {RULES}, règle 17 (INS/va1.02)", alone=False)
def somebody_known_is_found(listed: PlainlyListed) -> Iterator[Finding]:
    """A search by birth date, alone or with the first letters of a name or first name, shows whoever it designates.

    Pass: the page shows everybody of that date whose names begin so, and nobody else whom the scenario created.
    Fail: somebody is missing, or somebody else is there.
    """
    yield from _listed(listed)


@check("vigilance.search-spelling", source=f"SC.INS.07.RI; {RULES}, règle 17 (INS/va1.25)", alone=False)
def accents_and_hyphens_hide_nobody(listed: SpeltListed) -> Iterator[Finding]:
    """Letters typed with an accent, or without the hyphen of the name, find the same person.

    Pass: the page shows the person; for a hyphen, under one at least of the spellings without it.
    Fail: it does not, or shows somebody else.
    """
    yield from _listed(listed)


@check("vigilance.fields", source=f"SC.INS.07.RI; {RULES}, règles 1 et 3 (INS/va1.01, va1.36)", alone=False)
def the_traits_of_an_identity_are_shown(identity: ShownIdentity) -> Iterator[Finding]:
    """The record shows the traits that were typed.

    Pass: birth name, first given name and birth date are on the page, and every other field too.
    Fail: one of those three is not. Another field may be switched off by the site: nothing is concluded of it.
    """
    for name, shown in identity.shown.items():
        expected = identity.expected[name][0]
        if not shown and name in ALWAYS:
            yield error("vigilance.fields.missing", expected=expected, got="-", field=name)
        elif not shown:
            yield warning("vigilance.fields.unseen", expected=expected, got="-", basis=Basis.HYPOTHESIS, field=name)


@check("vigilance.status-shown", source=f"SC.INS.15B; {RULES}, règles 19, 20, 27 et 49; RNIV 1, EXI SI 07", alone=False)
def the_status_of_an_identity_is_shown(status: ShownStatus) -> Iterator[Finding]:
    """The record shows the status that its acts gave the identity.

    Pass: the word of that status is on the page, and none of the three others.
    Fail: another one is there instead. Where others are there too, which one is the identity's cannot be concluded, nor
    where none is: a page may say it in another gender, or by an icon.
    """
    got = ", ".join(sorted(status.shown)) or "-"
    if not status.shown:
        yield warning(
            "vigilance.status-shown.unseen", expected=status.status, got=got, basis=Basis.HYPOTHESIS, case=status.case
        )
    elif status.status not in status.shown:
        yield error("vigilance.status-shown.other", expected=status.status, got=got, case=status.case)
    elif len(status.shown) > 1:
        yield warning(
            "vigilance.status-shown.several", expected=status.status, got=got, basis=Basis.HYPOTHESIS, case=status.case
        )


def _listed(listed: Listed) -> Iterator[Finding]:
    for name in listed.missing:
        yield error("vigilance.search.missing", expected=name, got="-", letters=listed.letters, what=listed.what)
    for name in listed.extra:
        yield error("vigilance.search.extra", expected="-", got=name, letters=listed.letters, what=listed.what)
