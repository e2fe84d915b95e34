"""XML from elsewhere, read without DOCTYPE, entity, network or excess."""

from __future__ import annotations

from lxml import etree

from .faults import Fault

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name


def read_xml(content: bytes, limit: int) -> Element:
    """The root element of a document of at most ``limit`` bytes; anything suspicious raises :class:`Fault`.

    Depth (256) and the size of one text (10 MB) are bounded by libxml2 as long as ``huge_tree`` is off.
    """
    if len(content) > limit or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Fault("refdui.fault.xml-refused")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise Fault("refdui.fault.xml-refused") from exc
    # A DOCTYPE in UTF-16 escapes the search in the bytes above.
    if root.getroottree().docinfo.internalDTD is not None:
        raise Fault("refdui.fault.xml-refused")
    return root
