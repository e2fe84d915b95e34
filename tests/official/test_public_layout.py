"""The defects of the public pack, all at once: named, repaired where certain, told where not, and never run with holes."""

import importlib.util

import pytest

from conformance.checks.documents import judge_bytes
from conformance.core.errors import SetupError
from conformance.official.chain import OfficialChain
from conformance.official.disagreement import explain
from conformance.official.outcome import Status
from conformance.official.pack import add_pack
from tests.checks.documents_made import n1, put
from tests.official import public_layout as public
from tests.official.conftest import zipped


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "TestContenuCDA-3-0"
    for path, text in public.FILES.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def test_without_repair_every_defect_is_named_and_nothing_is_registered(source):
    with pytest.raises(SetupError) as refused:
        add_pack(source)
    card = refused.value.card("en")
    for asked in (
        "include/Titre.sch; repairable",
        "entrees/E_DirectiveAnticipee.sch; repairable",
        "Sections/S_resultats.sch; repairable",
        "../jeuxDeValeurs/jdv_types-deux.xml; repairable",
        "JDV_J07-XdsTypeCode-CISIS.xml is the value set of the same OID",
        "specificationsVolets/BIO/entete.sch: missing",
        "../jeuxDeValeurs/JDV_Absent.xml: missing",
    ):
        assert asked in card


def test_with_repair_what_is_certain_is_mended_and_the_rest_is_told(source, tmp_path):
    for pack in (add_pack(source, repair=True), add_pack(zipped(source, tmp_path / "p.zip"), repair=True)):
        assert set(pack.repaired) == {
            f"{public.INCLUDE}/Titre.sch",
            "schematrons/profils/entrees/E_DirectiveAnticipee.sch",
            "schematrons/Sections/S_resultats.sch",
            "jeuxDeValeurs/jdv_types-deux.xml",
            public.VOCABULARY,
        }
        assert pack.unusable == {public.BIOLOGY: "specificationsVolets/BIO/entete.sch"}
        assert pack.unread == ("jeuxDeValeurs/JDV_Absent.xml",)
        assert {rules.path for rules in pack.layout.rules if rules.every} == {public.HEADER, public.BODY}


@pytest.fixture
def chain(source):
    if importlib.util.find_spec("saxonche") is None:
        pytest.skip("saxonche is not installed (extra « official »)")
    with OfficialChain(add_pack(source, name="public", repair=True)) as opened:
        yield opened


def test_the_mended_rules_judge_and_a_wrong_type_id_silences_them(chain):
    good, type_id = n1(), n1(put("/h:ClinicalDocument/h:typeId", extension="POCD_HD000041"))
    unknown = n1(put("/h:ClinicalDocument/h:code", code="00000-0"))
    both = n1(
        lambda root: [
            put(f"/h:ClinicalDocument/h:{p}", **a)(root)
            for p, a in (("code", {"code": "0"}), ("typeId", {"extension": "x"}))
        ]
    )
    verdicts = {
        name: next(iter(chain.judge_all(content)))
        for name, content in (("good", good), ("unknown", unknown), ("typeId", type_id), ("both", both))
    }
    assert {name: verdict.status for name, verdict in verdicts.items()} == {
        "good": Status.ACCEPTED,
        "unknown": Status.REJECTED,
        "typeId": Status.ACCEPTED,
        "both": Status.ACCEPTED,
    }
    told = {each.why for each in explain(list(judge_bytes(both).findings), verdicts["both"])}
    assert told == {"official.why.bypassed"}
