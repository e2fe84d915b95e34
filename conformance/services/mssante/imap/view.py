"""A folder as one session sees it: message numbers hold until the session is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.services.mssante.boxes import Folder, Message
from conformance.services.mssante.imap.cursor import ITEMS, Syntax


class Numbers:
    """A sequence set (RFC 3501 §9, ``sequence-set``) as ranges: ``1:4294967295`` costs no more than ``1``."""

    def __init__(self, text: str, highest: int) -> None:
        self._ranges: list[tuple[int, int]] = []
        parts = text.split(",")
        if len(parts) > ITEMS * 10:
            raise Syntax("sequence set too long")
        for part in parts:
            first, colon, last = part.partition(":")
            low = _number(first, highest)
            high = _number(last, highest) if colon else low
            self._ranges.append((min(low, high), max(low, high)))

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self._ranges)


class View:
    """The selected folder; :meth:`news` tells what changed and brings the view up to date."""

    def __init__(self, folder: Folder, *, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self.uids = list(folder.messages)
        self.recent = set(folder.recent)
        if not read_only:
            folder.recent.clear()
        self._flags = {uid: folder.messages[uid].flags for uid in self.uids}

    def flags(self, message: Message) -> list[str]:
        """The flags of a message as this session sees them."""
        return sorted(message.flags) + (["\\Recent"] if message.uid in self.recent else [])

    def told(self, message: Message) -> None:
        """The client knows these flags now."""
        self._flags[message.uid] = message.flags

    def chosen(self, text: str, *, by_uid: bool) -> Iterator[tuple[int, Message]]:
        """The messages of a sequence set with their numbers; those gone meanwhile are passed over."""
        highest = (self.uids[-1] if self.uids else 0) if by_uid else len(self.uids)
        numbers = Numbers(text, highest)
        for number, uid in enumerate(list(self.uids), start=1):
            if (uid if by_uid else number) in numbers and (message := self.folder.messages.get(uid)):
                yield number, message

    def news(self, *, expunges: bool = True) -> list[bytes]:
        """The untagged responses that bring the client up to date.

        ``expunges`` is false during FETCH, STORE and SEARCH, whose numbers must hold (RFC 3501 §7.4.1).
        """
        messages = self.folder.messages
        told: list[bytes] = []
        if expunges:
            for index in range(len(self.uids) - 1, -1, -1):
                if self.uids[index] not in messages:
                    self._flags.pop(self.uids.pop(index), None)
                    told.append(b"* %d EXPUNGE\r\n" % (index + 1))
        known = self.uids[-1] if self.uids else 0
        fresh = [uid for uid in list(messages) if uid > known and uid not in self._flags]
        if fresh:
            self.uids += fresh
            self._flags |= {uid: messages[uid].flags for uid in fresh}
            self.recent |= self.folder.recent
            if not self.read_only:
                self.folder.recent.clear()
            told += [b"* %d EXISTS\r\n" % len(self.uids), b"* %d RECENT\r\n" % len(self.recent & set(self.uids))]
        for number, uid in enumerate(self.uids, start=1):
            message = messages.get(uid)
            if message and message.flags != self._flags[uid]:
                self.told(message)
                told.append(b"* %d FETCH (FLAGS (%s))\r\n" % (number, " ".join(self.flags(message)).encode()))
        return told


def _number(text: str, highest: int) -> int:
    if text == "*":
        return highest
    if not text.isdigit() or len(text) > 10 or text == "0":
        raise Syntax("bad sequence set")
    return int(text)
