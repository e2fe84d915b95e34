"""The worker seen from the command: started when first needed, limited, recycled, and started again when it dies."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from conformance.core.errors import SetupError

# 13.1.1 mends CVE-2026-91403 and CVE-2026-114820 of 12.6 to 13.1 (release notes of SaxonC).
OLDEST = (13, 1, 1)
MAX_ANSWER = 16 * 1024 * 1024
# Passed on to the worker; the rest of the environment (tokens, proxies) is none of its business.
ENVIRONMENT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes. The header rules of the public pack take 17 s and 1.5 GB to compile (measured)."""

    start: float = 60.0
    answer: float = 180.0
    resident: int = 4 * 1024**3
    documents: int = 500


class WorkerLost(Exception):
    """The worker died, was silent too long or grew too much; ``reason`` is a word for the card."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(slots=True)
class Worker:
    """One worker process; :meth:`ask` starts it when there is none."""

    limits: Limits = field(default_factory=Limits)
    _process: subprocess.Popen[bytes] | None = None
    _pending: bytes = b""
    _asked: int = 0
    _documents: int = 0
    version: str = ""

    @property
    def pid(self) -> int | None:
        """The process in service, if any."""
        return None if self._process is None else self._process.pid

    def ask(self, **request: Any) -> dict[str, Any]:
        """Ask and wait, within the limits; :class:`WorkerLost` when no answer came (the worker is then gone)."""
        self._start()
        self._asked += 1
        line = json.dumps(request | {"id": self._asked}).encode() + b"\n"
        try:
            process = self._process
            if process is None or process.stdin is None:
                raise WorkerLost("died")
            process.stdin.write(line)
            process.stdin.flush()
            answer = self._read(time.monotonic() + self.limits.answer)
        except (BrokenPipeError, OSError, ValueError) as exc:
            self.stop()
            raise WorkerLost("died") from exc
        except WorkerLost:
            self.stop()
            raise
        if int(answer.get("resident", 0)) > self.limits.resident:
            self.stop()
        return answer

    def document_done(self) -> None:
        """Count a document; Saxon's memory grows slowly, so a worker serves a bounded number of them."""
        self._documents += 1
        if self._documents >= self.limits.documents:
            self.stop()

    def stop(self) -> None:
        """End the process, if any."""
        process, self._process, self._pending, self._documents = self._process, None, b"", 0
        if process is None:
            return
        process.kill()
        process.wait(timeout=10)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _start(self) -> None:
        if self._process is not None:
            return
        saxon_or_card()
        environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "conformance.official.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        try:
            self.version = str(self._read(time.monotonic() + self.limits.start).get("ready", ""))
        except (WorkerLost, ValueError) as exc:
            self.stop()
            raise SetupError("official.worker-does-not-start") from exc

    def _read(self, deadline: float) -> dict[str, Any]:
        """One line of the worker; its memory is watched while it works."""
        process = self._process
        if process is None or process.stdout is None:
            raise WorkerLost("died")
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if (left := deadline - time.monotonic()) <= 0:
                    raise WorkerLost("silent")
                if selector.select(min(left, 0.5)):
                    received = os.read(process.stdout.fileno(), 65536)
                    if not received:
                        raise WorkerLost("died")
                    self._pending += received
                    if len(self._pending) > MAX_ANSWER:
                        raise WorkerLost("talkative")
                elif _resident(process.pid) > self.limits.resident:
                    raise WorkerLost("heavy")
        line, _, self._pending = self._pending.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer


def saxon_or_card() -> str:
    """The version of saxonche installed here; :class:`SetupError` when there is none, or one with known holes."""
    try:
        version = metadata.version("saxonche")
    except metadata.PackageNotFoundError as exc:
        raise SetupError("official.no-saxon") from exc
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    if numbers < OLDEST:
        raise SetupError("official.old-saxon", version=version, oldest=".".join(map(str, OLDEST)))
    return version


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 0
