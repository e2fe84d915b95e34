"""The address of a front door, as the product sheet or the command names it. Nothing else is ever connected to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from conformance.core.errors import UsageError

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Scheme, host, port and path of the page to start from; ``ca`` is the PEM of the authority to trust, or nothing."""

    scheme: str
    host: str
    port: int
    path: str
    ca: str = ""

    @classmethod
    def of(cls, url: str, ca: Path | None = None) -> Target:
        """Read an address; anything but a plain http(s) address, or an authority that does not read, is a usage error."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as exc:
            raise UsageError("probe.address", url=url) from exc
        if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
            raise UsageError("probe.address", url=url.rpartition("@")[2])
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], path, _authority(ca))

    @property
    def encrypted(self) -> bool:
        """Whether the address is of https."""
        return self.scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a trailing slash; the port is told where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")

    @property
    def server_name(self) -> str | None:
        """The name for SNI; an address has none (RFC 6066 §3)."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return self.host
        return None


def _authority(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        content = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError("probe.authority", path=str(path)) from exc
    if "-----BEGIN CERTIFICATE-----" not in content:
        raise UsageError("probe.authority", path=str(path))
    return content
