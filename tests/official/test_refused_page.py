"""``docs/refused.md`` tells what the commands answer: they are played again, in order, and compared line by line."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import cli
from conformance.official.pack import add_pack
from tests.official.public_layout import FILES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "refused.md"


def told():
    """Each command of the page with the lines that the page shows under it."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("    $ "):
            found.append((shlex.split(line[6:]), []))
        elif found and (line.startswith("    ") or not line):
            found[-1][1].append(line[4:])
        elif found and line:
            found.append(([], []))
    return [(command, "\n".join(lines).strip()) for command, lines in found if command]


def played(command):
    if command[0] == "python":
        done = subprocess.run([sys.executable, str(ROOT / command[1]), *command[2:]], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout
    assert command[0] == "conformance"
    return CliRunner().invoke(cli, command[1:]).output


def test_the_page_tells_what_the_commands_answer(tmp_path, monkeypatch):
    if importlib.util.find_spec("saxonche") is None:
        pytest.skip("saxonche is not installed (extra « official »)")
    for path, text in FILES.items():
        target = tmp_path / "pack" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    add_pack(tmp_path / "pack", name="ans", repair=True)
    monkeypatch.chdir(tmp_path)
    commands = told()
    assert len(commands) == 6
    for command, shown in commands:
        answer = re.sub(r"[ \t]+$", "", played(command), flags=re.MULTILINE).strip()
        assert answer == shown, shlex.join(command)
