"""Acts at the pages that show identities: the bench's browser logs in, searches, and looks at records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from conformance.bench.acts import psc
from conformance.bench.browser import Browser
from conformance.bench.hindrance import Hindered
from conformance.bench.sight import Wanted
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.population import IdentityStatus, Person

LABEL = "identity"
# A birth date and letters that nobody of the run has: what the page then shows, it shows whatever is searched.
NOBODY = ("1899-12-31", "qzx")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
# How pages call the four statuses.
STATUSES: Mapping[IdentityStatus, str] = {
    "provisoire": "provisoire",
    "recuperee": "récupérée",
    "validee": "validée",
    "qualifiee": "qualifiée",
}


@dataclass(frozen=True)
class Pages:
    """The pages of a product that has let the browser in."""

    stage: Stage
    browser: Browser
    search_url: str
    record_url: str

    def search(self, birth_date: str, letters: str, purpose: str, people: Sequence[Person]) -> None:
        """Search by birth date and perhaps letters; who of these people is shown is noted."""
        url = self.search_url.replace("{birth_date}", birth_date).replace("{letters}", quote(letters))
        self.browser.look(url, purpose, wanted=Wanted(tuple(p.birth_name for p in people), loosely=True))

    def record(self, person: Person, purpose: str, wanted: Sequence[str], *, displayed: bool = False) -> None:
        """Look at the record of a person; ``displayed`` counts only what can be read without a click."""
        self.browser.look(
            self.record_url.replace("{person}", quote(person.key)),
            purpose,
            wanted=Wanted(tuple(wanted), loosely=True, displayed=displayed),
        )


def record_page(stage: Stage, person: Person) -> str:
    """Where the record of a person is shown."""
    return _addresses(stage)["record_url"].replace("{person}", quote(person.key))


def _addresses(stage: Stage) -> dict[str, str]:
    told = stage.perform(ops.ReadIdentityPages()).body
    pages = {name: str(told.get(name) or "") for name in ("search_url", "record_url")}
    for name, member in (("search_url", "{birth_date}"), ("record_url", "{person}")):
        if member not in pages[name]:
            raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member=name)
    return pages


@contextmanager
def entered(stage: Stage) -> Iterator[Pages]:
    """The pages of identities, in a browser that has logged in by Pro Santé Connect."""
    door = psc.door(stage)
    psc.account(stage)
    pages = _addresses(stage)
    stage.act(psc.SERVICE, "persona", subject=psc.PERSONA)
    with door.browser(LABEL) as browser:
        door.enter(browser)
        yield Pages(stage, browser, pages["search_url"], pages["record_url"])


def listed(
    pages: Pages,
    name: str,
    birth_date: str,
    letters: Sequence[str],
    *,
    found: Sequence[Person],
    others: Sequence[Person],
) -> None:
    """Search once for each spelling of some letters; one of them at least must show these people, none the others."""
    people = (*found, *others)
    purposes = [f"{name} {number}" for number in range(len(letters))]
    pages.stage.expect(
        "ins-listed",
        what=name,
        label=LABEL,
        purposes=purposes,
        letters=list(letters),
        found=[p.birth_name for p in found],
        others=[p.birth_name for p in others],
    )
    for purpose, spelling in zip(purposes, letters, strict=True):
        pages.search(birth_date, spelling, purpose, people)


def identity_shown(pages: Pages, person: Person) -> None:
    """Look at the record of a person: which of its traits are shown, in any of their usual spellings."""
    spellings = _spellings(person)
    shown = {name: list(texts) for name, texts in spellings.items()}
    pages.stage.expect("ins-shown", label=LABEL, purpose="record", person=person.key, traits=shown)
    pages.record(person, "record", [text for texts in spellings.values() for text in texts])


def status_shown(pages: Pages, person: Person, case: str, status: IdentityStatus) -> None:
    """Look at the record of a person: which of the four statuses are shown."""
    purpose = f"status {case}"
    pages.stage.expect("ins-status", label=LABEL, purpose=purpose, case=case, status=STATUSES[status])
    # A status that stands in a folded form, or in a list of choices, is not shown.
    pages.record(person, purpose, tuple(STATUSES.values()), displayed=True)


def days(value: str) -> tuple[str, ...]:
    """The ways in which a page may say a day, given as ISO 8601: in figures, or with its month in French."""
    day = date.fromisoformat(value)
    month = f"{MONTHS[day.month - 1]} {day.year}"
    first = (f"1er {month}",) if day.day == 1 else ()
    figures = (value, f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}")
    return (*figures, f"{day.day} {month}", f"{day:%d} {month}", *first)


def _spellings(person: Person) -> dict[str, tuple[str, ...]]:
    names: dict[str, Any] = {
        "birth_name": (person.birth_name,),
        "first_name": (person.first_name,),
        "birth_date": days(person.birth_date),
        "birth_first_names": (" ".join(person.birth_first_names),),
        "birth_place": (person.birth_place,),
        "used_name": (person.used_name,),
        "matricule": (person.matricule,),
        "oid": (person.oid,),
    }
    return names
