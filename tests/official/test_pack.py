"""Registering a pack: what is refused, what is repaired, and what is never touched."""

import zipfile

import pytest

from conformance.core.errors import SetupError, UsageError
from conformance.official.pack import add_pack, get_pack, pack_names, remove_pack
from tests.official.conftest import FILES, HEADER, TYPED, VOCABULARY, written, zipped

LANGUAGE = "schematrons/profils/header/include/language.sch"
WRONG_CASE = LANGUAGE.replace("language", "Language")


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_registered_under_its_name_and_found_again(source):
    pack = add_pack(source)
    assert pack.name == "TestPack"
    assert [(rules.id, rules.every) for rules in pack.layout.rules] == [("LETTER", False), ("HEADER", True)]
    assert get_pack("TestPack") == pack
    assert pack_names() == ["TestPack"]
    remove_pack("TestPack")
    assert pack_names() == []


def test_a_zip_with_a_folder_at_its_top_is_the_same_pack(source, tmp_path):
    archive = zipped(source, tmp_path / "published.zip")
    assert add_pack(archive).digest == add_pack(source).digest


def test_an_include_of_the_wrong_case_is_named_then_repaired_in_the_copy_only(tmp_path):
    source = written(tmp_path / "pack", renamed={LANGUAGE: WRONG_CASE})
    before = tree(source)
    with pytest.raises(SetupError) as refused:
        add_pack(source)
    assert refused.value.exit_code == 3
    card = refused.value.card("en")
    assert "include/language.sch; repairable" in card
    assert WRONG_CASE in card
    assert pack_names() == []
    pack = add_pack(source, repair=True)
    assert pack.repaired == (LANGUAGE,)
    assert pack.path_of(LANGUAGE).read_text(encoding="utf-8") == FILES[LANGUAGE]
    assert not pack.unusable
    assert tree(source) == before


def test_two_names_alike_leave_nothing_certain(tmp_path):
    source = written(tmp_path / "pack", renamed={LANGUAGE: WRONG_CASE})
    (source / LANGUAGE.replace("language", "LANGUAGE")).write_text(
        FILES[LANGUAGE] + "<!-- another -->", encoding="utf-8"
    )
    with pytest.raises(SetupError) as refused:
        add_pack(source)
    assert "include/language.sch: missing" in refused.value.card("en")


def test_a_missing_include_is_named_and_its_rules_stay_unusable(tmp_path):
    source = written(tmp_path / "pack", without={LANGUAGE})
    with pytest.raises(SetupError) as refused:
        add_pack(source)
    assert f"{HEADER} asks for include/language.sch: missing" in refused.value.card("en")
    pack = add_pack(source, repair=True)
    assert pack.unusable == {HEADER: "include/language.sch"}
    assert pack.repaired == ()


def test_a_pack_of_which_no_rules_can_be_used_is_refused_even_with_repair(tmp_path):
    with pytest.raises(SetupError, match=r"include/language\.sch"):
        add_pack(written(tmp_path / "pack", without={LANGUAGE, TYPED}), repair=True)


def test_a_missing_vocabulary_is_written_from_the_value_set_of_its_oid(tmp_path):
    source = written(tmp_path / "pack", without={VOCABULARY})
    with pytest.raises(SetupError) as refused:
        add_pack(source)
    assert "jeuxDeValeurs/JDV_Types.xml is the value set of the same OID" in refused.value.card("en")
    pack = add_pack(source, repair=True)
    assert pack.repaired == (VOCABULARY,)
    assert '<concept code="80788-3"' in pack.path_of(VOCABULARY).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("<let name='x' value=\"'../absent.xml'\"/>", True),
        ("<rule context='*'><assert test=\"document('../absent.xml')//x\"/></rule>", True),
        ("<rule context='*'><assert test=\"doc( '../absent.xml')//x\"/></rule>", True),
        ("<rule context='*'><assert test=\"@href = 'absent.xml'\"/></rule>", False),
        ("<let name='x' value=\"concat('include/', '.xml')\"/>", False),
        ("<let name='x' value=\"'http://elsewhere.test/absent.xml'\"/>", False),
    ],
)
def test_a_file_is_asked_for_by_a_call_or_by_a_whole_value_and_never_by_a_comparison(tmp_path, expression, asked):
    rules = FILES[TYPED].replace('<pattern id="active">', f'<pattern id="active">{expression}', 1)
    source = written(tmp_path / "pack", files={TYPED: rules})
    if not asked:
        assert add_pack(source).unread == ()
        return
    with pytest.raises(SetupError, match=r"absent\.xml"):
        add_pack(source)
    assert add_pack(source, repair=True).unread == ("absent.xml",)


def test_a_missing_vocabulary_without_value_set_is_told_and_invents_nothing(tmp_path):
    source = written(tmp_path / "pack", without={VOCABULARY, "jeuxDeValeurs/JDV_Types.xml"})
    pack = add_pack(source, repair=True)
    assert pack.unread == (VOCABULARY,)
    assert pack.repaired == ()


def test_folders_of_the_wrong_case_inside_one_another_are_repaired_to_the_end(tmp_path):
    inner = LANGUAGE.replace("language.sch", "deep/Inner.sch")
    source = written(
        tmp_path / "pack",
        renamed={LANGUAGE: LANGUAGE.replace("include", "INCLUDE")},
        files={
            LANGUAGE: FILES[LANGUAGE].replace("<rule", '<title>x</title><include href="Deep/inner.sch"/><rule', 1),
            inner.replace(
                "include", "INCLUDE"
            ): '<rule xmlns="http://purl.oclc.org/dsdl/schematron" context="nothing"/>',
        },
    )
    pack = add_pack(source, repair=True)
    assert not pack.unusable
    assert LANGUAGE in pack.repaired
    assert pack.path_of(LANGUAGE.replace("language.sch", "Deep/inner.sch")).is_file()


@pytest.mark.parametrize("name", ["../out/schematrons/x.sch", "/schematrons/x.sch"])
def test_a_zip_that_would_write_elsewhere_is_refused(tmp_path, name):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pack/schematrons/a.sch", "<a/>")
        archive.writestr(name, "<a/>")
    with pytest.raises(UsageError, match="unsafe-zip"):
        add_pack(path)


def test_a_link_out_of_the_folder_is_not_followed(source, tmp_path):
    outside = tmp_path / "outside.sch"
    outside.write_text(FILES[TYPED], encoding="utf-8")
    (source / "schematrons" / "LINK.sch").symlink_to(outside)
    assert "LINK" not in [rules.id for rules in add_pack(source).layout.rules]


def test_what_is_no_pack_says_so(tmp_path):
    (tmp_path / "other").mkdir()
    with pytest.raises(UsageError, match="not-a-pack"):
        add_pack(tmp_path / "other")
    with pytest.raises(UsageError, match="unknown-pack"):
        get_pack("never")
    with pytest.raises(UsageError, match="unknown-pack"):
        get_pack("../escape")


def test_the_digest_tells_a_change_of_any_file(source):
    before = add_pack(source).digest
    path = source / VOCABULARY
    path.write_text(path.read_text(encoding="utf-8").replace("80788-3", "80788-4"), encoding="utf-8")
    assert add_pack(source).digest != before


def test_a_zip_that_breaks_half_way_is_told(source, tmp_path):
    path = zipped(source, tmp_path / "broken.zip")
    content = bytearray(path.read_bytes())
    content[30:34] = b"\0\0\0\0"
    content[content.index(b"PK\x03\x04", 40)] = 0
    path.write_bytes(content)
    with pytest.raises(UsageError, match="damaged-zip"):
        add_pack(path)
