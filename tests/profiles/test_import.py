"""Official workbooks in each layout, with the damage that the exports do to them."""

import json
import warnings
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

import conformance
from conformance import _bundled
from conformance.core.errors import UsageError
from conformance.core.profile import load_profile, profile_of
from conformance.core.words import Keyword, Verification
from conformance.profiles_io import archive, ids, layout, workbook
from conformance.profiles_io.cells import plain, unmarked
from conformance.profiles_io.drafting import draft

KNOWN = [load_profile(_bundled.folder("profiles") / f"{name}.yaml") for name in ("ms1-dui-va1", "socle-va2")]
SCHEMA = json.loads((Path(conformance.__file__).parent / "schemas" / "profile.json").read_text(encoding="utf-8"))


def imported(path):
    """The draft and the profile that it loads as; the draft follows the schema."""
    made = draft(path, workbook.read(path), KNOWN)
    assert [e.message for e in Draft202012Validator(SCHEMA).iter_errors(made.data)] == []
    return made, profile_of(made.data, digest="", origin=path.name)


def refused(path):
    with pytest.raises(UsageError) as caught:
        workbook.read(path)
    assert caught.value.exit_code == 2
    return caught.value


# -- layouts


def test_a_convergence_export_is_merged_by_requirement_scenario_and_proof(books, tmp_path) -> None:
    first = {"N° scénario": "XYZ.01.01", "Scénario de conformité": "<p>Jouer</p>"}
    path = books.book(
        tmp_path / "EXPORT_CONVERGENCE_05022024_ABC_J1.xlsx",
        books.CONVERGENCE,
        [
            books.convergence(
                "XYZ.01",
                "<p>Le syst&egrave;me DOIT agir.</p>",
                **first,
                **{"N° preuve": "XYZ.01.01.01", "Preuve": "Film"},
            ),
            books.convergence(
                "XYZ.01",
                "<p>Le syst&egrave;me DOIT agir.</p>",
                **first,
                **{"N° preuve": "XYZ.01.01.02", "Preuve": "Journal"},
            ),
            books.convergence(
                "XYZ.01", "<p>Le syst&egrave;me DOIT agir.</p>", **{"N° scénario": "XYZ.01.02", "Criticité": "Majeure"}
            ),
            books.convergence("XYZ.02", "Le produit PEUT aider."),
        ],
    )
    book = workbook.read(path)
    assert (book.layout.kind, book.rows) == ("convergence", 4)
    made, profile = imported(path)
    assert profile.version == "2024-02-05"
    act, help_ = profile.requirements
    assert act.statement.fr == "Le système DOIT agir."
    assert [p.id for p in act.proofs] == ["XYZ.01.01.01", "XYZ.01.01.02"]
    assert [s["id"] for s in made.data["requirements"][0]["official_scenarios"]] == ["XYZ.01.01", "XYZ.01.02"]
    assert (act.level, help_.level) == (Keyword.DOIT, Keyword.PEUT)
    assert {a.verification for r in profile.requirements for a in r.aspects} == {Verification.PLANNED}


def test_the_older_template_of_eleven_columns_loads(books, tmp_path) -> None:
    row = ("XYZ.01", "MSS", "Envoi", "Le système DOIT agir.", "Général", "XYZ.01.01", "S", "XYZ.01.01.01", "P", None)
    path = books.book(
        tmp_path / "gabarit.xlsx",
        books.OLDER,
        [(*row, "Publiée"), ("XYZ.02", "MSS", "", "DOIT", "", *[None] * 5, "Obsolète")],
    )
    assert workbook.read(path).layout.kind == "convergence-11"
    _, profile = imported(path)
    assert [r.id for r in profile.requirements] == ["XYZ.01"]
    assert [left.id for left in profile.out_of_scope] == ["XYZ.02"]
    assert "Obsolète" in profile.out_of_scope[0].reason.fr


def test_a_public_rem_keeps_its_ten_pairs_of_proofs(books, tmp_path) -> None:
    proofs = {f"N° preuve {i}": f"MS.AB/01.01.{i:02d}" for i in range(1, 11)} | {
        f"Preuve {i}": f"Pièce {i}" for i in range(1, 11)
    }
    path = books.book(
        tmp_path / "REM-MS-DUI-Va2.xlsx",
        books.PUBLIC,
        [books.public("MS.AB/01", "Le système DOIT agir.", **{"N° scénario": "MS.AB/01.01", **proofs})],
    )
    assert workbook.read(path).layout.kind == "rem-public"
    _, profile = imported(path)
    assert (profile.referential, profile.version) == ("REM-MS-DUI", "Va2")
    assert len(profile.requirements[0].proofs) == 10


