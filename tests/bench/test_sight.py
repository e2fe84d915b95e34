"""What the bench's browser reads on a page: what is displayed, on which line, and where its links lead."""

import pytest

from conformance.bench.sight import MAX_ELEMENTS, Sight, Wanted

TABLE = """<html><head><title>Titre</title></head><body><h1>Dossier de DURAND</h1>
<select><option>Refusé</option><option selected>Tous</option></select>
<table><tr><th>Lettre</th><td><span class="badge">Versé</span></td></tr>
<tr><th>Bilan</th><td><img src="x" alt="Refusé"></td></tr></table></body></html>"""
CARDS = """<body><div><div><p>Lettre</p><p>Versé</p></div><div><p>Bilan</p><p>Refusé</p></div></div></body>"""


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("<p>Identité qualifiée</p>", True),
        ("<p>Identité\n   <b>qualifiée</b></p>", True),
        ("<p>Identité quali<b>fiée</b></p>", True),
        ("<p>Identit&eacute; qualifi&#233;e</p>", True),
        ('<img alt="Identité qualifiée">', True),
        ('<i aria-label="Identité qualifiée"></i>', True),
        ("<p>Identité</p><p>qualifiée</p>", True),
        ("<li>Identité</li>qualifiée", True),
        ("<p>Identitéqualifiée</p>", False),
        ("<!-- Identité qualifiée -->", False),
        ("<script>'Identité qualifiée'</script>", False),
        ("<template><p>Identité qualifiée</p></template>", False),
        ("<p hidden>Identité <b>qualifiée</b></p>", False),
        ("<details><summary>Plus</summary><p>Identité qualifiée</p></details>", False),
        ("<details open><summary>Plus</summary><p>Identité qualifiée</p></details>", True),
        ("<details><summary>Identité qualifiée</summary></details>", True),
        ("<select><option>Identité qualifiée</option></select>", False),
        ("<select><option selected>Identité qualifiée</option></select>", True),
        ("", False),
    ],
)
def test_what_needs_no_click_is_read_and_nothing_else(body, read) -> None:
    assert Sight(f"<html><head><title>t</title></head><body>{body}</body></html>").reads(["Identité qualifiée"]) == (
        ["Identité qualifiée"] if read else []
    )


@pytest.mark.parametrize("page", [TABLE, CARDS])
def test_a_word_belongs_to_the_line_that_it_stands_on(page) -> None:
    told = Sight(page).beside(("Lettre", "Bilan", "Ordonnance"), ("Versé", "Refusé"))
    assert told == {"Lettre": ["Versé"], "Bilan": ["Refusé"]}


def test_the_line_of_the_only_anchor_is_the_whole_page() -> None:
    assert Sight(TABLE).beside(("Lettre",), ("Versé", "Refusé")) == {"Lettre": ["Versé", "Refusé"]}


def test_an_anchor_that_stands_in_two_places_has_both_lines() -> None:
    page = "<ul><li>Lettre <b>Versé</b></li><li>Bilan</li><li>Lettre <b>Refusé</b></li></ul>"
    assert Sight(page).beside(("Lettre", "Bilan"), ("Versé", "Refusé"))["Lettre"] == ["Versé", "Refusé"]


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ('<a href="/aide/dmp">Aide</a>', True),
        ('<a href="../aide/dmp#haut">Aide</a>', True),
        ('<a href="http://dui.test/aide/dmp">Aide</a>', True),
        ('<a hidden href="/aide/dmp">Aide</a>', False),
        ('<a href="/aide/dmp2">Aide</a>', False),
        ('<a href="http://[">Aide</a>', False),
        ("/aide/dmp", False),
        ("<a>Aide</a>", False),
    ],
)
def test_a_link_is_known_by_where_it_leads(link, found) -> None:
    sight = Sight(f"<body><p>{link}</p></body>", "http://dui.test/personnes/1")
    assert sight.links(["/aide/dmp"]) == (["/aide/dmp"] if found else [])


@pytest.mark.parametrize(
    "page",
    [
        "",
        "\x00",
        "<",
        "<!-- ",
        "x" * 10,
        '{"json": 1}',
        "<div>" * 5000,
        "<b>" * (MAX_ELEMENTS + 10),
        "\ud800",
        "<?xml?>",
    ],
)
def test_a_page_that_is_none_shows_nothing_that_is_not_there(page) -> None:
    sight = Sight(page, "http://dui.test/")
    assert sight.reads(["Identité qualifiée"]) == []
    assert sight.beside(("Lettre",), ("Versé",)) == {}
    assert sight.links(["/aide"]) == []


def test_only_what_was_looked_for_is_noted() -> None:
    assert Wanted(texts=("DURAND", "MARTIN")).on(TABLE, "") == {"shows": ["DURAND"]}
    noted = Wanted(reads=("Titre", "Tous"), anchors=("Bilan", "Lettre"), beside=("Refusé",)).on(TABLE, "")
    assert noted == {"shows": [], "reads": ["Tous"], "links": [], "beside": {"Bilan": ["Refusé"], "Lettre": []}}


def test_what_is_displayed_is_told_from_what_the_source_holds() -> None:
    page = "<p>Identité Validée</p><details><summary>Plus</summary>Une identité qualifiée</details>"
    page += "<details><summary>Autre</summary><p>Une identité récupérée</p></details>"
    texts = ("validée", "qualifiée", "récupérée")
    assert Wanted(texts, loosely=True).on(page, "") == {"shows": list(texts)}
    assert Wanted(texts, loosely=True, displayed=True).on(page, "") == {"shows": ["validée"]}
