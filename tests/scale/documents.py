"""Small trees for the tests, and what kills or holds a worker on purpose."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

from conformance.scale.item import Item
from conformance.scale.verdict import Verdict, examine
from tests.checks.documents_made import valid_n1

FATAL, ONCE, SLOW = "fatal.xml", "once.xml", "slow.xml"


def tree(folder, count):
    """``count`` distinct documents; a comment after the root changes the bytes and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"d{number:04d}.xml").write_bytes(distinct(number))
    return folder


def distinct(number):
    return valid_n1() + f"<!-- {number} -->".encode()


def cheap(item, _known, rules):
    """Judges nothing: for tests of what happens around the judging. Some names end, or hold, their process."""
    name = Path(item.path).name
    if name == FATAL or (name == ONCE and first_time(item)):
        os.kill(os.getpid(), signal.SIGKILL)
    if name == SLOW:
        time.sleep(60)
    content = item.read()
    assert isinstance(content, bytes)
    return Verdict(item.path, content.hex()[:64], "unknown", True, True, (), rules)


def first_time(item: Item) -> bool:
    mark = item.path + ".met"
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def twice(told):
    """The keys met more than once."""
    counted = Counter((each["path"], each["sha256"], each["rules"]) for each in told)
    return [key for key, count in counted.items() if count > 1]


def judged_here(items, rules="r"):
    return [examine(item, None, rules) for item in items]
