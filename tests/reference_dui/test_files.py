"""Uploaded files, infected or not, and sets of data made for tests."""

import json

import pytest
from conformance._bundled.fixtures.inbound_hostile import eicar
from conformance._bundled.reference_dui.antivirus import Infected, infected
from conformance._bundled.reference_dui.files.testset import made


def test_the_antivirus_knows_the_test_file_wherever_it_stands() -> None:
    assert infected(eicar())
    assert infected(b"before" + eicar() + b"after")
    assert not infected(eicar()[:-1])


def test_a_file_is_kept_once_looked_at(dui, browser, person) -> None:
    dui.shelf.keep("test", person.key, "note.txt", b"essai")
    with pytest.raises(Infected):
        dui.shelf.keep("test", person.key, "virus.txt", eicar())
    assert dui.shelf.of(person.key) == ["note.txt"]
    assert [(t["action"], t["object"]) for t in dui.traces.latest(2)] == [
        ("file.keep", "note.txt"),
        ("antivirus.stop", "virus.txt"),
    ]
    browser.log_in()
    page = browser.get(f"/personnes/{person.key}").text
    assert "note.txt" in page
    assert "virus.txt" not in page


def test_a_test_set_has_as_many_persons_and_names_none(dui, person) -> None:
    told = made(dui.people, dui.sins).decode()
    assert len(json.loads(told)["persons"]) == len(dui.people.all())
    assert person.matricule not in told
    assert person.birth_name not in told
