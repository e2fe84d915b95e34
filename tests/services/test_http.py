from __future__ import annotations

from pathlib import Path

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.errors import SetupError
from conformance.evidence.journal import Journal, read_journal
from conformance.services.http import HttpServer, bounded_body, session_of, tls_of
from conformance.services.pki import Pki
from conformance.services.tls import TlsRecorder

from .conftest import Serve


async def _tell(request: Request) -> Response:
    handshake = tls_of(request)
    size = len(await bounded_body(request, 100))
    facts = {"session": session_of(request), "size": size, "tls": handshake is not None}
    if handshake:
        facts |= {"version": handshake.version, "client": handshake.client_subject}
    return JSONResponse(facts)


APP = Starlette(routes=[Route("/", _tell, methods=["GET", "POST"])])


def test_an_application_sees_its_connection_and_the_client_certificate(
    serve: Serve, web: requests.Session, recorder: TlsRecorder, journal: Journal, pki: Pki, tmp_path: Path
) -> None:
    server = HttpServer(context=recorder.context(service="psc", lane="main", names=(), client_auth="optional"))
    serve(server, APP)
    bare = web.get(server.url(), timeout=10).json()
    assert (bare["tls"], bare["version"], bare["client"]) == (True, "TLSv1.3", None)
    assert web.get(server.url(), timeout=10).json()["session"] == bare["session"]
    (tmp_path / "client.pem").write_text("".join(pki.client("app@main.test", "1990000002")))
    named = requests.Session()
    named.trust_env, named.verify, named.cert = False, str(pki.ca_file), str(tmp_path / "client.pem")
    with named:
        shown = named.get(server.url("127.0.0.1"), timeout=10).json()
    assert shown["client"].startswith("CN=app@main.test")
    recorded = [(r.kind, r.session) for r in read_journal(journal.folder)]
    assert recorded == [
        (kind, session)
        for session in (bare["session"], shown["session"])
        for kind in ("tls.client-hello", "tls.handshake")
    ]


def test_plain_http_has_sessions_too_and_bodies_are_bounded(serve: Serve, web: requests.Session) -> None:
    server = HttpServer()
    serve(server, APP)
    seen = web.post(server.url(), data=b"x" * 100, timeout=10).json()
    assert seen["size"] == 100
    assert seen["session"]
    assert not seen["tls"]
    assert web.post(server.url(), data=b"x" * 101, timeout=10).status_code == 413
    assert "server" not in web.get(server.url(), timeout=10).headers


def test_a_taken_port_is_a_card(serve: Serve) -> None:
    server = HttpServer()
    serve(server, APP)
    with pytest.raises(SetupError, match=str(server.port)):
        HttpServer(port=server.port)