def test_a_rem_before_publication_leaves_out_what_it_refuses(books, tmp_path) -> None:
    path = books.book(
        tmp_path / "REM.xlsx",
        books.PREPUBLICATION,
        [
            books.public("MSS/ZZ.01", "A", **{"Bon pour publication": "OUI"}),
            books.public("MSS/ZZ.02", "B", **{"Bon pour publication": "NON"}),
        ],
    )
    assert workbook.read(path).layout.kind == "rem-prepublication"
    _, profile = imported(path)
    assert ([r.id for r in profile.requirements], [o.id for o in profile.out_of_scope]) == (
        ["MSS/ZZ.01"],
        ["MSS/ZZ.02"],
    )


def test_headers_are_known_without_accents_case_or_blanks_and_below_a_title(books, tmp_path) -> None:
    headers = [
        "  PERIMETRE ",
        "Id",
        "chapitre",
        "FONCTION",
        "exigence ",
        "commentaire",
        "PROFIL",
        "No  Scenario",
        "SCENARIO DE\nCONFORMITE",
        "Nº Preuve",
        "preuve",
    ]
    row = ("V", "XYZ.01", "MSS", "F", "Le système DOIT agir.", None, "Général", "XYZ.01.01", "S", "XYZ.01.01.01", "P")
    path = books.book(tmp_path / "b.xlsx", headers, [row], title="exigences ", before=[["Référentiel"], [], []])
    read = workbook.read(path)
    assert (read.layout.row, read.layout.kind) == (4, "convergence")
    assert read.requirements[0].proofs == {"XYZ.01.01.01": "P"}


def test_the_sheet_of_requirements_is_chosen_before_its_look_alikes(books, tmp_path) -> None:
    path = books.book(tmp_path / "b.xlsx", books.CONVERGENCE, [books.convergence("XYZ.01", "Le système DOIT agir.")])
    made = load_workbook(path)
    other = made.create_sheet("Historique", 0)
    other.append(books.CONVERGENCE)
    other.append([None, "OLD.01", None, None, "Ancien", None, "Général"])
    made.save(path)
    assert [r.id for r in workbook.read(path).requirements] == ["XYZ.01"]


# -- damage


@pytest.mark.parametrize(
    ("found", "requirement", "expected"),
    [
        ("01.01", "PSC.01", "PSC.01.01"),
        ("02", "MSS/UX.39", "MSS/UX.39.02"),
        ("08.01", "CDA/INT.08", "CDA/INT.08.01"),
        ("DMP/HISTO.03", "DMP/HISTO.03", "DMP/HISTO.03"),
        ("", "PSC.01", ""),
    ],
)
def test_a_scenario_gets_its_prefix_back(found, requirement, expected) -> None:
    assert ids.child(found, requirement) == expected


@pytest.mark.parametrize(
    ("found", "requirement", "scenario", "expected"),
    [
        ("08.01.01", "CDA/INT.08", "CDA/INT.08.01", "CDA/INT.08.01.01"),
        ("3.1.2", "SC.DOC.03.MS1", "", "SC.DOC.03.MS1.1.2"),
        ("02", "PSC.01", "PSC.01.01", "PSC.01.01.02"),
        ("PSC.01.08.01", "PSC.08", "PSC.08.01", "PSC.01.08.01"),
    ],
)
def test_a_proof_gets_its_prefix_back(found, requirement, scenario, expected) -> None:
    assert ids.proof(found, requirement, scenario) == expected


def test_a_requirement_gets_its_prefix_from_its_section_or_its_scenario(books, tmp_path) -> None:
    rows = [
        books.public("01", "Le système DOIT agir.", **{"ID Section": "PSC", "N° scénario": "01.01"}),
        books.public("02", "Le système DOIT agir.", **{"ID Section": "", "N° scénario": "INS.02.01"}),
    ]
    read = workbook.read(books.book(tmp_path / "b.xlsx", books.PUBLIC, rows))
    assert [(r.id, list(r.scenarios)) for r in read.requirements] == [
        ("PSC.01", ["PSC.01.01"]),
        ("INS.02", ["INS.02.01"]),
    ]


def test_html_is_undone_and_what_only_looks_like_a_tag_stays() -> None:
    html = (
        '<p class="mb-1">Envoi&nbsp;&eacute;lectronique</p><ul class="mb-1"><li>un</li><li>deux</li></ul>DDM+<NOM> fin'
    )
    assert unmarked(html) == "Envoi électronique\n* un\n* deux\nDDM+<NOM> fin"
    assert plain("XDM/1.0/DDM+<libellé> <NOM>") == "XDM/1.0/DDM+<libellé> <NOM>"
    assert plain(12.0) == "12"


