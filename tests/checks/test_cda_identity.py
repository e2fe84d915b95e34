"""The national identity and the traits: alone, and in a run that knows whom it issued."""

import pytest

from conformance.checks import ins
from conformance.core.check import Context
from conformance.core.words import Level
from tests.checks.documents_made import ALONE, drop, n1, one, person, population, put, replace, said, write

ROLE = "h:recordTarget/h:patientRole"
PATIENT = f"{ROLE}/h:patient"
NAME = f"{PATIENT}/h:name"
OTHER_RUN = Context()


def matricule(change):
    return lambda root: one(root, f"{ROLE}/h:id").set("extension", change(one(root, f"{ROLE}/h:id").get("extension")))


def wrong_key(value):
    return value[:13] + f"{int(value[13:]) % 97 + 1:02d}"


def second_id(root_oid, extension):
    def change(root):
        twin = one(root, f"{ROLE}/h:id")
        added = twin.makeelement(twin.tag, {"root": root_oid, "extension": extension})
        twin.addnext(added)

    return change


@pytest.mark.parametrize(
    "change", [lambda v: v[:-1] + "A", lambda v: v + "12345", lambda v: v[:5] + " " + v[6:], str.lower]
)
def test_the_form_of_a_matricule(change):
    expected = [] if change is str.lower else ["cda.ins.form"]
    assert said("cda.ins", n1(matricule(change))) == expected


@pytest.mark.parametrize("month", ["00", "13", "19", "43", "49"])
def test_a_month_that_no_matricule_has(month):
    assert said("cda.ins", n1(matricule(lambda v: v[:3] + month + v[5:]))) == ["cda.ins.form"]


def test_a_matricule_without_its_key():
    assert said("cda.ins", n1(matricule(lambda v: v[:13]))) == ["cda.ins.no-key"]


def test_a_wrong_key_is_a_remark_alone_and_an_error_in_a_run():
    content = n1(matricule(wrong_key))
    assert said("cda.ins", content, ALONE, (Level.WARNING,)) == ["cda.ins.wrong-key"]
    assert said("cda.ins", content, ALONE) == []
    assert said("cda.ins", content, OTHER_RUN) == ["cda.ins.wrong-key"]


def test_a_run_knows_the_identities_that_it_issued():
    assert said("cda.ins", n1(), population(person())) == []
    issued = replace(person(), cle=wrong_key(person().ins)[13:])
    # The bench may issue a wrong key on purpose: sending it back is right, mending it is not.
    assert said("cda.ins", n1(matricule(wrong_key)), population(issued)) == []
    assert said("cda.ins", n1(), population(issued)) == ["cda.ins.other-key"]
    assert said("cda.ins", n1(), population(replace(person(), oid=ins.NIR))) == ["cda.ins.other-oid"]
    assert said("cda.ins", n1(), population(replace(person(), status="recuperee"))) == ["cda.ins.unqualified"]


def test_an_identity_that_the_run_did_not_issue():
    stranger = population(person("someone else"))
    assert said("cda.ins", n1(), stranger, (Level.WARNING,)) == ["cda.ins.not-issued"]
    assert said("cda.ins", n1(put(f"{ROLE}/h:id", root=ins.NIR)), stranger) == ["cda.ins.not-issued"]


def test_a_qualified_identity_without_its_matricule():
    hidden = n1(put(f"{ROLE}/h:id", root="1.2.3.4", extension="local"))
    assert said("cda.ins", hidden, population(person())) == ["cda.ins.withheld"]
    assert said("cda.ins", hidden, population(replace(person(), status="recuperee"))) == []
    assert said("cda.ins", hidden) == []


@pytest.mark.parametrize(
    ("oid", "code"),
    [(ins.INS_C, "cda.ins.ins-c"), (f"{ins.ARC}99", "cda.ins.unknown-oid"), (f"{ins.ARC}1", "cda.ins.unknown-oid")],
)
def test_oids_that_are_not_of_the_ins(oid, code):
    assert said("cda.ins", n1(put(f"{ROLE}/h:id", root=oid))) == [code]


