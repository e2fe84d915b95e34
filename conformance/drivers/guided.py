"""The guided driver: a person is told what to do; the traffic tells when it is done.

It speaks on the controlling terminal, so that pytest's captured output and a redirected standard output do not
hide the instructions. Each operation has its instruction in the catalogue under ``guided.<operation>``.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from conformance.core.errors import SetupError
from conformance.core.texts import say
from conformance.drivers.operations import Operation, ReadAbout, ReadIdle
from conformance.drivers.outcome import Answered, Outcome

SKIP = frozenset({"s", "skip", "passer"})
QUIT = frozenset({"q", "quit", "quitter"})


class GuidedDriver:
    """Tells a person what to do and waits for Enter, within ``answer`` seconds."""

    guided = True

    def __init__(self, answer: float, terminal: Callable[[], tuple[IO[str], IO[str]]] | None = None) -> None:
        self._answer = answer
        self._open = terminal or _terminal

    def perform(self, operation: Operation) -> Outcome:
        """Show the instruction; Enter means done, ``s`` not offered by the product, ``q`` stop."""
        if isinstance(operation, ReadIdle | ReadAbout):
            return Outcome(Answered.NOT_OFFERED)
        reader, writer = self._open()
        writer.write(f"\n▶ {say('guided.' + operation.name, **operation.as_json())}\n")
        for name, value in operation.as_json().items():
            writer.write(f"    {name}: {_shown(value)}\n")
        writer.write(say("guided.prompt") + " ")
        writer.flush()
        ready, _, _ = select.select([reader], [], [], self._answer)
        if not ready:
            writer.write("\n" + say("guided.no-answer", seconds=f"{self._answer:g}") + "\n")
            return Outcome(Answered.UNREACHABLE)
        word = reader.readline().strip().lower()
        if word in QUIT:
            raise KeyboardInterrupt
        return Outcome(Answered.NOT_OFFERED if word in SKIP else Answered.DONE)

    def prepare(self, defects: tuple[str, ...]) -> None:
        """A person cannot switch defects."""
        if defects:
            raise SetupError("driver.no-defects", url="guided", status=0)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 and "\n" not in text else text[:160].replace("\n", "⏎") + "…"


def _terminal() -> tuple[IO[str], IO[str]]:
    try:
        tty = Path("/dev/tty")
        return tty.open(encoding="utf-8"), tty.open("w", encoding="utf-8")
    except OSError as exc:
        if sys.stdin is not None and sys.stdin.isatty():
            return sys.stdin, sys.stderr
        raise SetupError("driver.no-terminal") from exc
