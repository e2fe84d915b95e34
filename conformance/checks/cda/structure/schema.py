"""The tables as a schema in memory, compiled once to a validator of libxml2: nothing is read from the network."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lxml import etree

from conformance.checks.cda.structure.notation import (
    DOCUMENTS,
    NAMESPACES,
    Attribute,
    Declaration,
    Particle,
    declarations,
)

XS = NAMESPACES["xs"]
_SCHEME = "cda-tables:"
_SIMPLE = re.compile(
    r"(?P<base>\S+)(?P<facets>(?: [a-z]+[A-Z]\w+ \S+)*)(?: \{(?P<codes>[^}]*)\})?(?: /(?P<pattern>.*)/)?"
)


class _Tables(etree.Resolver):
    """Gives libxml2 the schema documents that import each other."""

    # lxml calls it with the context as well, which its published stubs leave out.
    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]  # noqa: ARG002
        """The document of that name; any other address is refused, so that nothing is ever fetched."""
        name = system_url.removeprefix(_SCHEME)
        if name not in DOCUMENTS:
            raise ValueError(f"no such table: {system_url!r}")
        return self.resolve_string(document(name), context, base_url=system_url)


@cache
def validator() -> etree.XMLSchema:
    """The schema of a CDA R2 document with its French and IHE extensions."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_Tables())
    return etree.XMLSchema(etree.fromstring(document("h"), parser, base_url=f"{_SCHEME}h"))


def document(name: str) -> bytes:
    """One schema document, by the name of its namespace (``datatypes`` takes that of whoever includes it)."""
    root = etree.Element(f"{{{XS}}}schema", nsmap=dict(NAMESPACES), elementFormDefault="qualified")
    if name != "datatypes":
        root.set("targetNamespace", NAMESPACES[name])
        _add(root, "include", schemaLocation=f"{_SCHEME}datatypes")
    for other in DOCUMENTS:
        if other not in ("datatypes", name):
            _add(root, "import", namespace=NAMESPACES[other], schemaLocation=f"{_SCHEME}{other}")
    for declared in declarations(name):
        _declaration(root, declared, "" if name == "datatypes" else name)
    return etree.tostring(root)


def _declaration(root: etree._Element, declared: Declaration, own: str) -> None:
    name = declared.name
    if declared.kind == "type":
        _complex(root, declared, own)
    elif declared.kind == "simple":
        _simple(_add(root, "simpleType", name=name), declared.head, own)
    elif declared.kind == "group":
        _particle(_add(root, "group", name=name), declared.content, own)
    elif declared.kind == "element":
        nil = {"nillable": "true"} if declared.head.endswith("!") else {}
        _add(root, "element", name=name, type=_qualified(declared.head.rstrip("!"), own), **nil)
    else:
        _add(root, "attribute", name=name, type=_qualified(declared.head, own))


def _complex(root: etree._Element, declared: Declaration, own: str) -> None:
    words = declared.head.split()
    flags = {flag: "true" for flag in ("mixed", "abstract") if flag in words}
    made = node = _add(root, "complexType", name=declared.name, **flags)
    for word, kind in (("extends", "extension"), ("restricts", "restriction")):
        if word in words:
            base = _qualified(words[words.index(word) + 1], own)
            node = _add(_add(made, "complexContent"), kind, base=base)
    _particle(node, declared.content, own)
    for attribute in declared.attributes:
        _attribute(node, attribute, own)


def _simple(made: etree._Element, head: str, own: str) -> None:
    kind, _, rest = head.partition(" ")
    if kind == "union":
        _add(made, "union", memberTypes=" ".join(_qualified(name, own) for name in rest.split()))
        return
    if kind == "list":
        _add(made, "list", itemType=_qualified(rest, own))
        return
    read = _SIMPLE.fullmatch(head)
    if read is None:
        raise ValueError(f"not a simple type: {head!r}")
    restricted = _add(made, "restriction", base=_qualified(read["base"], own))
    facets = read["facets"].split()
    for name, bound in zip(facets[::2], facets[1::2], strict=True):
        _add(restricted, name, value=bound)
    for code in (read["codes"] or "").split():
        _add(restricted, "enumeration", value=code)
    if read["pattern"]:
        _add(restricted, "pattern", value=read["pattern"])


def _particle(parent: etree._Element, part: Particle | None, own: str) -> None:
    if part is None:
        return
    count = {}
    if (part.least, part.most) != (1, 1):
        count = {"minOccurs": str(part.least), "maxOccurs": "unbounded" if part.most is None else str(part.most)}
    if part.kind == "element":
        nil = {"nillable": "true"} if part.nil else {}
        _add(parent, "element", name=part.name, type=_qualified(part.type, own), **nil, **count)
    elif part.kind in ("ref", "group"):
        tag = "element" if part.kind == "ref" else "group"
        _add(parent, tag, ref=_qualified(part.name, own), **count)
    elif part.kind == "other":
        _add(parent, "any", namespace="##other", processContents="skip", **count)
    else:
        inner = _add(parent, part.kind, **count)
        for each in part.parts:
            _particle(inner, each, own)


def _attribute(parent: etree._Element, attribute: Attribute, own: str) -> None:
    if attribute.ref:
        _add(parent, "attribute", ref=attribute.name, use=attribute.use)
        return
    fixed = {} if attribute.fixed is None else {"fixed": attribute.fixed}
    _add(parent, "attribute", name=attribute.name, type=_qualified(attribute.type, own), use=attribute.use, **fixed)


def _qualified(name: str, own: str) -> str:
    return name if ":" in name or not own else f"{own}:{name}"


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XS}}}{tag}", attributes)