def test_an_unknown_oid_beside_a_known_one_is_a_remark():
    content = n1(second_id(f"{ins.ARC}13", person().ins))
    assert said("cda.ins", content) == []
    assert said("cda.ins", content, levels=(Level.WARNING,)) == ["cda.ins.unknown-oid"]


def test_two_matricules():
    assert said("cda.ins", n1(second_id(ins.TEST, person("someone else").ins))) == ["cda.ins.several"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (drop(f"{NAME}/h:family[@qualifier='BR']"), "cda.traits.missing"),
        (drop(f"{NAME}/h:given[@qualifier='BR']"), "cda.traits.missing"),
        (drop(f"{NAME}/h:given[not(@qualifier)]"), "cda.traits.missing"),
        (drop(f"{PATIENT}/h:birthplace"), "cda.traits.missing"),
        (drop(f"{PATIENT}/h:birthTime"), "cda.traits.missing"),
        (drop(f"{PATIENT}/h:administrativeGenderCode"), "cda.traits.missing"),
        (write(f"{PATIENT}/h:birthplace/h:place/h:addr/h:county", "PARIS"), "cda.traits.cog"),
        (write(f"{NAME}/h:family[@qualifier='BR']", "DUPONT2"), "cda.traits.digits"),
        (write(f"{NAME}/h:family[@qualifier='BR']", " "), "cda.traits.blank"),
        (write(f"{NAME}/h:given[@qualifier='BR']", "ZEPHYRIN"), "cda.traits.first-name"),
    ],
)
def test_traits_that_must_be_there_and_sound(fault, code):
    assert code in said("cda.traits", n1(fault))


def test_no_trait_is_asked_of_a_document_without_matricule():
    def both(root):
        put(f"{ROLE}/h:id", root="1.2.3.4")(root)
        drop(f"{PATIENT}/h:birthplace")(root)

    assert said("cda.traits", n1(both)) == []


def other_sex(root):
    gender = one(root, f"{PATIENT}/h:administrativeGenderCode")
    gender.set("code", "M" if gender.get("code") == "F" else "F")


def other_year(root):
    birth = one(root, f"{PATIENT}/h:birthTime")
    year = int(birth.get("value")[:4]) + 1
    birth.set("value", f"{year}{birth.get('value')[4:]}")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (other_sex, "cda.traits.sex"),
        (other_year, "cda.traits.year"),
        (write(f"{NAME}/h:family[@qualifier='BR']", "Élégant"), "cda.traits.letters"),
        (put(f"{PATIENT}/h:birthTime", value=person().birth_date[:4]), "cda.traits.birth-date"),
    ],
)
def test_traits_that_a_person_should_look_at(fault, code):
    assert said("cda.traits", n1(fault), levels=(Level.WARNING,)) == [code]
    assert said("cda.traits", n1(fault)) == []


@pytest.mark.parametrize("fault", [other_sex, other_year, write(f"{NAME}/h:family[@qualifier='BR']", "AUTRE")])
def test_in_a_run_the_traits_are_those_issued(fault):
    assert said("cda.traits", n1(), population(person())) == []
    assert said("cda.traits", n1(fault), population(person())) == ["cda.traits.differs"]


@pytest.mark.parametrize(
    ("number", "key"),
    # Computed by hand from the definition: 97 - (N mod 97), 2A read as 19 and 2B as 18.
    [("1550675002999", 97 - 1550675002999 % 97), ("255062A002999", 97 - 2550619002999 % 97)],
)
def test_the_key(number, key):
    assert ins.key_of(number) == f"{key:02d}"
    assert ins.read(f"{number}{key:02d}").expected_key == f"{key:02d}"


@pytest.mark.parametrize(
    "value", ["155062C002999", "155061A002999", "1550675002", "", "9550675002999", "1\uff15\uff150675002999"]
)
def test_what_is_no_matricule(value):
    assert ins.read(value) is None