def test_merged_cells_and_empty_rows_do_not_break_a_requirement(books, tmp_path) -> None:
    path = books.book(
        tmp_path / "b.xlsx",
        books.CONVERGENCE,
        [
            books.convergence(
                "XYZ.01",
                "Le système DOIT agir.",
                **{"N° scénario": "XYZ.01.01", "N° preuve": "XYZ.01.01.01", "Preuve": "un"},
            ),
            {"N° preuve": "XYZ.01.01.02", "Preuve": "deux"},
            {},
            {"N° preuve": "03", "Preuve": "trois"},
        ],
    )
    (requirement,) = workbook.read(path).requirements
    assert requirement.proofs == {"XYZ.01.01.01": "un", "XYZ.01.01.02": "deux", "XYZ.01.01.03": "trois"}


def test_hidden_rows_are_read_and_told_and_far_styles_cost_nothing(books, tmp_path) -> None:
    path = books.book(tmp_path / "b.xlsx", books.CONVERGENCE, [books.convergence(f"XYZ.0{i}", "DOIT") for i in (1, 2)])
    made = load_workbook(path)
    made["Exigences"].row_dimensions[3].hidden = True
    made["Exigences"].cell(row=1_048_576, column=16_384).number_format = "0.00"
    made.save(path)
    read = workbook.read(path)
    assert [r.id for r in read.requirements] == ["XYZ.01", "XYZ.02"]
    assert [(n.code, dict(n.values)) for n in read.notes] == [("profile.import.hidden", {"count": 1, "row": 3})]
    assert "1 lignes masquées" in read.notes[0].told("fr")


def test_a_statement_told_twice_keeps_the_first_and_says_so(books, tmp_path) -> None:
    path = books.book(
        tmp_path / "b.xlsx", books.CONVERGENCE, [books.convergence("XYZ.01", t) for t in ("DOIT un", "DOIT deux")]
    )
    read = workbook.read(path)
    assert read.requirements[0].members["statement"] == "DOIT un"
    assert dict(read.notes[0].values) == {"row": 3, "id": "XYZ.01", "column": "E", "first": 2}


# -- what is taken over


def test_what_a_shipped_profile_knows_is_taken_over_and_the_official_text_stays(books, tmp_path) -> None:
    path = books.book(
        tmp_path / "REM-MS-DUI-Va2.xlsx",
        books.PUBLIC,
        [
            books.public("SC.MSS/CONF.12", "Texte officiel.", Profil="bal app"),
            books.public(
                "MS.RPT/RAMA.01", "Autre texte.", **{"ID Section": "MS.RPT", "Profil": "Médecin coordonnateur"}
            ),
        ],
    )
    made, profile = imported(path)
    model = next(r for r in KNOWN[1].requirements if r.id == "MSS/CONF.12")
    taken, new = profile.requirements
    assert taken.aspects == model.aspects
    assert taken.aliases == ("MSS/CONF.12",)
    assert taken.statement.fr == "Texte officiel."
    assert (taken.condition, new.condition) == ("bal_app", "medecin_coordonnateur")
    assert (taken.chapter, new.chapter) == ("MSS", "RPT")
    assert [a.verification for a in new.aspects] == [Verification.PLANNED]
    assert profile.conditions["bal_app"].question == KNOWN[1].conditions["bal_app"].question
    assert made.taken == {"socle-va2": 1}
    assert profile.parameters == KNOWN[1].parameters
    assert "1" in profile.notice.fr


def test_proofs_are_due_to_whom_their_text_names(books, tmp_path) -> None:
    texts = ["Justificatif de l'homologation CNDA", "[INTEROP] Lien", "Formulaire signé PASSI", "Vidéo"]
    cells = {f"Preuve {i}": t for i, t in enumerate(texts, 1)} | {
        f"N° preuve {i}": f"ZZ.01.01.0{i}" for i in range(1, 5)
    }
    _, profile = imported(books.book(tmp_path / "b.xlsx", books.PUBLIC, [books.public("ZZ.01", "DOIT", **cells)]))
    assert [p.due_to for p in profile.requirements[0].proofs] == ["CNDA", "Gazelle", "PASSI", "ANS"]


# -- refusals


