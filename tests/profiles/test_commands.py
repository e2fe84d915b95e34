"""The commands on profiles: what they answer, in which shape, with which exit code."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import conformance
from conformance import _bundled
from conformance.cli.main import cli, main
from conformance.core.profile import load_profile
from conformance.core.texts import use_language

SCHEMAS = Path(conformance.__file__).parent / "schemas"


@pytest.fixture(autouse=True)
def _english():
    use_language("en")
    yield
    use_language(None)


def asked(*arguments):
    result = CliRunner().invoke(cli, ["profile", *arguments], standalone_mode=False)
    assert result.exception is None, result.exception
    return result.output


def follows(name, document):
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []


def exits(*arguments):
    with pytest.raises(SystemExit) as left:
        main(["profile", *arguments])
    return left.value.code


def test_list_names_each_profile_and_its_counts() -> None:
    told = asked("list")
    assert "ms1-dui-va1\n" in told
    assert "54 requirements, 21 of them assumed" in told
    assert "133 requirements, 0 of them assumed" in told


def test_coverage_answers_in_the_agreed_shape() -> None:
    answer = json.loads(asked("coverage", "socle-va2", "--format", "json"))
    assert follows("coverage.json", answer)
    ways = ("automatic", "guided", "attested", "untestable", "planned", "uncovered")
    assert sum(answer[way] for way in ways) == answer["requirements"] == 133
    assert sum(answer["classes"].values()) == 133
    profile = load_profile(_bundled.folder("profiles") / "socle-va2.yaml")
    assert sum(answer["aspects"].values()) == sum(len(r.aspects) for r in profile.requirements)


def test_coverage_in_text_is_a_table() -> None:
    lines = [line.split() for line in asked("coverage", "ms1-dui-va1").splitlines()]
    assert ["requirements", "aspects"] in lines
    assert [line[1] for line in lines if line[:1] == ["total"]] == ["54"]


def test_show_in_json_is_the_profile_itself(tmp_path) -> None:
    answer = json.loads(asked("show", "ms1-dui-va1", "--format", "json"))
    assert follows("profile.json", answer)
    again = tmp_path / "again.yaml"
    again.write_text(json.dumps(answer), encoding="utf-8")
    source = load_profile(_bundled.folder("profiles") / "ms1-dui-va1.yaml")
    assert load_profile(again).requirements == source.requirements


def test_show_in_text_marks_assumed_rows_and_what_is_left_out() -> None:
    told = asked("show", "ms1-dui-va1")
    assert "  SC.ANN.06 [DOIT, W, automatic, assumed]" in told
    assert "  SC.DOC.08.MS1 [DOIT, D, automatic, if Spécifique - PA/PH]" in told
    assert "Left out (139)" in told
    assert told.index("INS (22)") < told.index("MSS (10)") < told.index("EPR (1)")


def test_show_names_what_proves_each_aspect_of_one_chapter() -> None:
    told = asked("show", "ms1-dui-va1", "--chapter", "DMP")
    assert "DMP (5)" in told
    assert "MSS (10)" not in told
    assert "Left out" not in told
    assert "  SC.DMP.01.MS1 [DOIT, W, partly planned]" in told
    assert "  SC.MES.01 [PEUT, W, planned]" in told
    assert "          checks: dmp.replacement\n          scenarios: dmp.replace\n" in told


def test_an_unknown_chapter_is_told_with_those_that_are(capsys) -> None:
    assert exits("show", "ms1-dui-va1", "--chapter", "DPM") == 2
    assert "ANN, DMP, DOC" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["ms1-dui-va1", "socle-va2"])
def test_the_page_of_the_dmp_says_how_each_row_is_verified(name) -> None:
    page = (Path(__file__).parents[2] / "docs" / "services" / "dmp.md").read_text(encoding="utf-8")
    written = {cells[1]: set(re.findall(r"`([^`]+)`", cells[3])) for cells in rows_of(page) if cells[0] == f"`{name}`"}
    profile = load_profile(_bundled.folder("profiles") / f"{name}.yaml")
    rows = [r for r in profile.requirements if r.chapter == "DMP"]
    assert written == {
        way: {r.id for r in rows if r.verification == way} for way in {str(r.verification) for r in rows}
    }


def rows_of(page):
    """The cells of each row of the tables of a page."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]


def test_a_path_serves_as_a_name() -> None:
    path = _bundled.folder("profiles") / "socle-va2.yaml"
    assert asked("coverage", str(path)) == asked("coverage", "socle-va2")


def test_an_unknown_name_suggests_the_closest_and_exits_2(capsys) -> None:
    assert exits("show", "socle-va3") == 2
    assert "socle-va2" in capsys.readouterr().err


def test_import_writes_a_profile_that_the_other_commands_read(books, tmp_path) -> None:
    row = books.public("MSS/CONF.16", "Texte.", **{"N° scénario": "01", "N° preuve 1": "01", "Preuve 1": "Vidéo"})
    source = books.book(tmp_path / "REM-MS-DUI-Va2.xlsx", books.PUBLIC, [row, books.public("ZZ.01", "Autre.")])
    out = tmp_path / "mine.yaml"
    told = asked("import", str(source), "--out", str(out))
    assert "1 requirements take over the aspects of profile socle-va2" in told
    assert "published REM, 2 rows read" in told
    answer = json.loads(asked("coverage", str(out), "--format", "json"))
    assert (answer["requirements"], answer["uncovered"]) == (2, 0)
    assert follows("profile.json", json.loads(asked("show", str(out), "--format", "json")))


def test_import_never_overwrites_and_exits_2(books, tmp_path, capsys) -> None:
    source = books.book(tmp_path / "b.xlsx", books.PUBLIC, [books.public("ZZ.01", "Autre.")])
    out = tmp_path / "mine.yaml"
    out.write_text("kept", encoding="utf-8")
    assert exits("import", str(source), "--out", str(out)) == 2
    assert out.read_text(encoding="utf-8") == "kept"
    assert "profile.import.exists" in capsys.readouterr().err


def test_import_tells_the_place_of_a_defect_and_exits_2(books, tmp_path, capsys) -> None:
    source = books.book(tmp_path / "b.xlsx", books.CONVERGENCE, [books.convergence("XYZ.01", None)])
    assert exits("import", str(source), "--out", str(tmp_path / "x.yaml")) == 2
    assert "sheet 'Exigences', row 2, column E" in capsys.readouterr().err
    assert not (tmp_path / "x.yaml").exists()
