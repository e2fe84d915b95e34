"""What the operations of the control API on log-in and accounts do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..faults import Fault
from ..members import Members
from .pages import BACK, BEGIN, END

if TYPE_CHECKING:
    from ..application import Dui

Answer = Mapping[str, Any]
MOST_IDLE = 86_400


def read_login(_: Dui, __: str, ___: Members) -> Answer:
    """Where professionals enter."""
    return {"login_url": BEGIN, "redirect_uri": BACK, "home_url": "/", "logout_url": END}


def set_session_idle(dui: Dui, who: str, given: Members) -> Answer:
    """Set the time after which an idle session closes."""
    seconds = given.number("seconds")
    if not 0 <= seconds <= MOST_IDLE:
        raise Fault("refdui.fault.wrong-member", member="seconds")
    if dui.sins.has("closes-idle-sessions-at-a-time-of-its-own"):
        dui.sessions.set_idle(1 if seconds else 0)
    elif not dui.sins.has("never-closes-idle-sessions"):
        dui.sessions.set_idle(seconds)
    dui.traces.add(who, "session.idle", "session", str(seconds))
    return {"seconds": seconds}


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Answer]] = {
    action.__name__: action for action in (read_login, set_session_idle)
}
