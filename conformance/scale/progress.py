"""How far it is, on standard error: how many documents, how fast, how many are not valid."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TextIO

from conformance.core.texts import say
from conformance.scale.verdict import Verdict

# Seconds between two tellings: a person watches, a log is read.
WATCHED, LOGGED = 0.5, 10.0


class Progress:
    """Counts what comes and tells it now and then; the total is not known, since nothing is listed in advance."""

    def __init__(self, out: TextIO, *, shown: bool) -> None:
        self._out = out
        self._shown = shown
        self._watched = out.isatty()
        self._began = self._told = time.monotonic()
        self.judged = self.kept = self.invalid = 0

    def count(self, answers: Sequence[Verdict | None]) -> None:
        """Count one batch of answers; none is a document that is still as known."""
        self.kept += sum(each is None for each in answers)
        self.judged += sum(each is not None for each in answers)
        self.invalid += sum(each is not None and not each.valid for each in answers)
        if time.monotonic() - self._told > (WATCHED if self._watched else LOGGED):
            self._tell()

    def end(self) -> None:
        """Tell the last state, and leave the line."""
        self._tell()
        if self._shown and self._watched:
            self._out.write("\n")
            self._out.flush()

    def _tell(self) -> None:
        self._told = time.monotonic()
        if not self._shown:
            return
        rate = self.judged / max(self._told - self._began, 1e-3)
        line = say("scale.progress", judged=self.judged, kept=self.kept, invalid=self.invalid, rate=f"{rate:.1f}")
        self._out.write(f"\r\x1b[K{line}" if self._watched else f"{line}\n")
        self._out.flush()
