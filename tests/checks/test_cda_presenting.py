"""Documents that present themselves: the style sheet around them is judged, and the document inside as any other."""

import pytest

from conformance.checks.documents import judge_bytes
from tests.checks.documents_made import n1

XSL = "http://www.w3.org/1999/XSL/Transform"
APPLIED = '<?xml-stylesheet type="text/xsl" href="#"?>'


def presented(sheet="", *, version=' version="1.0"', before=APPLIED, data="", name="stylesheet", document=None):
    inner = (document or n1()).decode().split("?>", 1)[1]
    held = f'<k:Contenu xmlns:k="urn:asip-sante:ci-sis">{inner}</k:Contenu>'
    root = f'<x:{name} xmlns:x="{XSL}"{version}>{held}{data}{sheet}</x:{name}>'
    return f"<?xml version='1.0' encoding='UTF-8'?>{before}{root}".encode()


def told(content):
    return [(f.code, str(f.level)) for f in judge_bytes(content).findings]


@pytest.mark.parametrize("name", ["stylesheet", "transform"])
def test_a_document_that_presents_itself_conforms(name):
    assert told(presented('<x:template match="/"><x:value-of select="."/></x:template>', name=name)) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (presented(version=""), ("cda.presenting.version", "error")),
        (presented('<x:templet match="/"/>'), ("cda.presenting.unknown", "error")),
        (presented('<x:import href="base.xsl"/>'), ("cda.presenting.outside", "warning")),
        (presented(data="<bare/>"), ("cda.presenting.bare", "error")),
        (presented(before=""), ("cda.presenting.unapplied", "warning")),
        (presented(before='<?xml-stylesheet href="cda.xsl"?>'), ("cda.presenting.unapplied", "warning")),
    ],
)
def test_each_fault_of_the_style_sheet_is_told(content, expected):
    assert told(content) == [expected]


def test_a_second_document_in_the_sheet_is_told():
    inner = n1().decode().split("?>", 1)[1]
    assert ("cda.presenting.several", "error") in told(presented(data=f'<k:b xmlns:k="urn:x">{inner}</k:b>'))


def test_a_sheet_that_is_wrong_everywhere_is_told_of_its_first_faults():
    assert len(told(presented("<x:nothing/>" * 500))) == 20


def test_the_document_inside_is_judged_as_any_other():
    assert told(presented(document=n1().replace(b'code="FR"', b'code="BE"', 1))) == [("cda.value", "error")]
