"""Who the product is. Everything here is fictitious."""

from __future__ import annotations

from conformance._bundled.fixtures.identifiers import Draw, finess, oid, rpps

NAME = "DUI de référence"
VERSION = "1.0.0"
EDITOR = "Éditeur fictif de référence"
# What X-MSS-NIL carries (MSS/CONF.16): the number of a referencing file. This one names no real product.
REFERENCE = "DUI-REF-0001"
# What LPS_ID_HOMOLOGATION_DMP carries: the number of an approval. Fictitious too.
DMP_APPROVAL = "DUI-REF-DMP-0001"

STRUCTURE_NAME = "Résidence Les Essais Fictifs"
# Well formed numbers in ranges that nobody holds (fixtures/identifiers.py).
STRUCTURE_FINESS = finess(Draw("reference-dui", "structure"))
# The product as a source of submission sets (XDSSubmissionSet.sourceId).
SOURCE_ID = oid("reference-dui", "source")


def professional_id(address: str) -> str:
    """The national identifier of the fictitious professional behind a mailbox: ``8`` and an RPPS number."""
    return f"8{rpps(Draw('reference-dui', address))}"