def test_each_refusal_names_its_place(books, tmp_path) -> None:
    cases = [
        ([{"Preuve": "seule"}], "profile.import.no-id", 2, "B"),
        ([books.convergence("01", "DOIT")], "profile.import.truncated-id", 2, "B"),
        ([books.convergence("XYZ.01", None)], "profile.import.no-statement", 2, "E"),
        (
            [books.convergence("XYZ.01", "DOIT"), books.convergence("XYZ.02", "#REF!")],
            "profile.import.cell-error",
            3,
            "E",
        ),
    ]
    for number, (rows, code, row, column) in enumerate(cases):
        card = refused(books.book(tmp_path / f"{number}.xlsx", books.CONVERGENCE, rows))
        assert (card.code, card.values["sheet"], card.values["row"], card.values["column"]) == (
            code,
            "Exigences",
            row,
            column,
        )
        assert f"colonne {column}" in card.card("fr")


def test_two_natures_for_one_requirement_are_refused(books, tmp_path) -> None:
    rows = [books.public("ZZ.01", "DOIT"), books.public("ZZ.01", "DOIT", **{"Nature de l'exigence": "PRECONISATION"})]
    card = refused(books.book(tmp_path / "b.xlsx", books.PUBLIC, rows))
    assert (card.code, card.values["row"], card.values["column"]) == ("profile.import.two-natures", 3, "G")


def test_a_workbook_without_the_headers_says_which_are_missing(books, tmp_path) -> None:
    card = refused(books.book(tmp_path / "b.xlsx", ["ID", "Profil", "Prix"], [("1", "2", "3")]))
    assert (card.code, card.values["fields"]) == ("profile.import.layout", "statement")
    assert refused(books.book(tmp_path / "c.xlsx", books.CONVERGENCE, [])).code == "profile.import.empty"


def test_what_is_no_workbook_is_refused(tmp_path) -> None:
    assert refused(tmp_path / "absent.xlsx").code == "profile.import.unreadable"
    text = tmp_path / "texte.xlsx"
    text.write_text("ID;Exigence", encoding="utf-8")
    assert refused(text).code == "profile.import.not-workbook"
    bare = tmp_path / "bare.xlsx"
    with zipfile.ZipFile(bare, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
    assert refused(bare).code == "profile.import.not-workbook"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("damage", [b"", b"<", b"<a/>", b"<worksheet><sheetData><row r='x'/></sheetData></worksheet>"])
def test_a_damaged_part_is_refused_or_read_but_never_breaks(books, tmp_path, part, damage) -> None:
    path = books.book(tmp_path / "b.xlsx", books.CONVERGENCE, [books.convergence("XYZ.01", "DOIT")])
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "d.xlsx", "w") as made:
        for name in source.namelist():
            made.writestr(name, damage if name == part else source.read(name))
    try:
        ids_read = [r.id for r in workbook.read(tmp_path / "d.xlsx").requirements]
    except UsageError as card:
        assert card.code.startswith("profile.import.")  # noqa: PT017 - either outcome is right, a crash is not
    else:
        assert ids_read == ["XYZ.01"]


def test_a_bomb_is_refused_before_it_is_parsed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1024 * 1024)
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/worksheets/sheet1.xml", b" " * 2 * 1024 * 1024)
    assert bomb.stat().st_size < 8192
    assert refused(bomb).code == "profile.import.too-large"
    monkeypatch.setattr(archive, "MAX_PARTS", 1)
    assert refused(bomb).code == "profile.import.too-many-parts"
    monkeypatch.setattr(archive, "MAX_PARTS", 9)
    monkeypatch.setattr(archive, "MAX_TAGS", 0)
    assert refused(bomb).code == "profile.import.too-many-tags"
    monkeypatch.setattr(archive, "MAX_PACKED", 10)
    assert refused(bomb).code == "profile.import.too-large"


@pytest.mark.parametrize(
    "content",
    [b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")],
)
def test_a_workbook_that_declares_entities_is_refused(books, tmp_path, content) -> None:
    path = books.book(tmp_path / "b.xlsx", books.CONVERGENCE, [books.convergence("XYZ.01", "DOIT")])
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as made:
        made.writestr("xl/custom.xml", content)
    card = refused(path)
    assert (card.code, card.values["part"]) == ("profile.import.entities", "xl/custom.xml")


def test_rows_are_bounded(books, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 2)
    rows = [books.convergence(f"XYZ.0{i}", "DOIT") for i in range(1, 5)]
    card = refused(books.book(tmp_path / "b.xlsx", books.CONVERGENCE, rows))
    assert (card.code, card.values["row"]) == ("profile.import.too-many-rows", 4)


def test_headers_are_normalised() -> None:
    assert layout.normalised(" N°  Scénario\n") == "n scenario"
    assert layout.normalised(None) == ""
