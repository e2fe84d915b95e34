"""What others feed, correct and delete in the DMP, as a product finds it."""

import base64

import pytest
from conformance._bundled.fixtures.deposits import deposited
from conformance._bundled.reference_dui.dmp.codes import APPROVED, DELETED, DEPRECATED

from conformance.core.errors import UsageError
from tests.services.test_dmp.conftest import NOW

OTHER = "1990000010"


def deposit(place, person, role, *, former=""):
    author = place.people.correspondent("dmp", "auteur", domain="pro.test")
    made = deposited(
        11, "deposits", role, person=person, author=author, today=NOW, type_code="11490-0", title=role, former=former
    )
    place.act(
        "deposit",
        ins=person.ins,
        structure=OTHER,
        metadata=made.metadata.decode(),
        documents={made.entry: base64.b64encode(made.cda).decode()},
    )
    return made


def test_a_new_version_takes_the_place_of_the_former_and_a_deletion_hides_it(place, client) -> None:
    person = place.holder("versions")
    made = client()
    made.authorise(person, "AJOUT")
    old, other = (deposit(place, person, role) for role in ("lettre", "autre"))
    new = deposit(place, person, "corrige", former="lettre")
    assert {one.unique_id for one in made.find(person, {})} == {other.unique_id, new.unique_id}
    assert made.get(person, old.unique_id).status == DEPRECATED
    assert b"<relatedDocument" in new.cda
    place.act("withdraw", unique_id=other.unique_id)
    assert [one.unique_id for one in made.find(person, {})] == [new.unique_id]
    assert made.get(person, other.unique_id).status == DELETED
    assert made.get(person, new.unique_id).status == APPROVED


@pytest.mark.parametrize("unique_id", ["", "9.9.9"])
def test_what_was_not_fed_is_not_deleted(place, unique_id) -> None:
    with pytest.raises(UsageError):
        place.act("withdraw", unique_id=unique_id)
