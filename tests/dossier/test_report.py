"""The report: one accessible file that loads nothing, and quotes what a product says without obeying it."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from conformance.core.texts import LANGUAGES, Language
from conformance.core.words import Provenance, Verdict
from conformance.dossier import excerpt, report
from conformance.dossier.judged import verdicts_document
from conformance.dossier.outputs import Summary
from conformance.dossier.plain import canonical_json, clean, one_line
from conformance.dossier.report import render_report
from conformance.dossier.schema import validator
from conformance.dossier.tally import SHOWN, Tally

Make = Callable[..., Any]
STYLE = Path(report.__file__).parent / "templates" / "report.css"


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, run: Make) -> html.HtmlElement:
    lang: Language = request.param
    made = run()
    made.note(verb="MAIL", said="<img src=x onerror=alert(1)>")
    return html.document_fromstring(render_report(made.judged(), "ab" * 32, lang).encode())


def text_of(page: html.HtmlElement) -> str:
    return " ".join(page.text_content().split())


def test_the_page_says_its_language_and_its_root_hash(page: html.HtmlElement) -> None:
    lang = page.get("lang")
    assert lang in LANGUAGES
    assert "ab" * 32 in text_of(page)
    assert ("n'est pas une décision" if lang == "fr" else "is not a decision") in text_of(page)


def test_landmarks_and_headings_are_in_order(page: html.HtmlElement) -> None:
    assert [len(page.findall(f".//{name}")) for name in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    levels = [int(node.tag[1]) for node in page.iter("h1", "h2", "h3", "h4", "h5")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels


def test_tables_have_a_caption_and_scopes(page: html.HtmlElement) -> None:
    tables = page.findall(".//table")
    assert len(tables) == 3
    assert all(table.find("caption") is not None for table in tables)
    assert {node.get("scope") for node in page.iter("th")} == {"col", "row"}


def test_every_link_leads_somewhere_on_the_page(page: html.HtmlElement) -> None:
    ids = [node.get("id") for node in page.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    targets = {node.get("href") for node in page.iter("a", "use")}
    assert targets
    assert {target for target in targets if target[1:] not in ids} == set()


def test_a_verdict_is_told_in_words_beside_its_shape(page: html.HtmlElement) -> None:
    chips = [node for node in page.iter("span", "label") if "chip" in (node.get("class") or "").split()]
    assert len(chips) > 6
    for chip in chips:
        assert chip.text_content().strip()
        (shape,) = chip.findall("svg")
        assert shape.get("aria-hidden") == "true"
    shapes = {node.get("id") for node in page.iter("symbol")}
    assert shapes == {f"i-{verdict}" for verdict in Verdict}


def test_nothing_is_loaded_and_only_our_own_blocks_run(page: html.HtmlElement) -> None:
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    assert policy.startswith("default-src 'none'")
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (block,) = page.findall(f".//{tag}")
        digest = base64.b64encode(hashlib.sha256(block.text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert [node.tag for node in page.iter() if node.get("src") or node.get("style") or node.get("onclick")] == []
    assert list(page.iter("link", "img", "iframe", "object", "form")) == []


def test_what_a_product_says_is_quoted(run: Make) -> None:
    made = run()
    made.note(said="<img src=x onerror=alert(1)>")
    source = render_report(made.judged(), None, "en")
    assert "<script>alert" not in source
    assert "<img" not in source
    assert "\u202e" not in source
    assert "\\u202e" in source, "a reordering character is spelt out"


def test_a_requirement_tells_everything_an_auditor_asks(page: html.HtmlElement) -> None:
    failed = page.get_element_by_id("p1-T.02")
    assert (failed.get("data-verdict"), failed.get("data-chapter")) == ("fail", "MSS")
    told = " ".join(failed.text_content().split())
    french = page.get("lang") == "fr"
    for expected in (
        "Activez la signature." if french else "Turn the signature on.",
        "La signature est facultative." if french else "The signature is optional.",
        "X-Sign",
        "test.signed.missing",
        "test.note-sent",
        "1.1.1",
        "Test",
    ):
        assert expected in told, expected


def test_a_criticality_is_told_in_the_language_of_the_page(page: html.HtmlElement) -> None:
    cells = {" ".join(node.text_content().split()) for node in page.iter("td")}
    words = {"fr": "Non définie", "en": "Not defined"}
    assert words.pop(str(page.get("lang"))) in cells
    assert cells.isdisjoint(words.values())


def test_the_evidence_is_quoted_and_linked_to_what_cites_it(page: html.HtmlElement) -> None:
    records = [node for node in page.iter("details") if node.get("class") == "record"]
    told = " ".join(" ".join(node.text_content().split()) for node in records)
    assert "test/main/1" in told
    assert "Subject: bonjour" in told
    assert "T.01, T.02" in told
    cited = {node.get("href") for node in page.get_element_by_id("p1-T.02").iter("a")}
    assert {f"#{node.get('id')}" for node in records} & cited


def test_the_contract_of_each_check_is_shown_in_its_language(page: html.HtmlElement) -> None:
    shown = page.get_element_by_id("check-test.signed")
    (contract,) = (node for node in shown.iter("pre"))
    assert contract.get("lang") == "en"
    assert "Pass: the word is there." in contract.text_content()
    title = "Chaque note porte sa signature." if page.get("lang") == "fr" else "Every note is signed."
    assert title in shown.text_content()


def test_the_report_beside_the_dossier_is_the_one_inside_it(sealed: Summary) -> None:
    source = sealed.paths["report"].read_text(encoding="utf-8")
    assert str(sealed.root) in source
    assert 'lang="fr"' in source


def test_two_hundred_requirements_stay_under_two_megabytes(run: Make, row: Make) -> None:
    made = run(*(row(f"T.{n:03}", check="test.signed", statement="Une exigence " * 12) for n in range(200)))
    for n in range(40):
        made.note(f"Subject: {n}\r\n\r\n" + "x" * 5000, padding="y" * 4000)
    assert len(render_report(made.judged(), "ab" * 32).encode()) < 2_000_000


def test_beyond_its_bounds_the_appendix_names_records_without_quoting_them(
    run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run()
    made.note()
    monkeypatch.setattr(excerpt, "MAX_APPENDIX", 0)
    excerpts = excerpt.excerpts(made.judged())
    assert [e.cut for e in excerpts] == [False, *[True] * (len(excerpts) - 1)]
    assert len(excerpts) > 2


def test_a_lost_content_is_told_and_the_report_is_still_written(run: Make) -> None:
    made = run()
    made.note()
    judged = made.judged()
    for content in (made.folder / "content").glob("*/*"):
        content.unlink()
    assert "perdu ou altéré" in render_report(judged, None, "fr")


def test_a_bar_shows_every_verdict_and_fills_its_width() -> None:
    assert set(SHOWN) == set(Verdict)
    tally = Tally(dict.fromkeys(Verdict, 3))
    assert round(sum(width for *_, width in tally.segments), 0) == 1000


def test_completeness_is_never_rounded_up() -> None:
    assert Tally({Verdict.PASS: 199, Verdict.NOT_RUN: 1}).percent == 99
    assert Tally({Verdict.NOT_APPLICABLE: 4}).percent == 100


@pytest.mark.parametrize(
    ("wave", "background"), [("light", "sheet"), ("dark", "sheet"), ("light", "paper"), ("dark", "paper")]
)
def test_every_colour_of_text_has_the_contrast_of_wcag_aa(wave: str, background: str) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), flags=re.DOTALL)[:2]
    colours = dict(re.findall(r"--([a-z_]+): (#[0-9a-f]+)", light))
    if wave == "dark":
        colours |= dict(re.findall(r"--([a-z_]+): (#[0-9a-f]+)", dark))
    texts = ["ink", "soft", "link", *(str(verdict) for verdict in Verdict)]
    poor = {name: round(ratio, 2) for name in texts if (ratio := contrast(colours[name], colours[background])) < 4.5}
    assert poor == {}


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio of two sRGB colours."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("plain", "plain"), ("a\x00b", "a\\u0000b"), ("\ud800", "\\ud800"), ("\uffff", "\\uffff"), ("é\t\n", "é\t\n")],
)
def test_unwritable_characters_are_spelt_out(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_a_line_is_cut_where_asked() -> None:
    assert one_line("a  b\nc", 4) == "a b…"


def test_hardening_stands_apart_and_counts_in_no_verdict(run: Make) -> None:
    made = run()
    before = made.judged()
    assert 'id="hardening"' not in render_report(before, None, "en")
    window = "front.door@main#1"
    mark = {"marks": [window]}
    page = {"url": "https://dui.test/", "encrypted": True, "status": 200, "location": None, "headers": {}, "reason": ""}
    made.journal.append(
        "scenario", "main", "window.open", provenance=Provenance.HARNESS, data=_door(window, scenario="front.door")
    )
    made.journal.append(
        "scenario",
        "main",
        "expectation",
        provenance=Provenance.HARNESS,
        data={"window": window, "name": "front"},
        **mark,
    )
    made.journal.append("scenario", "main", "probe.headers", provenance=Provenance.PROBE, data=page, **mark)
    made.journal.append(
        "scenario", "main", "probe.budget", provenance=Provenance.PROBE, data={"complete": True}, **mark
    )
    after = made.judged()
    assert (after.counts, after.exit_code, after.proofs_due) == (before.counts, before.exit_code, before.proofs_due)
    assert after.hardening is not None
    assert {rule.check.id for rule in after.hardening.rules if rule.state == "weak"} >= {"hardening.hsts"}
    source = render_report(after, None, "en")
    assert "counts in no verdict" in source
    assert list(validator("verdicts").iter_errors(json.loads(canonical_json(verdicts_document(after))))) == []


def _door(window: str, **more: object) -> dict[str, object]:
    return {"window": window, "attempt": 1, "starts": {}, **more}
