"""What became of a person who is known when INSi denied an identity received for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.cda_sent import AddressedDocument
from conformance.checks.subjects.identity import Identity, of_cda
from conformance.checks.subjects.insi import VERIFICATION
from conformance.checks.subjects.window import address_of
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class KnownBesideDenial:
    """The identity of a known person in a document before a denial of INSi, and in one after it."""

    before: Identity
    after: Identity
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[KnownBesideDenial]:
        """Every expectation ``ins-untouched`` whose denial was seen and whose two documents left."""
        documents = [d for d in AddressedDocument.of(observation) if d.document.root is not None]
        for wanted in observation.expected("ins-untouched"):
            denials = [
                r.id
                for r in observation.of_kind("insi.call")
                if r.data["operation"] == VERIFICATION
                and r.data["traits"].get("NumIdentifiant") == wanted["matricule"]
                and str(r.data["code"] or "").isalpha()
            ]
            first = [d for d in documents if address_of(wanted["before"]) in d.addresses]
            last = [d for d in documents if address_of(wanted["after"]) in d.addresses]
            if denials and first and last:
                cited = (*first[0].evidence, *last[-1].evidence, *denials, str(wanted["evidence"]))
                yield cls(of_cda(first[0].document), of_cda(last[-1].document), tuple(dict.fromkeys(cited)))
