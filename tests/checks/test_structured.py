"""Structured documents: their form as they leave, and what the style sheet that comes with them displays."""

from dataclasses import replace

import pytest
from conformance._bundled.fixtures.documents.n3 import fludt
from conformance._bundled.fixtures.documents.presenting import PLAIN, present

from conformance.bench.rendering import render
from conformance.bench.style_sheet import rendered
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.reception_kept import sheet_of
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.core.words import Provenance
from tests.checks.journals import Play
from tests.checks.mails import DOCTOR, carrier, spec

TRANSFER = "74207-2"
ADDED = (("Habitudes de vie", "Aime jardiner le matin"),)
HIDING = PLAIN.replace("/c:section", "/c:section[c:templateId]")


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def transfer(**changes):
    name = repr(sorted(changes.items()))
    return replace(
        spec(type_code=TRANSFER, number=len(name)), body="fludt", unique_id=f"2.25.{abs(hash(name))}", **changes
    )


def displayed(play, one):
    """Send a document and have the bench display it, as ``acts/rendering.py`` does."""
    play.expect(DOCTOR)
    raw = bytes(carrier(one))
    record = play.message(raw, DOCTOR)
    for name, content in attached(raw):
        if is_archive(name, content):
            archive = XdmArchive.from_bytes(content)
            for document in archive.documents:
                made = render(document, archive.files[document.part], archive.files)
                play.journal.append(
                    "scenario", "a", "cda.rendered", provenance=Provenance.PROBE, marks=(DOCTOR,),
                    data={
                        "window": play.window, "message": record, "unique_id": document.unique_id,
                        "part": document.part, "sheet": made.sheet, "outcome": made.outcome, "reason": made.reason,
                    },
                    blobs={"output": made.output} if made.output else None,
                )  # fmt: skip
    return play


@pytest.mark.parametrize(
    ("sheet", "codes"),
    [
        (PLAIN, set()),
        ("", {"cda.presented.no-sheet"}),
        (PLAIN.replace('<xsl:apply-templates select="c:text"/>', ""), {"cda.presented.hidden"}),
        (PLAIN.replace("c:title", "c:title["), {"cda.presented.fails"}),
    ],
)
def test_each_section_is_displayed(play, sheet, codes):
    assert set(displayed(play, transfer(sheet=sheet)).codes("cda.presented")) == codes


@pytest.mark.parametrize(
    ("added", "sheet", "codes"),
    [
        (ADDED, PLAIN, []),
        (ADDED, HIDING, ["cda.added-sections.hidden"]),
        ((), PLAIN, ["cda.added-sections.absent"]),
        (ADDED, "", ["cda.presented.no-sheet"]),
    ],
)
def test_an_added_section_is_displayed_too(play, added, sheet, codes):
    rows = [{"title": title, "text": text} for title, text in ADDED]
    play.bench("expectation", name="added-sections", to=DOCTOR, sections=rows)
    assert displayed(play, transfer(sheet=sheet, added=added)).codes("cda.added-sections") == codes


@pytest.mark.parametrize(("body", "codes"), [("fludt", []), ("n1", ["mail.structured.none"])])
def test_a_structured_document_leaves_as_such(play, body, codes):
    play.bench("expectation", name="structured-document", to=DOCTOR, type_code=TRANSFER)
    play.expect(DOCTOR)
    play.message(bytes(carrier(replace(spec(type_code=TRANSFER), body=body, unique_id=f"2.25.77{len(body)}"))), DOCTOR)
    assert play.codes("mail.structured") == codes


def test_a_style_sheet_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr("conformance.bench.rendering.PATIENCE", 2)
    loop = (
        '<xsl:template match="c:section"><xsl:for-each select="//node()"><xsl:for-each select="//node()">'
        '<xsl:for-each select="//node()"><xsl:value-of select="count(//node())"/></xsl:for-each>'
        "</xsl:for-each></xsl:for-each></xsl:template>"
    )
    content = present(fludt(transfer()), PLAIN.replace("</xsl:stylesheet>", loop + "</xsl:stylesheet>"))
    made = render(CdaDocument.from_bytes(content), content, {})
    assert (made.outcome, made.output) == ("limit", b"")


def test_a_style_sheet_reads_nothing_outside_the_document(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_text("<told>secret</told>")
    asking = f"<xsl:value-of select=\"document('{secret.as_uri()}')\"/>"
    content = present(fludt(transfer()), PLAIN.replace("<body>", f"<body>{asking}"))
    assert b"secret" not in rendered(content, content)


def test_a_sheet_beside_the_document_is_found_by_its_name():
    document = fludt(transfer()).replace(b"?>", b'?><?xml-stylesheet type="text/xsl" href="style/one.xsl"?>', 1)
    made = render(CdaDocument.from_bytes(document), document, {"IHE_XDM/SUBSET01/one.xsl": PLAIN.encode()})
    assert (made.sheet, made.outcome) == ("beside", "rendered")
    assert render(CdaDocument.from_bytes(document), document, {}).reason == "one.xsl"


def test_the_style_sheet_of_a_document_is_compared_by_its_instructions():
    one, same = (CdaDocument.from_bytes(present(fludt(transfer()))) for _ in range(2))
    other = CdaDocument.from_bytes(present(fludt(transfer()), HIDING))
    assert sheet_of(one) == sheet_of(same) != sheet_of(other)
    assert sheet_of(CdaDocument.from_bytes(fludt(transfer()))) == ()
