"""The antivirus of this product knows one thing: the EICAR test file, kept in two halves so that this file is not one."""

from __future__ import annotations

from .faults import Fault

_EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")


class Infected(Fault):
    """A file that the antivirus stopped."""

    status = 422


def infected(content: bytes) -> bool:
    """Whether a file is to be stopped."""
    return "".join(_EICAR).encode() in content
