"""The guided driver: a person is told what to do; the traffic tells when it is done.

It speaks on the controlling terminal, so that pytest's captured output and a redirected standard output do not
hide the instructions. Each operation has its instruction in the catalogue under ``guided.<operation>``.
"""

from __future__ import annotations

import select
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from conformance.core.errors import SetupError
from conformance.core.texts import say
from conformance.drivers.operations import ConfigureMailbox, ConfigureService, Observe, Operation, ReadAbout, ReadIdle
from conformance.drivers.outcome import Answered, Outcome

SKIP = frozenset({"s", "skip", "passer"})
# What was expected on a screen is not what it shows.
NO = frozenset({"n", "no", "non"})
QUIT = frozenset({"q", "quit", "quitter"})


class GuidedDriver:
    """Tells a person what to do and waits for Enter, within ``answer`` seconds."""

    guided = True

    def __init__(self, answer: float, terminal: Callable[[], tuple[IO[str], IO[str]]] | None = None) -> None:
        self._answer = answer
        self._open = terminal or _terminal
        self._folder: Path | None = None
        self._boxes: dict[tuple[str, str], Mapping[str, object]] = {}
        self._services: dict[str, Mapping[str, object]] = {}

    def perform(self, operation: Operation) -> Outcome:
        """Show the instruction; Enter means done, ``s`` not offered by the product, ``q`` stop.

        Before a screen, Enter means that it shows what was expected, and ``n`` that it does not.
        """
        if isinstance(operation, ReadIdle | ReadAbout):
            return Outcome(Answered.NOT_OFFERED)
        if isinstance(operation, ConfigureMailbox) and self._is_set_up(operation):
            return Outcome(Answered.DONE, body={"already": True})
        if isinstance(operation, ConfigureService) and self._services.get(operation.service) == operation.settings:
            return Outcome(Answered.DONE, body={"already": True})
        outcome = self._ask(operation)
        if isinstance(operation, ConfigureService) and outcome.done:
            self._services[operation.service] = operation.settings
        if isinstance(operation, ConfigureMailbox) and outcome.done:
            self._boxes[operation.address, operation.kind] = operation.settings
        return outcome

    def _is_set_up(self, operation: ConfigureMailbox) -> bool:
        """A person sets a box up once, and the later scenarios go on with it.

        Each scenario brings a login of its own; the very same request twice wants the box to be set up again.
        """
        settings = self._boxes.get((operation.address, operation.kind))
        return settings is not None and settings != operation.settings

    def _ask(self, operation: Operation) -> Outcome:
        reader, writer = self._open()
        observing = isinstance(operation, Observe)
        writer.write(f"\n▶ {say('guided.' + operation.name, **operation.as_json())}\n")
        for name, value in () if observing else _flat(operation.told()):
            writer.write(f"    {name}: {self._shown(name, value)}\n")
        writer.write(say("guided.prompt-observe" if observing else "guided.prompt") + " ")
        writer.flush()
        ready, _, _ = select.select([reader], [], [], self._answer)
        if not ready:
            writer.write("\n" + say("guided.no-answer", seconds=f"{self._answer:g}") + "\n")
            return Outcome(Answered.UNREACHABLE)
        word = reader.readline().strip().lower()
        if word in QUIT:
            raise KeyboardInterrupt
        if observing and word in NO:
            return Outcome(Answered.REFUSED)
        return Outcome(Answered.NOT_OFFERED if word in SKIP else Answered.DONE)

    def _shown(self, name: str, value: object) -> str:
        """A value in one line; what has several (a certificate, a key) is put in a file of its own."""
        if isinstance(value, list | tuple):
            return ", ".join(str(item) for item in value)
        text = str(value)
        if "\n" not in text:
            return text
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="conformance-guided-"))
        path = self._folder / name.rpartition(".")[2].replace("_pem", ".pem").replace("_json", ".json")
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def prepare(self, defects: tuple[str, ...]) -> None:
        """A person cannot switch defects."""
        if defects:
            raise SetupError("driver.no-defects", url="guided", status=0)


def _flat(members: Mapping[str, object], inside: str = "") -> Iterator[tuple[str, object]]:
    """The members a person needs, nested ones by their dotted name, empty ones left out."""
    for name, value in members.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{inside}{name}.")
        elif value not in (None, "", (), []):
            yield f"{inside}{name}", value


def require_terminal() -> None:
    """Raise a :class:`SetupError` where a guided run would find nobody to tell what to do."""
    for stream in _terminal():
        if stream not in (sys.stdin, sys.stderr):
            stream.close()


def _terminal() -> tuple[IO[str], IO[str]]:
    try:
        tty = Path("/dev/tty")
        return tty.open(encoding="utf-8"), tty.open("w", encoding="utf-8")
    except OSError as exc:
        if sys.stdin is not None and sys.stdin.isatty():
            return sys.stdin, sys.stderr
        raise SetupError("driver.no-terminal") from exc
