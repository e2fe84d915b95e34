"""``python -m conformance._bundled.reference_dui``: the reference DUI as a process of its own, on loopback only.

It writes ``{"url", "pid"}`` to the file of ``--ready`` once it listens, and stops on SIGTERM, or when the process
that started it is gone.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from conformance.core.texts import say

from .application import application, build
from .front_certificates import FrontCertificates
from .front_door import Door, FrontContexts
from .sins import Sins, catalogue
from .structures.entrance import EntranceContexts, ShowsCertificate
from .structures.entrance import application as structures

TOKEN_ENV = "DUI_CONTROL_TOKEN"  # noqa: S105 - the name of the variable
WATCH = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; answers the exit code."""
    options = _parser().parse_args(arguments)
    if unknown := sorted(set(options.defect) - set(catalogue())):
        sys.stderr.write(say("refdui.fault.no-defect", defect=", ".join(unknown)) + "\n")
        return 2
    token = os.environ.get(TOKEN_ENV) or secrets.token_urlsafe(24)
    dui = build(options.data, sins=Sins(options.defect))
    listening = socket.create_server(("127.0.0.1", options.port))
    app = application(dui, token, switchable=options.allow_defects)
    certificates = FrontCertificates(options.data / "front")
    front = Door(FrontContexts(certificates, dui.sins))
    entrance = Door(EntranceContexts(dui, certificates.good()), ShowsCertificate)
    dui.structures.entrance = entrance.url

    def doors() -> dict[str, str]:
        front.open(app)
        entrance.open(structures(dui))
        return {"front": front.url, "authority": str(certificates.authority.resolve())}

    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, lifespan="on", ws="none"
        )
    )
    threading.Thread(target=_announce, args=(server, listening, options.ready, doors), daemon=True).start()
    threading.Thread(target=_watch_parent, args=(server, os.getppid()), daemon=True).start()
    try:
        server.run(sockets=[listening])
    finally:
        front.close()
        entrance.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reference_dui", description=say("refdui.cli.about"))
    parser.add_argument("--port", type=int, default=0, help=say("refdui.cli.port"))
    parser.add_argument("--ready", type=Path, help=say("refdui.cli.ready"))
    parser.add_argument("--data", type=Path, required=True, help=say("refdui.cli.data"))
    parser.add_argument("--defect", action="append", default=[], metavar="NAME", help=say("refdui.cli.defect"))
    parser.add_argument("--allow-defects", action="store_true", help=say("refdui.cli.allow-defects"))
    return parser


def _announce(
    server: uvicorn.Server, listening: socket.socket, ready: Path | None, doors: Callable[[], dict[str, str]]
) -> None:
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.02)
    opened = doors()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    sys.stderr.write(say("refdui.cli.started", url=url) + "\n")
    told = {"url": url, "pid": os.getpid(), **opened}
    if ready:
        scratch = ready.with_name(ready.name + ".part")
        scratch.write_text(json.dumps(told), encoding="utf-8")
        scratch.replace(ready)


def _watch_parent(server: uvicorn.Server, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH)
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
