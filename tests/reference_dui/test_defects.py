"""The named defects: every file reads, names checks by their ids, and changes what the product does."""

import re
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest
from conformance._bundled.fixtures.documents.metadata import metadata
from conformance._bundled.reference_dui import facts, writing
from conformance._bundled.reference_dui.archive import entries_of
from conformance._bundled.reference_dui.box import Box
from conformance._bundled.reference_dui.composing import Envelope, as_bytes, compose
from conformance._bundled.reference_dui.dmp.submission import submission_of
from conformance._bundled.reference_dui.mutation import Mutation
from conformance._bundled.reference_dui.sins import Sins, catalogue, read_defect

from conformance.core.product import LANE_CHARACTERS
from conformance.population import Correspondent, Structure
from tests.reference_dui.conftest import NOW, parsed

PACKAGE = resources.files("conformance._bundled.reference_dui")
SOURCE = "".join(f.read_text("utf-8") for f in sorted(Path(str(PACKAGE)).rglob("*.py")))
DEFECTS = sorted(catalogue())
MUTATED = [name for name in DEFECTS if catalogue()[name].mutations]


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_says_its_sin_its_checks_and_its_scenarios(name):
    defect = catalogue()[name]
    assert set(name) <= LANE_CHARACTERS
    assert all(sentence.strip().endswith(".") for sentence in defect.sin.values())
    assert all(re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", id) for id in defect.expected)
    assert len(set(defect.expected)) == len(defect.expected)
    assert all(re.fullmatch(r"[a-z]+\.[a-z-]+", scenario) for scenario in defect.scenarios)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_a_mutation_or_a_branch_of_the_code(name):
    assert bool(catalogue()[name].mutations) != (f'has("{name}")' in SOURCE)


def test_the_code_asks_for_defects_that_exist():
    assert set(re.findall(r'sins\.has\("([a-z0-9-]+)"\)', SOURCE)) <= set(DEFECTS)


@pytest.fixture
def spec(people):
    person = people.person("dui", "usager")
    author = Correspondent("c@dui.test", facts.professional_id("c@dui.test"), "ESSAI", "Camille", "G15_10/SM54")
    structure = Structure(facts.STRUCTURE_FINESS, facts.STRUCTURE_NAME)
    doctor = people.correspondent("dui", "medecin", domain="pro.test")
    first = writing.first_version(person, author, structure, "80788-3", "Projet", "Un texte.", NOW, [doctor])
    return writing.next_version(first, first, Sins())


@pytest.mark.parametrize("name", MUTATED)
def test_a_mutation_changes_what_it_aims_at(name, spec):
    good, bad = Sins(), Sins([name])
    targets = {m.target for m in catalogue()[name].mutations}
    pdf, cda = writing.write(spec, good)
    if "pdf" in targets:
        assert bad.alter("pdf", pdf) != pdf
    if "cda" in targets:
        assert bad.alter("cda", cda) != cda
    parcel = writing.pack([(spec, pdf, cda)], good)
    if targets & {"zip", "metadata"}:
        assert bad.alter_archive(parcel.archive) != parcel.archive
    if "submission" in targets:
        written = metadata([(spec, cda, "")], submission_of(spec))
        assert bad.alter("submission", written) != written
    if "message" in targets:
        envelope = Envelope("c@dui.test", "Essai", ("d@pro.test",), "Mention.")
        header = catalogue()[name].mutations[0].header
        values = [compose(envelope, "", "Bonjour", parcel, sins).get_all(header) for sins in (good, bad)]
        assert values[0] != values[1]


def test_metadata_follow_a_mutated_document(spec):
    """Only the sin shows: hash and size are those of the document as it left."""
    sins = Sins(["forgets-the-realm"])
    pdf, cda = writing.write(spec, sins)
    archive = writing.pack([(spec, pdf, cda)], sins).archive
    (entry,) = entries_of(archive)
    assert b"realmCode" not in entry.content
    assert entry.doubt == ""


def test_a_defect_that_has_nothing_to_alter_leaves_things_as_they_are(spec):
    first = spec.__class__(**{**{n: getattr(spec, n) for n in spec.__slots__}, "replaces": None})
    _, cda = writing.write(first, Sins())
    assert Sins(["forgets-what-it-replaces"]).alter("cda", cda) == cda


def test_without_defect_messages_are_untouched(spec):
    pdf, cda = writing.write(spec, Sins())
    assert writing.write(spec, Sins()) == (pdf, cda)
    message = compose(Envelope("c@dui.test", "Essai", ("d@pro.test",), "Mention."), "S", "Texte", None, Sins())
    assert parsed(as_bytes(message))["X-MSS-NIL"] == facts.REFERENCE


def test_an_unknown_defect_is_refused_and_changes_nothing():
    sins = Sins(["drops-nil-header"])
    with pytest.raises(KeyError):
        sins.switch(["unheard-of"])
    assert sins.names == ("drops-nil-header",)


@pytest.mark.parametrize(
    "raw",
    [
        {"target": "elsewhere", "action": "set"},
        {"target": "cda", "action": "rename"},
        {"target": "cda", "action": "set", "unknown": "x"},
    ],
)
def test_a_mutation_that_cannot_be_is_refused(raw):
    with pytest.raises(ValueError, match="not a mutation"):
        Mutation.of(raw)


def test_a_defect_file_must_bear_its_own_name_and_be_whole():
    whole = 'name = "a"\nexpected = ["mail.nil"]\nscenarios = ["mss.send-plain"]\n[sin]\nfr = "x."\nen = "x."\n'
    assert read_defect("a.toml", whole).expected == ("mail.nil",)
    for file, text in (("b.toml", whole), ("a.toml", whole.replace('["mail.nil"]', "[]")), ("a.toml", 'name = "a"')):
        with pytest.raises(ValueError, match="defect"):
            read_defect(file, text)


def test_a_box_survives_the_database():
    box = Box("a@dui.test", "APP", "ca", certificate_pem="c", key_pem="k")
    assert Box.from_json(box.as_json()) == box
    assert datetime.fromisoformat(NOW).tzinfo is not None
