"""Submission (RFC 6409) for the boxes of one lane: XOAUTH2, PLAIN, and messages, which are never relayed.

An accepted message is written as ``smtp.message``; a refused end of data as an ``smtp.command`` whose verb is ``.``.
"""

from __future__ import annotations

import base64

from conformance.services.mssante.boxes import Box
from conformance.services.mssante.conversation import Conversation, Hangup
from conformance.services.mssante.gate import MECHANISMS, XOAUTH2_ERROR, decode
from conformance.services.mssante.text import read_text


class Submission(Conversation):
    """One connection of a client that submits mail."""

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802
        """XOAUTH2 or PLAIN (RFC 4954), see :mod:`.gate`."""
        if await self.check_helo_needed("EHLO"):
            return
        mechanism, _, initial = (arg or "").partition(" ")
        mechanism = mechanism.upper()
        if self.box:
            await self.push("503 5.5.1 Already authenticated")
        elif mechanism not in MECHANISMS:
            await self.push("504 5.5.4 Unrecognized authentication type")
        elif (blob := initial.encode() or await self._challenge(b"")) == b"*":
            self.transcript.auth(mechanism, "", "cancelled", None)
            await self.push("501 5.7.0 Authentication cancelled")
        else:
            await self._admit(mechanism, decode(blob))
        self.attempts += 1
        if self.attempts > self.limits.attempts:
            await self.push("421 4.7.0 Too many attempts")
            raise Hangup

    async def _admit(self, mechanism: str, message: bytes | None) -> None:
        answer = self.desk.admit("smtp", mechanism, message, self._writer.get_extra_info("peercert"))
        if answer.box and message is not None and not await self.enter(answer.box, mechanism, message):
            answer = answer.refused("store")
        self.transcript.auth(mechanism, answer.user, answer.reason, answer.token_id)
        if answer.box:
            self.session.authenticated = True
            await self.push("235 2.7.0 Authentication succeeded")
            return
        if message is None:
            await self.push("501 5.5.2 Cannot decode base64")
            return
        if mechanism == "XOAUTH2":
            await self._challenge(XOAUTH2_ERROR)  # the client acknowledges with an empty line
        await self.push("535 5.7.8 Authentication credentials invalid")

    async def enter(self, box: Box, mechanism: str, message: bytes) -> bool:
        """Open a box for one whom the gate let in by this SASL message; false when its store does not."""
        del mechanism, message
        self.box = box
        return True

    async def _challenge(self, challenge: bytes) -> bytes:
        await self._write(f"334 {base64.b64encode(challenge).decode()}\r\n")
        return (await self._line()).strip()

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take a message: recorded, then accepted."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout(self.limits.transfer)
        envelope = self.envelope
        self.envelope = self._create_envelope()
        text = await read_text(self._reader, self.limits)
        self._reset_timeout()
        boxes = {box.address: box for name in envelope.rcpt_tos if (box := self.desk.boxes.recipient(name))}
        if self.desk.temper.shows("cuts-data", self.box_address) and self.desk.temper.once("data", self.box_address):
            self._writer.transport.abort()
            raise Hangup("closed")
        refuses = any(self.desk.temper.shows("refuses-message", address) for address in (self.box_address, *boxes))
        if not text.refusal and refuses:
            text.refusal = "554 5.6.0 Message refused"
        text.refusal = text.refusal or await self.keep(text.content, list(boxes.values()))
        if text.refusal:
            self._command = (".", "")
            await self.push(text.refusal)
            if not text.complete:
                raise Hangup
            return
        sender = "" if envelope.mail_from == "<>" else str(envelope.mail_from)
        self.transcript.message(sender, list(envelope.rcpt_tos), text.content, 250)
        self.kept(text.content, list(boxes.values()))
        await self._write("250 2.0.0 Message accepted\r\n")

    async def keep(self, content: bytes, boxes: list[Box]) -> str:
        """Before a message is recorded: why it cannot be kept, as the reply to it; empty when it can."""
        roomy = all(box.has_room(self.limits, len(content)) for box in boxes)
        return "" if roomy else "452 4.2.2 Mailbox full"

    def kept(self, content: bytes, boxes: list[Box]) -> None:
        """Put a message that is recorded in its boxes."""
        for box in boxes:
            box.inbox.add(content)

    @property
    def box_address(self) -> str:
        """The box that the session opened; empty before."""
        return self.box.address if self.box else ""

    async def smtp_QUIT(self, _arg: str | None) -> None:  # noqa: N802
        """Say goodbye."""
        await self.push("221 2.0.0 Bye")
        raise Hangup("quit")
