"""Where references lead: contained resources, and the entries of a Bundle by full address and by type and id.

Source: FHIR R4 4.0.1, bundle.html#references and references.html. Built once per document, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Json = Mapping[str, Any]
# [base]/Type/id, with an optional version (R4, references.html#literal).
RESTFUL = re.compile(
    r"^(?P<base>(?:[a-z][a-z0-9+.-]*://[^?#]+/)?)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?$"
)
ABSOLUTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


class Found(NamedTuple):
    """What a reference leads to: ``kind`` is ``contained``, ``bundled`` or ``referenced`` (elsewhere: no resource)."""

    kind: str
    resource: Json | None


class Frame(NamedTuple):
    """The resource being walked, and the one that contains it (``None`` when it is not contained)."""

    resource: Json
    container: Json | None = None

    @property
    def root(self) -> Json:
        """What ``%rootResource`` means here."""
        return self.resource if self.container is None else self.container


class Index:
    """The entries of the document's Bundle; empty for any other resource."""

    def __init__(self, root: Json) -> None:
        self.root = root
        self.is_bundle = root.get("resourceType") == "Bundle"
        self.bundle_type = root.get("type") if self.is_bundle else None
        self._full: dict[str, Json] = {}
        self._local: dict[str, Json] = {}
        self._address: dict[int, str | None] = {}
        entries = root.get("entry") if self.is_bundle else None
        for entry in entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ():
            if isinstance(entry, dict) and isinstance(resource := entry.get("resource"), dict):
                self._add(entry.get("fullUrl"), resource)

    def address(self, resource: Json) -> str | None:
        """The ``fullUrl`` of an entry's resource."""
        return self._address.get(id(resource))

    def in_entry(self, resource: Json) -> bool:
        """Whether the resource is that of an entry."""
        return id(resource) in self._address

    def resolve(self, reference: Any, frame: Frame) -> Found:
        """Follow a literal reference from inside a resource."""
        literal = reference.get("reference") if isinstance(reference, dict) else reference
        if not isinstance(literal, str):
            return Found("referenced", None)
        if literal.startswith("#"):
            return Found("contained", _contained(literal[1:], frame.root))
        target = self._in_bundle(literal.split("|")[0], frame)
        return Found("bundled" if target is not None else "referenced", target)

    def _add(self, address: Any, resource: Json) -> None:
        known = address if isinstance(address, str) else None
        self._address[id(resource)] = known
        if known:
            self._full.setdefault(known, resource)
        kind, local = resource.get("resourceType"), resource.get("id")
        if isinstance(kind, str) and isinstance(local, str):
            self._local.setdefault(f"{kind}/{local}", resource)

    def _in_bundle(self, literal: str, frame: Frame) -> Json | None:
        if not self.is_bundle:
            return None
        unversioned = literal.split("/_history/", maxsplit=1)[0]
        if literal in self._full or unversioned in self._full:
            return self._full.get(literal, self._full.get(unversioned))
        if ABSOLUTE.match(literal):
            return None
        base = RESTFUL.match(self._address.get(id(frame.root)) or "")
        if base and (found := self._full.get(base["base"] + unversioned)) is not None:
            return found
        return self._local.get(unversioned)


def _contained(id: str, root: Json) -> Json | None:
    if not id:
        return root
    inside = root.get("contained")
    for resource in inside if isinstance(inside, list) else ():
        if isinstance(resource, dict) and resource.get("id") == id:
            return resource
    return None
