"""Schematron to XSLT: our compiler against the ISO skeleton, the cache and its key, what is refused."""

from pathlib import Path

import pytest
from lxml import isoschematron

from conformance.official.chain import OfficialChain
from conformance.official.compiled import Compiler
from conformance.official.layout import SKELETON
from conformance.official.outcome import Status
from conformance.official.pack import add_pack
from conformance.official.schematron import Uncompilable, expand
from tests.checks.documents_made import n1, put, write
from tests.official.conftest import HEADER, SCH

# lxml carries the ISO skeleton for XSLT 1, which Saxon runs too: the same three steps as the sheets of a pack.
SHEETS = Path(isoschematron.__file__).parent / "resources" / "xsl" / "iso-schematron-xslt1"
LANGUAGE = "schematrons/profils/header/include/language.sch"
FAULTS = [None, put("h:code", code="00000-0"), put("h:code", displayName=None), write("h:title", " ")]


@pytest.fixture
def with_skeleton(source):
    engine = source / "schematrons" / "moteur"
    engine.mkdir()
    for path in SHEETS.glob("*.xsl"):
        (engine / path.name.replace("iso_svrl_for_xslt1", "iso_svrl_for_xslt2")).write_bytes(path.read_bytes())
    assert {path.name for path in engine.iterdir()} >= set(SKELETON)
    # It knows the binding of XSLT 1 only, and no variable in a pattern outside its rules.
    for path, old, new in (
        (HEADER, 'queryBinding="xslt2"', 'queryBinding="xslt"'),
        (LANGUAGE, "<let name=\"languages\" value=\"('fr-FR', 'en-US')\"/>", ""),
        (LANGUAGE, "$languages", "('fr-FR', 'en-US')"),
    ):
        file = source / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    return source


def told(verdict):
    return [(f.level, f.message("en"), f.where.xpath, f.where.line) for f in verdict.findings]


def test_the_skeleton_of_a_pack_and_our_compiler_tell_the_same(chain, with_skeleton):
    with OfficialChain(add_pack(with_skeleton, name="skeleton")) as other:
        assert (chain.compiler.name, other.compiler.name) == ("own", "pack")
        for fault in FAULTS:
            document = n1(fault)
            one, two = chain.judge(document), other.judge(document)
            assert told(one) == told(two)
            assert one.status is two.status is not Status.UNCHECKED


def test_a_compiled_sheet_is_kept_under_the_hash_of_the_rules_and_of_what_they_include(source, home):
    def compiled():
        pack = add_pack(source, name="kept")
        (header,) = [rules for rules in pack.layout.rules if rules.every]
        return Compiler(pack, lambda *_: pytest.fail("no skeleton here")).sheet(header)

    first = compiled()
    assert first == compiled()
    assert len(list((home / "official" / "compiled").iterdir())) == 1
    included = source / "schematrons/profils/header/include/abstract.sch"
    included.write_text(included.read_text(encoding="utf-8").replace("empty", "blank"), encoding="utf-8")
    assert compiled() != first


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('<pattern is-a="nowhere"/>', "nowhere"),
        ('<include href="absent.sch"/>', "absent.sch"),
        ('<include href="main.sch"/>', "nest too deep"),
    ],
)
def test_what_cannot_be_compiled_says_why(body, why):
    files = {"main.sch": f'<schema xmlns="{SCH}">{body}</schema>'}

    def read(path):
        try:
            return files[path].encode()
        except KeyError as exc:
            raise FileNotFoundError(path) from exc

    with pytest.raises(Uncompilable, match=why):
        expand("main.sch", read)


def test_rules_that_do_not_compile_give_no_verdict_and_the_others_run(chain, document):
    (header,) = [rules for rules in chain.pack.layout.rules if rules.every]
    path = chain.pack.path_of(HEADER)
    path.write_text(path.read_text(encoding="utf-8").replace('rule="named"', 'rule="unknown"'), encoding="utf-8")
    verdict = chain.judge(document)
    assert {o.family: str(o.status) for o in verdict.outcomes} == {"XSD": "accepted", header.id: "unchecked"}
    assert "unknown" in verdict.outcomes[-1].why()
