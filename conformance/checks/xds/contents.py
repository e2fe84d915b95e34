"""Whether each entry came with its document, and whether hash and size, where they are said, are those of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from conformance.checks.subjects.ebrim import RegistryObject
from conformance.checks.subjects.xds_request import Attached
from conformance.checks.xds.metadata import place_of
from conformance.core.finding import Finding, Where, error


def unmatched(entries: Sequence[RegistryObject], attached: Sequence[Attached]) -> Iterator[Finding]:
    """Every entry has one document that came, and every document has its entry (IHE ITI-41, 3.41.4.1.2)."""
    times = Counter(each.entry for each in attached)
    known = {entry.id for entry in entries}
    for entry in entries:
        if times[entry.id] != 1:
            yield error("xds.documents.count", where=place_of(entry), expected="1", got=str(times[entry.id]))
    for each in attached:
        place = Where(part=each.entry or None, line=each.line)
        if each.entry not in known:
            yield error("xds.documents.unannounced", where=place, expected="ExtrinsicObject", got=each.entry or None)
        elif each.content is None:
            yield error("xds.documents.not-there", where=place, expected="base64 | xop:Include")


def altered(entries: Sequence[RegistryObject], contents: Mapping[str, bytes]) -> Iterator[Finding]:
    """``hash`` and ``size``, which a source may leave to the repository, are those of the document when said."""
    for entry in entries:
        content = contents.get(entry.id)
        if content is None:
            continue
        said, size = entry.slot("hash"), entry.slot("size")
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if said is not None and said.lower() != digest:
            yield error("xds.integrity.hash", where=place_of(entry), expected=digest, got=said[:80])
        if size is not None and size != str(len(content)):
            yield error("xds.integrity.size", where=place_of(entry), expected=str(len(content)), got=size[:40])
