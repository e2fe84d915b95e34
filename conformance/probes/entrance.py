"""Knocking at the entrance of a product with a client certificate, or with none."""

from __future__ import annotations

import http.client
import ssl
import tempfile
from contextlib import closing
from dataclasses import dataclass

from conformance.probes.budget import USER_AGENT, Budget
from conformance.probes.connection import connected
from conformance.probes.handshakes import permissive
from conformance.probes.target import Target


@dataclass(frozen=True, slots=True)
class Knock:
    """What came of it: ``answered`` with a status, ``refused`` by an alert, ``closed`` without a word, ``unreachable``."""

    outcome: str
    status: int = 0
    reason: str = ""


def knock(target: Target, budget: Budget, certificate_pem: str = "", key_pem: str = "") -> Knock:
    """One GET; no fault of the product raises."""
    limit = budget.connection()
    context = permissive(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MAXIMUM_SUPPORTED, "DEFAULT")
    if certificate_pem:
        # The ssl module loads a key from a file only: a private one, for the time of the call.
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(key_pem.strip() + "\n" + certificate_pem.strip() + "\n")
            file.flush()
            context.load_cert_chain(file.name)
    try:
        with connected(target, limit) as plain:
            connection = http.client.HTTPSConnection(target.host, target.port, context=context)
            with closing(connection):
                connection.sock = context.wrap_socket(plain, server_hostname=target.server_name)
                connection.request("GET", target.path, headers={"User-Agent": USER_AGENT})
                with connection.getresponse() as came:
                    came.read1(budget.page)
                    return Knock("answered", came.status)
    except ssl.SSLError as exc:
        reason = exc.reason or type(exc).__name__
        return Knock("refused" if "ALERT" in reason else "closed", reason=reason)
    except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected) as exc:
        return Knock("closed", reason=type(exc).__name__)
    except (OSError, http.client.HTTPException, ValueError) as exc:
        return Knock("unreachable", reason=type(exc).__name__)
