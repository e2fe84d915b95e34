"""Whether Dovecot is on this machine; nothing here imports a server, so that anybody may ask."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LIBRARIES = Path("/usr/lib/dovecot")
# Packages that hold the servers, by the program that shows they are there.
PACKAGES = {"imap": "dovecot-imapd", "lmtp": "dovecot-lmtpd", "submission": "dovecot-submissiond"}


def program(name: str) -> str | None:
    """Where a program is; Debian puts servers where not everybody looks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def missing() -> list[str]:
    """What Dovecot still needs on this machine, as Debian packages; empty when it can be started."""
    wanted = [package for server, package in PACKAGES.items() if not (LIBRARIES / server).exists()]
    if program("dovecot") is None and not wanted:
        wanted = ["dovecot-core"]
    return [*wanted, *(["util-linux"] if program("setpriv") is None else [])]
