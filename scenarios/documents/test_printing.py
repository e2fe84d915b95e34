"""What is read on the prints of documents: the site's notice, further traits, the same paper as what was sent."""

import pytest

from conformance.bench.acts import printing
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops

# The transfer sheet to an emergency service, whose coded sections leave beside a print (JDV_J07).
TRANSFER = "74207-2"


@pytest.mark.scenario("doc.printed-notice")
def test_the_notice_of_the_site_stands_on_every_document(stage: Stage) -> None:
    """The site writes its notice; an unstructured document and a structured one then leave with it at their foot."""
    box = stage.mailbox("PER")
    person = stage.person()
    text = f"Mention fictive {stage.people.seed} : vos données servent à votre accompagnement."
    with printing.notice(stage, text):
        for type_code, role in (("80788-3", "medecin"), (TRANSFER, "urgences")):
            reader = stage.correspondent(role, of=person)
            printing.expect_notice(stage, reader.address, text)
            stage.validate(person, box, to=(reader,), type_code=type_code)


@pytest.mark.scenario("doc.printed-traits")
def test_further_traits_are_printed_for_the_whole_site(stage: Stage) -> None:
    """The site adds the name used to its prints; two professionals of it then each write about a person who has one."""
    boxes = {"first": stage.mailbox("PER"), "second": stage.mailbox("PER", user="second")}
    used = {"used_name": "USAGE-FICTIF"}
    with printing.further_traits(stage, *used):
        for user, box in boxes.items():
            person = stage.person(user)
            stage.perform(ops.CorrectIdentity(person.key, used))
            reader = stage.correspondent(f"medecin-{user}", of=person)
            printing.expect_traits(stage, person, reader.address, user, used)
            stage.validate(person, box, to=(reader,))


@pytest.mark.scenario("doc.paper")
def test_the_paper_is_what_was_sent(stage: Stage) -> None:
    """Validate a document of a qualified person, which leaves, and print it."""
    box = stage.mailbox("PER")
    person = stage.person()
    document = stage.validate(person, box, to=(stage.correspondent("medecin", of=person),))
    stage.ask(ops.ReadPrint(document))
    stage.observe("printed-paper", person=person.birth_name)
