"""``conformance pack`` and ``conformance check --with``, as a user types them."""

import importlib.util
import json

import pytest
from click.testing import CliRunner

from conformance.cli.check import check
from conformance.cli.pack import pack
from conformance.core.errors import SetupError, UsageError
from conformance.core.texts import use_language
from conformance.dossier.schema import validator
from conformance.official import process
from tests.checks.documents_made import n1, put
from tests.official.conftest import VOCABULARY, written

LANGUAGE = "schematrons/profils/header/include/language.sch"


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language(None)


def run(command, *arguments):
    return CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def registered(source):
    if importlib.util.find_spec("saxonche") is None:
        pytest.skip("saxonche is not installed (extra « official »)")
    assert run(pack, "add", source, "--name", "small").return_value == 0
    return "small"


def test_adding_says_what_was_repaired_and_what_cannot_be_used(tmp_path):
    broken = written(tmp_path / "broken", renamed={LANGUAGE: LANGUAGE.replace("language", "Language")})
    with pytest.raises(SetupError, match="broken-references"):
        run(pack, "add", broken)
    done = run(pack, "add", broken, "--repair")
    assert f"repaired in the copy: {LANGUAGE}" in done.output
    assert "1 families of rules, 1 document types" in done.output
    assert "broken (published chain)" in run(pack, "list").output
    listed = json.loads(run(pack, "list", "--format", "json").output)
    assert [row["repaired"] for row in listed["official"]] == [1]
    assert run(pack, "remove", "broken").return_value == 0
    assert json.loads(run(pack, "list", "--format", "json").output)["official"] == []


def test_both_verdicts_stand_side_by_side_in_text(registered, tmp_path):
    path = tmp_path / "refused.xml"
    path.write_bytes(n1(put("h:languageCode", code="de-DE")))
    done = run(check, "--with", registered, "--explain-disagreement", path)
    assert done.return_value == 1
    assert "refused.xml (CDA) : valid" in done.output
    assert "published chain (small) : rejected" in done.output
    assert "HEADER: language" in done.output
    assert "the published chain only : [official.rule]" in done.output
    assert "The published chain rejects, the bench accepts." in done.output


def test_both_verdicts_stand_side_by_side_in_json(registered, tmp_path):
    good, bad = tmp_path / "a.xml", tmp_path / "b.xml"
    good.write_bytes(n1())
    bad.write_bytes(n1(put("h:typeId", extension="POCD_HD000041")))
    done = run(check, "--with", registered, "--explain-disagreement", "--format", "json", tmp_path / "a.xml", bad)
    told = json.loads(done.output)
    assert not list(validator("check").iter_errors(told))
    assert [each["official"][0]["agreement"] for each in told] == ["both-accept", "ours-only"]
    assert "official.why.bypassed" in {each["why"] for each in told[1]["official"][0]["disagreement"]}


def test_sarif_carries_the_findings_of_both(registered, tmp_path):
    path = tmp_path / "refused.xml"
    path.write_bytes(n1(put("h:languageCode", code="de-DE")))
    told = json.loads(run(check, "--with", registered, "--format", "sarif", path).output)
    assert "official.HEADER" in json.dumps(told)


def test_a_chain_that_did_not_finish_is_incomplete_and_never_good(source, tmp_path, registered):
    del registered
    (source / VOCABULARY).unlink()
    (source / "jeuxDeValeurs/JDV_Types.xml").unlink()
    run(pack, "add", source, "--name", "holes", "--repair")
    path = tmp_path / "good.xml"
    path.write_bytes(n1())
    done = run(check, "--with", "holes", path)
    assert done.return_value == 5
    assert "No comparison" in done.output


def test_a_path_that_does_not_open_is_told_as_always(registered, tmp_path):
    assert run(check, "--with", registered, tmp_path / "absent.xml").return_value == 2


def test_options_that_need_one_another_say_so(tmp_path):
    with pytest.raises(UsageError, match="explain-needs-with"):
        run(check, "--explain-disagreement", tmp_path)
    with pytest.raises(UsageError, match="unknown-pack"):
        run(check, "--with", "never", tmp_path)


def test_without_saxon_or_with_an_old_one_the_card_says_what_to_install(source, tmp_path, monkeypatch):
    run(pack, "add", source, "--name", "small")

    def absent(_):
        raise process.metadata.PackageNotFoundError

    monkeypatch.setattr(process.metadata, "version", absent)
    with pytest.raises(SetupError) as missing:
        run(check, "--with", "small", tmp_path)
    assert "dui-conformance[official]" in missing.value.card("en")
    monkeypatch.setattr(process.metadata, "version", lambda _: "12.9.0")
    with pytest.raises(SetupError, match="old-saxon"):
        run(check, "--with", "small", tmp_path)
