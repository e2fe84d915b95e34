"""What a worker process does: judge the documents of a batch in order, saying at each moment which one it is at."""

from __future__ import annotations

import logging
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Protocol

from conformance.core.texts import Language, use_language
from conformance.scale.item import Batch
from conformance.scale.rules import rules_version
from conformance.scale.verdict import Examine, Verdict

# Before the first document of a batch, and between two batches.
NOWHERE = -1


class Place(Protocol):
    """A number shared with the process that watches; it outlives this one."""

    value: int


def serve(pipe: Connection, place: Place, examine: Examine, language: Language) -> None:
    """Announce the rules' version, then answer batches until the pipe closes."""
    # Ctrl-C is for the process that writes: it lets go of the pipe, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare(language)
    rules = rules_version()
    try:
        pipe.send(rules)
        while True:
            batch: Batch = pipe.recv()
            verdicts: list[Verdict | None] = []
            for number, (item, known) in enumerate(batch):
                place.value = number
                verdicts.append(examine(item, known, rules))
            # All judged: a death from here on is no document's fault.
            place.value = NOWHERE
            pipe.send(verdicts)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def judge_batch(batch: Batch, examine: Examine, language: Language) -> tuple[str, Sequence[Verdict | None]]:
    """The same for one batch sent to a cluster: the rules' version there, and a verdict per document."""
    prepare(language)
    rules = rules_version()
    return rules, [examine(item, known, rules) for item, known in batch]


def prepare(language: Language) -> None:
    """Speak the language asked; what libraries grumble about a file is told as findings."""
    use_language(language)
    for name in ("pikepdf", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
