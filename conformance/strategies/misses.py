"""Documents that miss by one fault, each with the id of the one check that it must trip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import SMTP

from hypothesis import strategies as st
from lxml import etree

from conformance._bundled.fixtures.documents.n1 import n1_of
from conformance.core.words import Level
from conformance.strategies import faults
from conformance.strategies.documents import archive_of, document_specs, message_of
from conformance.strategies.faults import Fault, TreeFault

__all__ = ["NearMiss", "cda_near_misses", "mss_near_misses", "near_misses", "xdm_near_misses"]

METADATA = "IHE_XDM/SUBSET01/METADATA.XML"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A document with one fault: ``check`` is the id of the check that it trips, at ``level``, and no other does.

    ``fault`` names what was done to the conforming document ``base``, in a few words.
    """

    content: bytes
    check: str
    fault: str
    base: bytes
    level: Level = Level.ERROR

    def __repr__(self) -> str:
        return f"NearMiss(check={self.check!r}, fault={self.fault!r}, level={self.level.value!r})"


def cda_near_misses(*, check: str | None = None) -> st.SearchStrategy[NearMiss]:
    """CDA N1 with one fault in the header or the body; ``check`` keeps the faults of one check."""
    return _missing(n1_of, faults.CDA, altered, check)


def xdm_near_misses(*, check: str | None = None) -> st.SearchStrategy[NearMiss]:
    """XDM archives with one fault in their metadata; ``check`` keeps the faults of one check."""
    return _missing(archive_of, faults.XDM, _in_metadata, check)


def mss_near_misses(*, check: str | None = None) -> st.SearchStrategy[NearMiss]:
    """MSSanté messages with one fault in their headers; ``check`` keeps the faults of one check."""
    return _missing(message_of, faults.MESSAGE, _in_headers, check)


def near_misses() -> st.SearchStrategy[NearMiss]:
    """Any of them."""
    return st.one_of(cda_near_misses(), xdm_near_misses(), mss_near_misses())


def _missing(
    make: Callable[..., bytes],
    table: Mapping[str, Fault],
    act: Callable[[bytes, Fault], bytes],
    check: str | None,
) -> st.SearchStrategy[NearMiss]:
    names = [name for name, fault in table.items() if check in {None, fault.check}]
    if not names:
        known = ", ".join(sorted({fault.check for fault in table.values()}))
        raise ValueError(f"no fault for the check {check!r}; there are some for {known}")

    def miss(base: bytes, name: str) -> NearMiss:
        fault = table[name]
        return NearMiss(act(base, fault), fault.check, name, base, fault.level)

    return st.builds(miss, document_specs().map(make), st.sampled_from(names))


def altered(content: bytes, fault: Fault) -> bytes:
    """An XML document after one fault."""
    root = etree.fromstring(content)
    _tree(fault)(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _in_metadata(content: bytes, fault: Fault) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            held = source.read(entry)
            target.writestr(entry, altered(held, fault) if entry.filename == METADATA else held)
    return made.getvalue()


def _in_headers(content: bytes, fault: Fault) -> bytes:
    message = message_from_bytes(content, policy=SMTP)
    fault.act(message)
    return message.as_bytes()


def _tree(fault: Fault) -> TreeFault:
    return fault.act
