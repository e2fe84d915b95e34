from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import socket, sys
from conformance.services.guard import Outbound, forbid_outbound
forbid_outbound()
listening = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", listening.getsockname()[1]), 5).close()
try:
    {attempt}
except Outbound:
    sys.exit(42)
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), 1)",
        "socket.create_connection(('2001:db8::1', 80), 1)",
        "socket.getaddrinfo('mail.example.com', 25)",
        "socket.gethostbyname('mail.example.com')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    ],
)
def test_nothing_leaves_a_guarded_process(attempt: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(attempt=attempt)], check=False, timeout=20)
    assert done.returncode == 42
