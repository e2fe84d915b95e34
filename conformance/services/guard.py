"""Nothing leaves this machine: after :func:`forbid_outbound`, the process can connect to loopback only.

A Python audit hook sees every connection and name resolution made through the socket module (PEP 578) and cannot be
taken off again. It raises :class:`Outbound`, an :class:`OSError`: libraries treat it as an unreachable network.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_CONNECTIONS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_RESOLUTIONS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_LOCAL_NAMES = ("", "localhost", "ip6-localhost")


class Outbound(PermissionError):
    """An attempt to reach something else than this machine."""


def forbid_outbound() -> None:
    """Refuse, from now on and for the life of the process, to reach anything but loopback."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _CONNECTIONS and isinstance(arguments[1], tuple):
        _require_local(event, arguments[1][0])
    elif event in _RESOLUTIONS:
        _require_local(event, arguments[0])


def _require_local(event: str, host: Any) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in _LOCAL_NAMES:
        return
    try:
        if ipaddress.ip_address(str(name).partition("%")[0]).is_loopback:
            return
    except ValueError:
        pass
    raise Outbound(f"{event}: {name!r} is not this machine")
