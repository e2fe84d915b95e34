"""The register of IMAP commands: a function by name, with the states in which it may be given (RFC 3501 §3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from conformance.services.mssante.imap.cursor import Cursor

if TYPE_CHECKING:
    from conformance.services.mssante.imap.session import Session


class State(Enum):
    """Where a session stands."""

    CLEAR = auto()
    GREETED = auto()
    AUTHENTICATED = auto()
    SELECTED = auto()


ANY = frozenset(State)
OPEN = frozenset({State.AUTHENTICATED, State.SELECTED})
SELECTED = frozenset({State.SELECTED})


class No(Exception):
    """The command is understood and refused; the text may begin with a response code."""


class Bad(Exception):
    """The command is not understood, or not now."""


# Returns the text of its OK.
Function = Callable[["Session", Cursor], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Command:
    """A function and the states that allow it."""

    function: Function
    states: frozenset[State]


COMMANDS: dict[str, Command] = {}


def command(*names: str, states: frozenset[State]) -> Callable[[Function], Function]:
    """Register a function under one or several names; ``UID FETCH`` is a name."""

    def register(function: Function) -> Function:
        for name in names:
            COMMANDS[name] = Command(function, states)
        return function

    return register
