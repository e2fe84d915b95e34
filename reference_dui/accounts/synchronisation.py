"""Accounts synchronised with the structure's own directory, by LDAP: who is there, their names, their groups (SSI/IAM.83)."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from conformance.ldap import ber, messages
from conformance.ldap.ber import Malformed
from conformance.ldap.messages import Entry, Message

from ..connections import Connections
from ..faults import MailFault
from ..sins import Sins
from ..store import Store
from .batches import GRANTED, REVOKED
from .life import AccountLife

SERVICE = "ldap"
LIMIT = 10.0
MAX_MESSAGE, MAX_ENTRIES = 256 * 1024, 10_000
ATTRIBUTES = ("uid", "cn", "sn", "givenName", "mail", "memberOf")


class Synchronisation:
    """The synchronisation, and the accounts that came by it: only those are taken away when somebody leaves."""

    def __init__(self, store: Store, connections: Connections, life: AccountLife, sins: Sins) -> None:
        self._store = store
        self._connections = connections
        self._life = life
        self._sins = sins

    def run(self, who: str) -> int:
        """Bring the accounts to what the directory says; answers how many people it has."""
        settings = self._connections.of(SERVICE)
        people = {login: entry for entry in _people(settings) if (login := _first(entry, "uid"))}
        for login, entry in people.items():
            self._keep(who, login, entry, str(settings["permission_group"]))
        known = [row["login"] for row in self._store.rows("SELECT login FROM synchronised")]
        gone = [] if self._sins.has("synchronises-no-departure") else [n for n in known if n not in people]
        for login in gone:
            self._store.run("DELETE FROM synchronised WHERE login = ?", login)
            if self._life.accounts.find(login) is not None:
                self._life.delete(who, login)
        return len(people)

    def _keep(self, who: str, login: str, entry: Entry, group: str) -> None:
        known = self._life.accounts.find(login)
        held = [name.casefold() for name in entry.attributes.get("memberOf", ())]
        role = GRANTED if group.casefold() in held else REVOKED
        if self._sins.has("ignores-groups-of-the-directory"):
            role = known["role"] if known else REVOKED
        name = _first(entry, "cn") or login
        attributes = {"exercise_name": _first(entry, "sn"), "first_name": _first(entry, "givenName")}
        told = {**(self._life.accounts.attributes(login) if known else {}), **attributes, "mail": _first(entry, "mail")}
        self._life.create(who, login, name, role, attributes=told)
        self._store.run("INSERT OR REPLACE INTO synchronised VALUES (?)", login)


def _people(settings: Mapping[str, Any]) -> list[Entry]:
    try:
        address = (str(settings["host"]), int(settings["port"]))
        with closing(socket.create_connection(address, timeout=LIMIT)) as line:
            line.sendall(messages.message(1, messages.bind(settings["bind_dn"], settings["password"])))
            if _read(line).operation.at(0).number != messages.SUCCESS:
                raise MailFault("refdui.fault.ldap-refused", transient=False)
            asked = messages.search(settings["people_dn"], "inetOrgPerson", ATTRIBUTES)
            line.sendall(messages.message(2, asked))
            found = list(_entries(line))
            line.sendall(messages.message(3, ber.element(messages.UNBIND)))
            return found
    except (OSError, KeyError, ValueError) as exc:
        raise MailFault("refdui.fault.ldap-refused") from exc


def _entries(line: socket.socket) -> Iterator[Entry]:
    for _ in range(MAX_ENTRIES):
        operation = _read(line).operation
        if operation.tag == messages.ENTRY:
            yield messages.read_entry(operation)
        elif operation.tag != messages.DONE or operation.at(0).number != messages.SUCCESS:
            raise Malformed("answer")
        else:
            return
    raise Malformed("entries")


def _read(line: socket.socket) -> Message:
    head = b""
    while (size := ber.measure(head)) is None:
        head += _some(line, 1)
    if size > MAX_MESSAGE:
        raise Malformed("size")
    content = head
    while len(content) < size:
        content += _some(line, size - len(content))
    return messages.read(content)


def _some(line: socket.socket, most: int) -> bytes:
    piece = line.recv(most)
    if not piece:
        raise Malformed("cut")
    return piece


def _first(entry: Entry, name: str) -> str:
    return next(iter(entry.attributes.get(name, ())), "")
