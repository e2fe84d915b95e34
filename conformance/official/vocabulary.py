"""A vocabulary that a Schematron reads, written again from the value set of the same OID.

A pack holds its code lists twice: as value sets (IHE SVS, ``jeuxDeValeurs``) and as the vocabularies that ART-DECOR
writes beside the header rules. When the second is missing, the first says the same codes.
"""

from __future__ import annotations

import re

from lxml import etree

from conformance.checks.subjects.xml import parse_xml

SVS = "urn:ihe:iti:svs:2008"
HL7 = "urn:hl7-org:v3"
_OID = re.compile(rb'<(?:\w+:)?ValueSet\b[^>]{0,4000}?\bid="([0-2](?:\.\d+)+)"')


def oid_of(content: bytes) -> str:
    """The OID of a value set in IHE SVS form; empty for any other file."""
    head = content[:8192]
    found = _OID.search(head) if SVS.encode() in head else None
    return found[1].decode() if found else ""


def vocabulary_from(value_set: bytes) -> bytes:
    """The vocabulary that the header rules read, from a value set; :class:`ValueError` if it holds no concept."""
    root = parse_xml(value_set).root
    source = None if root is None else root.find(f"{{{SVS}}}ValueSet")
    concepts = [] if source is None else source.findall(f"{{{SVS}}}ConceptList/{{{SVS}}}Concept")
    if source is None or not concepts:
        raise ValueError("no concept in this value set")
    made = etree.Element(f"{{{HL7}}}valueSets", nsmap={"hl7": HL7})
    # The rules look for elements without namespace (doc(…)//valueSet[1]/conceptList/concept), so none is the default.
    target = etree.SubElement(made, "valueSet", id=source.get("id", ""), displayName=source.get("displayName", ""))
    held = etree.SubElement(target, "conceptList")
    for concept in concepts:
        kept = {name: concept.get(name, "") for name in ("code", "codeSystem", "displayName")}
        etree.SubElement(held, "concept", kept)
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8", pretty_print=True)
