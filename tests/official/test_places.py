"""A place as each Schematron compiler writes it, found again in the document."""

import pytest
from lxml import etree

from conformance.official.places import where_of

DOCUMENT = etree.fromstring(
    b'<ClinicalDocument xmlns="urn:hl7-org:v3">\n<author/>\n<author>\n<id root="1"/>\n</author>\n</ClinicalDocument>'
)
URI = "urn:hl7-org:v3"


def step(form, name, number):
    return {
        "path()": f"/Q{{{URI}}}{name}[{number}]",
        "skeleton 2": f"/*:{name}[namespace-uri()='{URI}'][{number}]",
        "skeleton 1": f"/*[local-name()='{name}' and namespace-uri()='{URI}'][{number}]",
    }[form]


@pytest.mark.parametrize("form", ["path()", "skeleton 2", "skeleton 1"])
@pytest.mark.parametrize("attribute", ["", "/@root"])
def test_every_form_gives_the_same_line_and_path(form, attribute):
    location = step(form, "ClinicalDocument", 1) + step(form, "author", 2) + step(form, "id", 1) + attribute
    where = where_of(DOCUMENT, location)
    assert (where.line, where.xpath) == (4, f"/ClinicalDocument/author[2]/id{attribute}")


def test_a_place_that_is_not_in_the_document_keeps_its_path_and_has_no_line():
    where = where_of(DOCUMENT, step("path()", "ClinicalDocument", 1) + step("path()", "author", 3))
    assert (where.line, where.xpath) == (None, "/ClinicalDocument[1]/author[3]")


@pytest.mark.parametrize("location", ["", "somewhere", "[[["])
def test_what_cannot_be_followed_is_kept_as_it_came(location):
    assert where_of(DOCUMENT, location).xpath == (location or None)
