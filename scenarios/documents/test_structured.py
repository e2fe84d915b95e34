"""Structured documents as they leave: their form, and what their style sheet displays."""

import pytest

from conformance.bench.acts import rendering
from conformance.bench.stage import Stage

# The transfer sheet to an emergency service (FLUDT, JDV_J07), which is due with coded sections.
TRANSFER = "74207-2"


@pytest.mark.scenario("doc.structured")
def test_a_structured_document_leaves_as_such_and_presents_itself(stage: Stage) -> None:
    """Validate a transfer sheet: it leaves with coded sections; the style sheet that it brings is applied to it."""
    box = stage.mailbox("PER")
    person = stage.person()
    reader = stage.correspondent("urgences", of=person)
    stage.expect("structured-document", marks=(reader.address,), to=reader.address, type_code=TRANSFER)
    stage.validate(person, box, to=(reader,), type_code=TRANSFER)
    rendering.display(stage, stage.await_record("smtp.message", reader.address))


@pytest.mark.scenario("doc.added-sections")
def test_a_section_beyond_the_volet_is_displayed_too(stage: Stage) -> None:
    """Validate a transfer sheet with a section that its volet does not plan; the style sheet is applied to it."""
    box = stage.mailbox("PER")
    person = stage.person()
    reader = stage.correspondent("urgences", of=person)
    added = [{"title": "Habitudes de vie", "text": "Aime jardiner le matin, note fictive d'essai."}]
    stage.expect("added-sections", marks=(reader.address,), to=reader.address, sections=added)
    stage.validate(person, box, to=(reader,), type_code=TRANSFER, sections=added)
    rendering.display(stage, stage.await_record("smtp.message", reader.address))
