"""What a product shows of the DMP, on the pages that the bench's browser looks at."""

import pytest

from conformance.bench.acts import dmp, dmp_screens, screens
from conformance.bench.acts.screens import Word
from conformance.bench.stage import Stage

# Liaison letter and visit report (JDV_J07).
LETTER, VISIT = "11490-0", "11488-4"
# How long each call lasts while a record is opened.
SECONDS = 4


@pytest.mark.scenario("dmp.four-states")
def test_the_state_of_the_dmp_is_on_the_record(stage: Stage) -> None:
    """Open the records of four people: who lets the user in, who does not, whose DMP is closed, who has none."""
    user = dmp.connect(stage)
    people = {
        "allowed": dmp.holder(stage, "accord", user, authorisation="valid"),
        "refused": dmp.holder(stage, "refus", user, authorisation="blocked"),
        "closed": dmp.holder(stage, "ferme", user, state="closed"),
        "absent": dmp.holder(stage, "absent", user, state="absent"),
    }
    with screens.logged_in(stage) as pages:
        for state, person in people.items():
            pages.record(person, Word(f"dmp.{state}"))


@pytest.mark.scenario("dmp.feeding-states")
def test_what_became_of_each_document_is_on_its_line(stage: Stage) -> None:
    """The DMP takes a document and refuses another of the same record for good: open that record."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    fed, refused = "Projet fictif accepté", "Bilan fictif rejeté"
    dmp_screens.feed(stage, person, box, fed)
    dmp_screens.feed(stage, person, box, refused, refused=True)
    with screens.logged_in(stage) as pages:
        pages.record(person, Word("feeding.fed", fed), Word("feeding.refused", refused))


@pytest.mark.scenario("dmp.origins")
def test_where_each_document_came_from_is_on_its_line(stage: Stage) -> None:
    """One document comes by mail, one from the DMP: open the record that holds both."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    mailed = stage.deliver_document(box, person)
    stage.fetch(box)
    # Of another type than the one that comes by mail, whose title is the name of its type.
    found = dmp.deposit(stage, person, "auteur", VISIT, title="Visite fictive du DMP")
    dmp.integrate(stage, person, [found])
    titles = [screens.title_of(stage, person, one.unique_id) for one in (found, mailed)]
    with screens.logged_in(stage) as pages:
        pages.record(person, Word("origin.dmp", titles[0]), Word("origin.mssante", titles[1]))


@pytest.mark.scenario("dmp.held-told")
def test_the_user_is_told_that_a_document_is_held(stage: Stage) -> None:
    """Bring a document of the DMP into the record, then open it from the DMP again."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    found = dmp.deposit(stage, person, "auteur", LETTER)
    dmp.integrate(stage, person, [found])
    with screens.logged_in(stage) as pages:
        dmp_screens.held(pages, person, found)


@pytest.mark.scenario("dmp.newer-version")
def test_a_newer_version_is_told_and_taken_in(stage: Stage) -> None:
    """A document taken from the DMP is corrected by its author: open the record, take the new version in, keep both."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    old = dmp.deposit(stage, person, "auteur", LETTER, title="Lettre fictive à corriger")
    other = dmp.deposit(stage, person, "autre", VISIT, title="Visite fictive sans suite")
    dmp.integrate(stage, person, [old, other])
    title = screens.title_of(stage, person, old.unique_id)
    new = dmp.deposit(stage, person, "correction", LETTER, title="Lettre fictive après coup", former="auteur")
    with screens.logged_in(stage) as pages:
        pages.record(person, Word("notice.newer", title))
    dmp.integrate(stage, person, [new])


@pytest.mark.scenario("dmp.deleted-since")
def test_a_deletion_is_told_and_the_document_removed(stage: Stage) -> None:
    """A document taken from the DMP is deleted there by its author: open the record, remove the document."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    gone = dmp.deposit(stage, person, "auteur", LETTER, title="Lettre fictive à supprimer")
    kept = dmp.deposit(stage, person, "autre", VISIT, title="Visite fictive sans suite")
    dmp.integrate(stage, person, [gone, kept])
    title = screens.title_of(stage, person, gone.unique_id)
    dmp_screens.withdraw(stage, gone)
    with screens.logged_in(stage) as pages:
        pages.record(person, Word("notice.deleted", title))
    dmp_screens.remove(stage, person, gone)


@pytest.mark.scenario("dmp.slow-opening")
def test_a_record_opens_while_the_dmp_is_slow(stage: Stage) -> None:
    """The DMP takes seconds to answer: open the record of a person of whom it gave a document."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    dmp.integrate(stage, person, [dmp.deposit(stage, person, "auteur", LETTER)])
    with screens.logged_in(stage) as pages:
        dmp_screens.open_slowly(pages, person, SECONDS)


@pytest.mark.scenario("dmp.news")
def test_new_documents_of_others_are_announced(stage: Stage) -> None:
    """Others fed two letters and a report: open the record."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    for number, code in enumerate((LETTER, LETTER, VISIT)):
        dmp.deposit(stage, person, f"auteur-{number}", code)
    dmp_screens.follow(stage, (LETTER, VISIT))
    with screens.logged_in(stage) as pages:
        dmp_screens.news(pages, person, "counts", {LETTER: 2, VISIT: 1})


@pytest.mark.scenario("dmp.no-news")
def test_nothing_is_announced_when_others_fed_nothing(stage: Stage) -> None:
    """The structure itself fed a document, nobody else did: open the record."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    dmp.feed(stage, person, box)
    dmp_screens.follow(stage, ())
    with screens.logged_in(stage) as pages:
        dmp_screens.news(pages, person, "none", {})


@pytest.mark.scenario("dmp.news-chosen")
def test_the_types_announced_are_those_chosen(stage: Stage) -> None:
    """Others fed a letter and a report: open the record with letters chosen, then with reports."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    for code in (LETTER, VISIT):
        dmp.deposit(stage, person, f"auteur-{code}", code)
    try:
        with screens.logged_in(stage) as pages:
            for code in (LETTER, VISIT):
                dmp_screens.follow(stage, (code,))
                dmp_screens.news(pages, person, "settings", {code: 1})
    finally:
        dmp_screens.follow(stage, ())


@pytest.mark.scenario("dmp.help")
def test_help_on_the_dmp_is_offered(stage: Stage) -> None:
    """Look for help on the page of a record, and at the help."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    with screens.logged_in(stage) as pages:
        dmp_screens.help_of(pages, person)


@pytest.mark.scenario("dmp.consent-trace")
def test_each_choice_on_the_dmp_leaves_a_trace(stage: Stage) -> None:
    """Record an objection to the DMP, then lift it, reading the traces before and after each."""
    person = stage.person("usager")
    for opposed in (True, False):
        dmp_screens.choose(stage, person, opposed=opposed)
