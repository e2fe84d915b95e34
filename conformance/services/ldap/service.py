"""The LDAP server of a lane: simple binds and searches, each recorded before it is answered; in clear, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import itertools
import secrets
import socket
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.ldap import ber, filters, messages
from conformance.ldap.ber import Malformed
from conformance.ldap.messages import Entry, Message
from conformance.services.lane_service import Action, LaneContext, LaneService
from conformance.services.ldap.people import PEOPLE, ROOT, People, group_dn, within

NAME = "ldap"
LOOPBACK = "127.0.0.1"
BIND_DN = f"cn=synchronisation,{ROOT}"
# Bounds: bytes of a request, seconds of silence, requests of a connection, connections at once.
MAX_REQUEST, SILENCE, MAX_REQUESTS, MAX_CONNECTIONS = 64 * 1024, 60, 1000, 50


class Ldap(LaneService):
    """The structure's directory."""

    name: ClassVar[str] = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        self._socket = socket.create_server((LOOPBACK, 0))
        self._port: int = self._socket.getsockname()[1]
        self._password = secrets.token_urlsafe(18)
        self._people = People()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._sessions = itertools.count(1)

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connected, sock=self._socket)

    async def stop(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._socket.close()

    def endpoints(self) -> Mapping[str, Any]:
        """Where it is, who asks, where people are, and the group that a permission is given by."""
        return {
            "host": LOOPBACK,
            "port": self._port,
            "bind_dn": BIND_DN,
            "password": self._password,
            "base_dn": ROOT,
            "people_dn": PEOPLE,
            "permission_group": group_dn("habilites"),
        }

    def actions(self) -> Mapping[str, Action]:
        """``put`` people, ``remove`` one."""
        return {"put": self._put, "remove": self._remove}

    async def _put(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._people.put(asked.get("people"))
        return {}

    async def _remove(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        uid = asked.get("uid")
        if not isinstance(uid, str):
            raise UsageError("services.control.bad-request", name="uid")
        self._people.remove(uid)
        return {}

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= MAX_CONNECTIONS:
            writer.close()
            return
        self._open.add(task)
        try:
            with contextlib.suppress(Malformed, OSError, TimeoutError, asyncio.IncompleteReadError):
                await self._converse(reader, writer, f"{NAME}-{next(self._sessions)}")
        finally:
            self._open.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: str) -> None:
        bound = False
        for _ in range(MAX_REQUESTS):
            request = messages.read(await asyncio.wait_for(_message(reader), SILENCE))
            tag = request.operation.tag
            if tag == messages.UNBIND:
                return
            if tag == messages.ABANDON:
                continue
            if tag == messages.BIND:
                bound, answers = self._bind(request, session)
            elif tag == messages.SEARCH:
                answers = self._search(request, session, bound=bound)
            elif tag == messages.EXTENDED:
                answers = [messages.result(messages.EXTENDED_DONE, messages.UNWILLING, "not played")]
            else:
                raise Malformed("operation")
            await self.context.journal.durable()
            writer.write(b"".join(messages.message(request.id, answer) for answer in answers))
            await asyncio.wait_for(writer.drain(), SILENCE)

    def _bind(self, request: Message, session: str) -> tuple[bool, list[bytes]]:
        name, credentials = request.operation.at(1, ber.OCTETS).text, request.operation.at(2)
        simple = credentials.tag == messages.SIMPLE
        right = simple and hmac.compare_digest(credentials.content, self._password.encode())
        good = right and name.casefold() == BIND_DN.casefold()
        code = messages.SUCCESS if good else messages.CREDENTIALS if simple else messages.METHOD
        self._note("ldap.bind", session, {"bind": name, "outcome": "ok" if good else "refused", "result": code})
        return good, [messages.result(messages.BOUND, code)]

    def _search(self, request: Message, session: str, *, bound: bool) -> list[bytes]:
        asked = messages.read_search(request.operation)
        told = {"base": asked.base, "scope": asked.scope, "filter": filters.written(asked.filter)}
        found: list[Entry] = []
        code = messages.CRITICAL if request.critical else messages.SUCCESS if bound else messages.RIGHTS
        if code == messages.SUCCESS:
            there = [e for e in self._people.entries() if within(e.dn, asked.base, asked.scope)]
            code = messages.SUCCESS if there else messages.NO_OBJECT
            found = [e for e in there if filters.meets(_lowered(e), asked.filter)]
        uids = [uid for e in found for uid in e.attributes.get("uid", ())]
        told |= {"attributes": list(asked.attributes), "result": code, "entries": len(found)}
        self._note("ldap.search", session, told, marks=tuple(uid.lower() for uid in uids))
        chosen = (messages.entry(_chosen(one, asked.attributes)) for one in found)
        return [*chosen, messages.result(messages.DONE, code)]

    def _note(self, kind: str, session: str, data: Mapping[str, Any], *, marks: tuple[str, ...] = ()) -> None:
        self.context.journal.append(
            NAME, self.context.lane, kind, provenance=Provenance.WIRE, data=data, marks=marks, session=session
        )


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One message, whole; one beyond the bound is :class:`Malformed`."""
    head = await reader.readexactly(2)
    while (size := ber.measure(head)) is None:
        head += await reader.readexactly(1)
    if size > MAX_REQUEST:
        raise Malformed("size")
    return head + await reader.readexactly(size - len(head))


def _lowered(entry: Entry) -> dict[str, Any]:
    return {name.lower(): values for name, values in entry.attributes.items()}


def _chosen(entry: Entry, attributes: tuple[str, ...]) -> Entry:
    """An entry with the attributes asked for: all where none, or ``*``, was named (RFC 4511 §4.5.1.8)."""
    wanted = {name.lower() for name in attributes}
    if not wanted or "*" in wanted:
        return entry
    return Entry(entry.dn, {name: values for name, values in entry.attributes.items() if name.lower() in wanted})
