"""Verdicts as lines of JSON appended to one file: written through to the disk, taken up again after any stop."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from conformance.core.errors import SetupError, UsageError
from conformance.scale.ledger import Index
from conformance.scale.verdict import SCHEMA, Verdict

# Above any line that the bounded checks can make.
MAX_LINE = 256 * 1024 * 1024
_HEAD = f'{{"schema": {SCHEMA}, "path": "'.encode()


class JsonLines:
    """The ledger of the local engine. The file is the truth; its index is rebuilt from it."""

    def __init__(self, path: Path, rules: str, *, resume: bool = False) -> None:
        self.path = path
        self._rules = rules
        if path.with_name(path.name + ".sqlite").exists():
            raise UsageError("scale.other-engine", path=path, engine="dask")
        self._file = _opened(path, resume=resume)
        try:
            self._index = Index(path.with_name(path.name + ".index"))
            self._take_up()
        except BaseException:
            self._file.close()
            raise

    @property
    def files(self) -> tuple[Path, ...]:
        """What it writes: no document."""
        return (self.path, self.path.with_name(self.path.name + ".index"))

    def known(self, path: str) -> str | None:
        """The hash under which this path was last judged by these rules."""
        return self._index.last(path)

    def add(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Append, then wait for the disk."""
        new = [verdict for verdict in verdicts if self._index.take(verdict.path, verdict.key)]
        if new:
            self._file.write(b"".join(verdict.line() for verdict in new))
            self._file.flush()
            os.fsync(self._file.fileno())
        return new

    def verdicts(self) -> Iterator[Verdict]:
        """The lines of these rules, less those whose document changed since."""
        with self.path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                verdict = Verdict.from_line(line)
                if verdict.rules == self._rules and self._index.last(verdict.path) == verdict.key:
                    yield verdict

    def draw(self) -> None:
        """Nothing: the lines are drawn as they come."""

    def close(self) -> None:
        """Let go of the file."""
        self._index.close()
        self._file.close()

    def _take_up(self) -> None:
        """Index what is there; a line torn by a stop is cut off, a damaged one before others is not ours to lose."""
        good = number = bad = 0
        with self.path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                number += 1
                try:
                    verdict = Verdict.from_line(line) if line.endswith(b"\n") else None
                except ValueError:
                    verdict = None
                if verdict is None:
                    bad = bad or number
                    continue
                if bad:
                    raise UsageError("scale.out-damaged", path=self.path, line=bad)
                good = file.tell()
                if verdict.rules == self._rules:
                    self._index.take(verdict.path, verdict.key)
        if bad:
            if not good and not _begins_as_ours(self.path):
                raise UsageError("scale.out-damaged", path=self.path, line=1)
            self._file.truncate(good)
            os.fsync(self._file.fileno())


def _begins_as_ours(path: Path) -> bool:
    """Whether the only line of a file is the beginning of one of ours, torn, and no other file given by mistake."""
    with path.open("rb") as file:
        head = file.read(len(_HEAD))
    return _HEAD.startswith(head)


def _opened(path: Path, *, resume: bool) -> BinaryIO:
    if not resume and path.exists() and path.stat().st_size:
        raise UsageError("scale.out-exists", path=path)
    try:
        file = path.open("ab")
    except OSError as exc:
        raise UsageError("scale.out-unwritable", path=path, reason=exc.strerror) from exc
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        file.close()
        raise SetupError("scale.out-busy", path=path) from exc
    return file
