"""The certificates of fictitious structures, made when they are asked for; nothing of them is kept nor written down."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from conformance.core.errors import UsageError
from conformance.services import certificates
from conformance.services.lane_service import Action, LaneContext, LaneService

NAME = "structures"
# The first character of a structure's national id tells its kind (CI-SIS, annexe transversale « sources des données
# métier »; wire.md §2.7): FINESS, SIREN, SIRET, RPPS-rang.
PREFIXES = {"finess": "1", "siren": "2", "siret": "3", "rpps-rang": "4"}
# What can be wrong with a certificate.
FAULTS = ("", "expired", "unknown-ca", "revoked")


class Structures(LaneService):
    """It listens nowhere: the bench itself calls the product with what is issued here."""

    name: ClassVar[str] = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)

    async def start(self) -> None:
        """Nothing to open: revocation is published by the lane."""

    async def stop(self) -> None:
        """Nothing to close."""

    def endpoints(self) -> Mapping[str, Any]:
        """``ca_pem``: the authority that certifies structures on this bench."""
        return {"ca_pem": self.context.pki.ca_pem}

    def actions(self) -> Mapping[str, Action]:
        """``issue`` a certificate to a structure."""
        return {"issue": self._issue}

    async def _issue(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """A client certificate of the structure ``number`` of a ``kind``, wrong by one ``fault`` at most.

        Answers ``certificate_pem``, ``key_pem`` and ``identifier``, the number with its prefix as the certificate has it.
        """
        kind, fault = str(asked.get("kind")), str(asked.get("fault", ""))
        if kind not in PREFIXES or fault not in FAULTS:
            raise UsageError(
                "services.unknown-action", service=NAME, action=f"{kind} {fault}", known=", ".join(PREFIXES)
            )
        pki, publication = self.context.pki, self.context.publication
        identifier = PREFIXES[kind] + str(asked.get("number"))
        domain = f"structure-{secrets.token_hex(4)}.test"
        expired = fault == "expired"
        authority = pki.unknown_authority if fault == "unknown-ca" else pki.authority
        identity = authority.sign(
            certificates.organisation("STRUCTURE FICTIVE DU BANC", identifier),
            usage=certificates.CLIENT_USAGE,
            not_before=datetime.now(UTC) - timedelta(days=30) if expired else None,
            life=timedelta(days=29) if expired else certificates.LEAF_LIFE,
            key=pki.shared_key,
            crl_url=publication.crl_url(domain),
            ocsp_url=publication.ocsp_url,
        )
        issued = publication.know(identity.certificate_pem, domain)
        if fault == "revoked":
            publication.revoke(issued)
        return {"identifier": identifier, "certificate_pem": identity.certificate_pem, "key_pem": identity.key_pem}
