"""The identity carried: one reading of every carrier, one comparison, and what may not leave."""

from dataclasses import replace

import pytest
from conformance._bundled.fixtures.documents.datamatrix import ins_payload
from conformance._bundled.fixtures.documents.n1 import n1_of

from conformance.checks.datamatrix.payload import read_payload
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.identity import (
    Identity,
    letters,
    of_cda,
    of_cx,
    of_datamatrix,
    of_info,
    of_patient,
    of_person,
)
from tests.checks.journals import Play
from tests.checks.mails import DOCTOR, carrier, letter, person, spec

OID = "1.2.250.1.213.1.4.10"


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def issued():
    return of_person(person().as_json())


def test_every_carrier_says_the_same_identity():
    whole = issued()
    assert list(of_cda(CdaDocument.from_bytes(n1_of(spec()))).differs(whole)) == []
    assert list(of_datamatrix(read_payload(ins_payload(person()))).contradicts(whole)) == []
    info = [
        f"PID-5|{person().birth_name}^{person().first_name}^^^^^L",
        f"PID-7|{whole.birth_date}",
        f"PID-8|{whole.sex}",
    ]
    assert list(of_info(info, f"{whole.matricule}^^^&{whole.oid}&ISO^NH").contradicts(whole)) == []
    assert whole.qualified
    assert whole.complete


def test_a_cx_is_national_or_local():
    assert of_cx(f"1234^^^&{OID}&ISO^NH") == Identity(matricule="1234", oid=OID)
    assert of_cx("1234^^^&1.2.3&ISO^PI").local == (("1234", "1.2.3"),)
    assert of_cx("1234") is None


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ({"sex": "M"}, {"sex": "F"}, ["sex"]),
        ({}, {"sex": "F"}, []),
        ({"sex": "M"}, {}, []),
        ({"birth_name": "LE-GOFF"}, {"birth_name": "Le Goff"}, []),
        ({"birth_name": "L3 GOFF"}, {"birth_name": "Le Goff"}, []),
    ],
)
def test_only_what_both_say_is_contradicted(one, other, names):
    found = Identity(**one).lettered.contradicts(Identity(**other).lettered)
    assert [name for name, _, _ in found] == names


def test_a_number_without_its_key_is_known_as_such():
    held = Identity(matricule="150017512345612", oid=OID)
    assert held.holds_short(("1500175123456", OID))
    assert not held.holds(("1500175123456", OID))
    assert not held.holds_short(("1500175123457", OID))


def test_letters_are_what_names_are_compared_by():
    assert [letters(name) for name in ("Lœuvre d'Été", "A1", "")] == ["LOEUVRE D ETE", "", ""]


def test_a_patient_without_anything_says_nothing():
    assert of_patient({"name": "x", "identifier": [{"system": "urn:oid:1.2.3"}], "gender": None}) == Identity()


def entry(play, **changes):
    """The metadata check on a message whose metadata are written of another person."""
    play.bench("population.person", **person().as_json())
    one = spec()
    archive = letter(one)
    if changes:
        from conformance._bundled.reference_dui.mutation import Mutation

        value = next(iter(changes.values()))
        path = "//rim:Slot[@name='sourcePatientInfo']/rim:ValueList/rim:Value[starts-with(., '{}')]"
        mutation = Mutation("metadata", "set", xpath=path.format(value.partition("|")[0]), value=value)
        from tests.checks.mails import made

        archive = letter(one, archives=[("IHE_XDM.ZIP", mutation.on_archive(made(one).archive))])
    play.expect(DOCTOR)
    play.message(bytes(archive), DOCTOR)
    return play.codes("identity.metadata")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"born": "PID-7|19010101"}, ["identity.metadata.differs"]),
        ({"sex": "PID-8|U"}, ["identity.metadata.differs"]),
        ({"name": "PID-5|AUTRE^NOM^^^^^L"}, ["identity.metadata.differs"] * 2),
    ],
)
def test_metadata_describe_the_person_issued(play, changes, codes):
    assert entry(play, **changes) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [("Bonjour", []), ("matricule 1 50 01 75 123 456", ["identity.withheld.carried"])],
)
def test_a_matricule_that_is_not_qualified_leaves_in_nothing(play, text, codes):
    one = spec(status="validee")
    play.bench(
        "expectation", name="ins-withheld", person="p", matricule="1500175123456", birth_name=one.person.birth_name
    )
    play.expect(DOCTOR)
    play.message(bytes(letter(one, text=text)), DOCTOR)
    assert play.codes("identity.withheld") == codes


def test_a_matricule_in_a_datamatrix_or_a_submission_is_found(play):
    one = spec()
    number = one.person.matricule
    play.bench("expectation", name="ins-withheld", person="p", matricule=number, birth_name=one.person.birth_name)
    play.expect(DOCTOR)
    play.message(bytes(carrier(one)), DOCTOR)
    (found,) = play.subjects("identity.withheld")
    places = {carrier.partition(" ")[2] for carrier in found.carriers}
    assert any(place.endswith("datamatrix") for place in places)
    assert any(place.endswith("METADATA.XML") for place in places)


def test_a_matricule_in_a_file_of_another_kind_is_found(play):
    one = spec(status="validee")
    play.bench(
        "expectation", name="ins-withheld", person="p", matricule="1500175123456", birth_name=one.person.birth_name
    )
    play.expect(DOCTOR)
    play.message(bytes(letter(one, pdfs=[("suivi.csv", b"ins;1500175123456")])), DOCTOR)
    (found,) = play.subjects("identity.withheld")
    assert [carrier.partition(" ")[2] for carrier in found.carriers] == ["suivi.csv"]


def test_nothing_is_said_of_somebody_nobody_wrote_about(play):
    play.bench("expectation", name="ins-withheld", person="p", matricule="1500175123456", birth_name="INCONNU")
    play.expect(DOCTOR)
    play.message(bytes(carrier(replace(spec(), unique_id="2.25.4242"))), DOCTOR)
    assert play.subjects("identity.withheld") == []
