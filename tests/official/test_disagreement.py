"""Both verdicts side by side, and why they differ."""

from conformance.checks.documents import judge_bytes
from conformance.official.disagreement import agreement, compared, explain
from tests.checks.documents_made import n1, put, write, xdm_with


def both(chain, content):
    return judge_bytes(content).findings, chain.judge(content)


def test_a_rule_of_ours_beyond_the_chain_is_told_as_such(chain):
    ours, official = both(chain, n1(put("h:recordTarget/h:patientRole/h:id", extension="123")))
    assert agreement(ours, official) == "ours-only"
    assert {(each.side, each.why) for each in explain(ours, official)} <= {
        ("ours", "official.why.beyond"),
        ("ours", "official.why.not-theirs"),
    }
    assert explain(ours, official)


def test_a_wrong_type_id_explains_the_silence_of_the_header_rules(chain):
    ours, official = both(chain, n1(put("h:typeId", extension="POCD_HD000041")))
    assert agreement(ours, official) == "ours-only"
    assert "official.why.bypassed" in {each.why for each in explain(ours, official)}


def test_what_is_wrong_with_an_archive_is_no_business_of_the_chain(chain):
    archive = xdm_with(write("//rim:ExtrinsicObject/rim:Slot[@name='hash']//rim:Value", "0" * 40))
    (official,) = chain.judge_all(archive)
    assert {each.why for each in explain(judge_bytes(archive).findings, official)} == {"official.why.not-a-cda-rule"}


def test_errors_at_one_place_are_no_disagreement(chain):
    ours, official = both(chain, n1(put("h:code", code="00000-0")))
    assert agreement(ours, official) == "both-reject"
    assert explain(ours, official) == []


def test_a_rule_of_theirs_that_ours_does_not_have_is_told(chain):
    ours, official = both(chain, n1(put("h:languageCode", code="de-DE")))
    assert agreement(ours, official) == "official-only"
    assert [(each.side, each.why) for each in explain(ours, official)] == [("official", "official.why.not-ours")]


def test_a_chain_that_did_not_finish_compares_with_nothing(chain, document):
    chain.pack.path_of("schematrons/profils/header/include/voc-1.2.3.4-DYNAMIC.xml").unlink()
    ours, official = both(chain, document)
    assert compared(ours, official, explained=True)["agreement"] == "unknown"
