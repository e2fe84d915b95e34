"""A window in which a product speaks to the SI-SDO, played by hand."""

import json

from conformance._bundled.reference_dui.sdo import resources
from conformance._bundled.reference_dui.sins import Sins

from tests.checks.journals import Play

NATIONAL = "SDO-1"
STRUCTURE = "1990000010"


class Sdo(Play):
    """The product knows where the SI-SDO is when it opens."""

    def __init__(self, folder):
        super().__init__(folder)
        settings = {"client_id": "esms-a", "struct_idnat": STRUCTURE}
        self.bench("stimulus", operation="configure_service", parameters={"service": "sdo", "settings": settings})

    def handshakes(self, **members):
        given = {"outcome": "ok", "client_certificate": "CN=x", "alert_by": None, "reason": None, **members}
        return self.wire("sdo", "tls.handshake", session="s1", **given)

    def asks_token(self, **members):
        given = {"grant_type": "client_credentials", "client_id": "esms-a", "outcome": "ok", "error": None, **members}
        return self.wire("sdo", "sdo.token", **given)

    def calls(self, body=None, **members):
        given = {
            "method": "GET",
            "path": "/fhir/Task",
            "query": "",
            "status": 200,
            "token": "ok",
            "token_id": "t1",
            "structure": STRUCTURE,
            "refusal": "",
            **members,
        }
        blobs = {"body": json.dumps(body).encode()} if body is not None else None
        return self.wire("sdo", "sdo.call", blobs=blobs, **given)

    def searches(self, resource, parameters, **members):
        return self.calls(interaction="search", resource=resource, parameters=parameters, **members)

    def reads(self, document, version, **members):
        return self.calls(interaction="read", resource="DocumentReference", id=document, version=version, **members)

    def sends(self, kind, body, national=NATIONAL, status=201, **members):
        return self.calls(body, interaction="create", resource=kind, decision=national, status=status, **members)

    def decision(self, national=NATIONAL, version=1):
        self.bench(
            "expectation",
            name="sdo-decision",
            document=f"doc-{national}",
            decision=f"mdph-{national}",
            national=national,
            individual=f"ind-{national}",
            structure=STRUCTURE,
            version=version,
            person="p",
            ins="299999999999999",
        )


def consent(national=NATIONAL, structure=STRUCTURE, individual=f"ind-{NATIONAL}", **changes):
    made = resources.consent(
        national=national, individual=individual, structure=structure, day="2026-11-20", sins=Sins()
    )
    return {**made, **changes}


def task(national=NATIONAL, status="41", unit=None, **changes):
    members = {
        "national": national,
        "decision": f"mdph-{national}",
        "structure": STRUCTURE,
        "name": "ESMS",
        "status": status,
        "day": "2026-11-20",
        "unit": unit or {},
        "now": "2026-11-20T10:00:00+00:00",
        "sins": Sins(),
    }
    return resources.task(**{**members, **changes})
