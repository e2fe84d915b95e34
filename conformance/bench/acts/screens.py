"""Acts with the product's pages: a browser that is logged in looks at them for the product's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from conformance.bench.acts import psc
from conformance.bench.browser import Browser, origin
from conformance.bench.hindrance import Hindered
from conformance.bench.sight import Wanted
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.population import Person

BROWSER = "screens"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a page must show, by its name (``docs/control-api.md``), and the title of the line that it is about."""

    name: str
    anchor: str = ""

    @property
    def what(self) -> str:
        """The family of words that it belongs to."""
        return self.name.partition(".")[0]


@dataclass
class Screens:
    """The pages of a product, in one browser that is logged in."""

    stage: Stage
    browser: Browser
    words: dict[str, str] = field(default_factory=dict)
    looks: int = 0

    @property
    def guided(self) -> bool:
        """Whether a person looks, and no browser."""
        return self.stage.driver.guided

    def record(self, person: Person, *wanted: Word, reads: Sequence[str] = (), links: Sequence[str] = ()) -> str:
        """Open a person's record, let the product end what that begins, and look at it for words; answers the look's purpose.

        Where a person drives the product, that person is asked to look.
        """
        if self.guided:
            for word in wanted:
                self.stage.observe(word.name, person=person.birth_name, anchor=word.anchor)
            return ""
        url = self.page(person, "record_url")
        self.browser.look(url, f"opening {person.key}")
        self.stage.settle()
        return self.look(url, person, *wanted, reads=reads, links=links)

    def look(
        self, url: str, person: Person, *wanted: Word, reads: Sequence[str] = (), links: Sequence[str] = ()
    ) -> str:
        """Look at a page about a person for words; answers the look's purpose, by which checks find it."""
        self.looks += 1
        purpose = f"look {self.looks}"
        families = {word.what for word in wanted}
        words = tuple(sorted({text for name, text in self._words().items() if name.partition(".")[0] in families}))
        for word in wanted:
            told = {"what": word.what, "word_name": word.name, "word": self._word(word.name), "anchor": word.anchor}
            others = sorted(set(words) - {told["word"]})
            names = {"browser": BROWSER, "purpose": purpose, "names": list(spelt(person)), "others": others}
            self.stage.expect("word-shown", marks=(person.ins,), matricule=person.ins, **names, **told)
        anchors = tuple(dict.fromkeys(word.anchor for word in wanted if word.anchor))
        seek = Wanted(reads=(*spelt(person), *words, *reads), anchors=anchors, beside=words, links=tuple(links))
        self.browser.look(url, purpose, wanted=seek)
        return purpose

    def page(self, person: Person, name: str) -> str:
        """The address of a page about a person, as the product tells it."""
        url = str(self.stage.perform(ops.ReadPages(person.key)).body.get(name) or "")
        if not url:
            raise Hindered("hindrance.untold", Fault.PRODUCT, operation=ops.ReadPages.name, member=name)
        return url

    def _words(self) -> dict[str, str]:
        if not self.words:
            told = self.stage.perform(ops.ReadWords()).body.get("words")
            self.words = {str(k): str(v) for k, v in told.items() if v} if isinstance(told, dict) else {}
        return self.words

    def _word(self, name: str) -> str:
        text = self._words().get(name, "")
        if not text:
            raise Hindered("hindrance.untold", Fault.PRODUCT, operation=ops.ReadWords.name, member=name)
        return text


@contextmanager
def logged_in(stage: Stage) -> Iterator[Screens]:
    """A browser in which a professional of the product has logged in; the person who drives the product needs none."""
    if stage.driver.guided:
        with Browser(stage, origin(stage.front), BROWSER) as unused:
            yield Screens(stage, unused)
        return
    door = psc.door(stage)
    psc.account(stage)
    stage.act(psc.SERVICE, "persona", subject=psc.PERSONA)
    with door.browser(BROWSER) as browser:
        door.enter(browser)
        yield Screens(stage, browser)


def spelt(person: Person) -> tuple[str, ...]:
    """The birth name as pages may write it: a page that has none of them is not a page about the person."""
    name = person.birth_name
    return tuple(dict.fromkeys((name, name.title(), name.capitalize())))


def title_of(stage: Stage, person: Person, unique_id: str) -> str:
    """How the product calls a document of a record; its identifier, where a person drives the product."""
    if stage.driver.guided:
        return unique_id
    documents: Any = stage.perform(ops.ReadRecord(person.key)).body.get("documents")
    titles = [str(d.get("title") or "") for d in documents or () if d.get("unique_id") == unique_id]
    if not titles or not titles[0]:
        raise Hindered("hindrance.untold", Fault.PRODUCT, operation=ops.ReadRecord.name, member="title")
    return titles[0]
