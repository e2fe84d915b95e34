"""Commands of any state, and those that lead to authentication (RFC 3501 §6.1 and §6.2)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from conformance.services.mssante.gate import MECHANISMS, XOAUTH2_ERROR, decode
from conformance.services.mssante.imap.commands import ANY, Bad, No, State, command
from conformance.services.mssante.imap.cursor import Cursor
from conformance.services.mssante.imap.wire import Hangup
from conformance.services.tls import within

if TYPE_CHECKING:
    from conformance.services.mssante.imap.session import Session

EXTENSIONS = "IDLE UIDPLUS UNSELECT NAMESPACE ID"


def capabilities(session: Session) -> str:
    """What the session is offered now; LOGIN never, and no mechanism before TLS (RFC 3501 §6.2.3)."""
    clear = session.desk.temper.clear
    if session.state is State.CLEAR and not clear:
        return "IMAP4rev1 STARTTLS LOGINDISABLED ID"
    if session.state in (State.CLEAR, State.GREETED):
        mechanisms = " ".join(f"AUTH={name}" for name in MECHANISMS)
        return f"IMAP4rev1 LOGINDISABLED SASL-IR {mechanisms} {EXTENSIONS}"
    return f"IMAP4rev1 {session.extensions}"


@command("CAPABILITY", states=ANY)
async def capability(session: Session, cursor: Cursor) -> str:
    """What is offered."""
    cursor.end()
    session.tell(f"* CAPABILITY {capabilities(session)}\r\n".encode())
    return "Done"


@command("NOOP", states=ANY)
async def noop(_session: Session, cursor: Cursor) -> str:
    """Nothing, but the news of the folder that every command brings."""
    cursor.end()
    return "Done"


@command("ID", states=ANY)
async def identify(session: Session, _cursor: Cursor) -> str:
    """Who we are (RFC 2971); what the client says of itself stays in the record."""
    session.tell(b'* ID ("name" "MSSante simulated operator")\r\n')
    return "Done"


@command("LOGOUT", states=ANY)
async def logout(session: Session, cursor: Cursor) -> str:
    """The end."""
    cursor.end()
    session.tell(b"* BYE Logging out\r\n")

    async def leave() -> None:
        raise Hangup("logout")

    session.then = leave
    return "Done"


@command("STARTTLS", states=ANY)
async def starttls(session: Session, cursor: Cursor) -> str:
    """TLS, once."""
    cursor.end()
    if session.desk.temper.clear:
        raise Bad("Unknown command")
    if session.state is not State.CLEAR:
        raise Bad("TLS is already on")

    async def upgrade() -> None:
        with within(session.transcript.session, session.wire.say_last):
            await session.wire.start_tls(session.desk.tls(session.transcript.service))
        session.transcript.tls = True

    session.then = upgrade
    return "Begin TLS negotiation now"


@command("LOGIN", states=ANY)
async def login(_session: Session, _cursor: Cursor) -> str:
    """Refused: an API LPS knows XOAUTH2, and PLAIN with a client certificate."""
    raise No("[CANNOT] LOGIN is disabled")


@command("AUTHENTICATE", states=frozenset({State.CLEAR, State.GREETED}))
async def authenticate(session: Session, cursor: Cursor) -> str:
    """XOAUTH2 or PLAIN, with or without an initial response (RFC 4959)."""
    cursor.space()
    mechanism = cursor.atom()
    initial = cursor.rest.strip() if cursor.skip(b" ") else None
    if session.state is State.CLEAR and not session.desk.temper.clear:
        raise No("[PRIVACYREQUIRED] Use STARTTLS first")
    if mechanism not in MECHANISMS:
        raise No("[CANNOT] Unsupported mechanism")
    session.attempts += 1
    if session.attempts > session.limits.attempts:
        raise Hangup("cut", "Too many attempts")
    blob = await _challenge(session, b"") if initial is None else initial
    if blob == b"*":
        session.transcript.auth(mechanism, "", "cancelled", None)
        raise Bad("Authentication cancelled")
    message = decode(blob)
    answer = session.desk.admit("imap", mechanism, message, session.wire.certificate)
    if answer.box and message is not None and not await session.enter(answer.box, mechanism, message):
        answer = answer.refused("store")
    session.transcript.auth(mechanism, answer.user, answer.reason, answer.token_id)
    if message is None:
        raise Bad("Cannot decode base64")
    if answer.box is None:
        if mechanism == "XOAUTH2":
            await _challenge(session, XOAUTH2_ERROR)  # the client acknowledges with an empty line
        raise No("[AUTHENTICATIONFAILED] Invalid credentials")
    return f"[CAPABILITY {capabilities(session)}] Welcome"


async def _challenge(session: Session, challenge: bytes) -> bytes:
    await session.wire.send(b"+ " + base64.b64encode(challenge) + b"\r\n")
    return (await session.wire.line()).strip()
