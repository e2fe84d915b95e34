"""Hypothesis strategies for an editor's own tests: what conforms, and what misses by one fault.

::

    from hypothesis import given
    from conformance import strategies as national


    @given(national.cda_documents())
    def test_every_conforming_document_is_integrated(content: bytes) -> None:
        assert product.integrate(content).accepted


    @given(national.cda_near_misses())
    def test_what_does_not_conform_is_refused(near_miss: national.NearMiss) -> None:
        assert not product.integrate(near_miss.content).accepted

Everything is fictitious, under test OIDs, and identifiers lie where no authority attributes any.
"""

from conformance.strategies.documents import cda_documents, document_specs, mss_messages, xdm_archives
from conformance.strategies.misses import (
    NearMiss,
    cda_near_misses,
    mss_near_misses,
    near_misses,
    xdm_near_misses,
)
from conformance.strategies.people import ins_matricules, near_ins_matricules, persons, populations, professionals

__all__ = [
    "NearMiss",
    "cda_documents",
    "cda_near_misses",
    "document_specs",
    "ins_matricules",
    "mss_messages",
    "mss_near_misses",
    "near_ins_matricules",
    "near_misses",
    "persons",
    "populations",
    "professionals",
    "xdm_archives",
    "xdm_near_misses",
]
