"""The boxes of a lane, their folders and their messages, in memory: the journal is what lasts."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from conformance.core.errors import UsageError
from conformance.services.mssante.limits import Limits
from conformance.services.mssante.transcript import message_id_of

# How a box is opened (wire facts of the API LPS); the last two only receive.
KINDS = ("PER", "ORG", "APP", "PATIENT", "CORRESPONDENT")
INBOX = "INBOX"
EPOCH = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
# RFC 5321 §4.5.3.1: 64 octets before the @, 255 after. Only the usual atoms: the addresses of the bench are its own.
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,255}")


@dataclass
class Message:
    """A message in a folder; ``raw`` never changes, ``flags`` do."""

    uid: int
    raw: bytes
    received: datetime
    flags: frozenset[str] = frozenset()

    @cached_property
    def message_id(self) -> str:
        """Without angle brackets; empty when there is none."""
        return message_id_of(self.raw)


class Folder:
    """Messages by UID, in order; every change calls the watchers (RFC 3501 §2.3.1.1 for UIDs)."""

    def __init__(self, name: str, uid_validity: int) -> None:
        self.name = name
        self.uid_validity = uid_validity
        self.uid_next = 1
        self.messages: dict[int, Message] = {}
        self.recent: set[int] = set()
        self.watchers: set[Callable[[], None]] = set()
        self._lock = threading.Lock()

    def add(self, raw: bytes, flags: Iterable[str] = (), received: datetime | None = None) -> Message:
        """Append a message; safe from another thread than the server's."""
        with self._lock:
            message = Message(self.uid_next, raw, received or datetime.now(UTC), frozenset(flags))
            self.uid_next += 1
            self.recent.add(message.uid)
            self.messages[message.uid] = message
        self._changed()
        return message

    def remove(self, uids: Iterable[int]) -> None:
        """Take messages away for good; their UIDs are not used again."""
        for uid in uids:
            self.messages.pop(uid, None)
            self.recent.discard(uid)
        self._changed()

    def flag(self, message: Message, flags: frozenset[str]) -> None:
        """Replace the flags of a message."""
        message.flags = flags
        self._changed()

    def _changed(self) -> None:
        for watcher in list(self.watchers):
            watcher()


@dataclass
class Box:
    """A mailbox and its folders; ``kind`` says how it is opened, ``owner`` by whom (see :mod:`.gate`)."""

    address: str
    kind: str
    owner: str = ""
    folders: dict[str, Folder] = field(default_factory=dict)
    subscribed: set[str] = field(default_factory=lambda: {INBOX})

    @property
    def inbox(self) -> Folder:
        """Where mail arrives."""
        return self.folders[INBOX]

    def has_room(self, limits: Limits, *sizes: int) -> bool:
        """Whether messages of these sizes still fit."""
        held = [len(m.raw) for folder in list(self.folders.values()) for m in list(folder.messages.values())]
        return sum(held) + sum(sizes) <= limits.box and len(held) + len(sizes) <= limits.messages


class Boxes:
    """Every box of a lane, in the lane's three domains."""

    def __init__(self, lane: str) -> None:
        self.domain = f"{lane}.mssante.test"
        self.correspondents_domain = f"pro.{lane}.mssante.test"
        self.patients_domain = f"patient.{lane}.mssante.test"
        # The domains where mail is taken: these three, and those of the fronts.
        self.domains = {self.domain, self.correspondents_domain, self.patients_domain}
        self._boxes: dict[str, Box] = {}
        # RFC 3501 §2.3.1.1: 32 bits that grow from one start of the bench to the next, so that clients that keep a
        # cache see it is another life; sixteen folders a second, until 2033.
        self._validity = itertools.count((int(time.time()) - EPOCH) * 16)

    def __iter__(self) -> Iterator[Box]:
        return iter(list(self._boxes.values()))

    def add(self, address: str, kind: str, owner: str = "") -> Box:
        """Open a box, or give an open one its kind and owner; a wrong kind or domain is a :class:`UsageError`."""
        name = address.lower()
        if kind not in KINDS:
            raise UsageError("mssante.box-kind", kind=kind, known=", ".join(KINDS))
        if not self.hosts(name):
            raise UsageError("mssante.foreign-address", address=address, domain=self.domain)
        box = self._boxes.get(name)
        if box is None:
            box = self._boxes[name] = Box(name, kind, owner)
            self.create(box, INBOX)
        box.kind, box.owner = kind, owner
        return box

    def create(self, box: Box, name: str) -> Folder:
        """Add a folder to a box."""
        folder = box.folders[name] = Folder(name, next(self._validity))
        return folder

    def get(self, address: str) -> Box | None:
        """The box of an address, if it is open."""
        return self._boxes.get(address.lower())

    def hosts(self, address: str) -> bool:
        """Whether an address is well formed and in one of the lane's domains."""
        domain = address.lower().rpartition("@")[2]
        return domain in self.domains and _ADDRESS.fullmatch(address.lower()) is not None

    def recipient(self, address: str) -> Box | None:
        """Where mail for an address goes: correspondents and patients are opened on first use, others are not."""
        known = self.get(address)
        if known or not self.hosts(address):
            return known
        domain = address.lower().rpartition("@")[2]
        if domain == self.correspondents_domain:
            return self.add(address, "CORRESPONDENT")
        if domain == self.patients_domain:
            return self.add(address, "PATIENT")
        return None
