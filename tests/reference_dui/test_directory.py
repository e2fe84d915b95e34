"""The directory in the product: what it reads of an extraction, and what it refuses."""

import io
import zipfile

import pytest
from conformance._bundled.fixtures.directory import professionals
from conformance._bundled.reference_dui.annuaire.client import DirectoryFault
from conformance._bundled.reference_dui.annuaire.entry import of_practitioner
from conformance._bundled.reference_dui.annuaire.extract import entries
from conformance._bundled.reference_dui.faults import NotFound

from conformance.services.annuaire.extraction import archive
from conformance.services.annuaire.resources import practitioner

PEOPLE = list(professionals(3, 5, "m.test"))


def test_an_extraction_is_read_line_by_line():
    read = list(entries(archive(PEOPLE, "202601010400")))
    assert [(e.identifier, e.name, e.first_name) for e in read] == [(p.identifier, p.family, p.given) for p in PEOPLE]


def test_an_entry_of_the_api_says_the_same_as_the_extraction():
    for person, line in zip(PEOPLE, entries(archive(PEOPLE, "202601010400")), strict=True):
        found = of_practitioner(practitioner(person))
        assert (found.identifier, found.name, found.profession) == (line.identifier, line.name, line.profession)
        assert found.address == person.mailbox


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 not a zip",
        zipped("other.txt", "a|b"),
        zipped("PS_LibreAcces_Personne_activite_1.txt", "a|b\n1|2\n"),
        zipped("PS_LibreAcces_Personne_activite_1.txt", b"\xff\xfe\x00"),
    ],
)
def test_what_is_not_the_extraction_is_refused(content):
    with pytest.raises(DirectoryFault):
        list(entries(content))


def test_nobody_is_added_who_was_not_found(dui, person):
    with pytest.raises(NotFound):
        dui.directory.add("test", person.key, "899000000007")
