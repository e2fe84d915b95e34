"""The closed parts of the header: what the schema allows and the minimal structure has no place for."""

import re
from importlib import resources

import pytest
from lxml import etree

from conformance.checks.cda.header.closed import read
from conformance.checks.documents import judge_bytes
from tests.checks.documents_made import add, n1, one, put


def before(path, xml):
    made = etree.fromstring(xml.replace("/>", ' xmlns="urn:hl7-org:v3"/>'))
    return lambda root: one(root, path).addprevious(made)


def closed(content):
    """(element, rule) of every warning of a closed part, as the command tells them."""
    found = judge_bytes(content).findings
    return [(f.got, f.values["rule"]) for f in found if f.code == "cda.header.closed"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (before("//h:birthplace", "<ethnicGroupCode/>"), ("ethnicGroupCode", "SMC-006")),
        (add("//h:patient/h:name", "<delimiter>x</delimiter>"), ("delimiter", "SMC-007")),
        (
            add("//h:author/h:assignedAuthor/h:assignedPerson/h:name", "<delimiter>x</delimiter>"),
            ("delimiter", "SMC-024"),
        ),
    ],
)
def test_a_closed_part_has_no_place_for_what_the_schema_allows(fault, expected):
    assert expected in closed(n1(fault))


def test_a_conforming_header_stays_within_its_closed_parts():
    assert closed(n1()) == []


def test_what_an_error_tells_is_not_told_again_as_a_closed_part():
    assert closed(n1(put("//h:legalAuthenticator/h:signatureCode", code="X"))) == []


def test_the_table_closes_each_part_once():
    text = resources.files("conformance.checks.cda.header").joinpath("closed.txt").read_text(encoding="utf-8")
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    numbers = [int(n) for n in re.findall(r"(?<= )\d{3}(?!\d)", body)]
    assert sorted(numbers) == list(range(1, 149))
    with pytest.raises(ValueError):
        read("ClinicalDocument\n")
