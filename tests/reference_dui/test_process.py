"""The reference DUI as a process: it tells where it listens, and stops when asked; importing it asks nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

COMMAND = [sys.executable, "-W", "error", "-m", "conformance._bundled.reference_dui"]


def waited(condition, limit=20):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_listens_on_loopback_says_where_and_stops(tmp_path):
    ready = tmp_path / "ready.json"
    environment = {**os.environ, "DUI_CONTROL_TOKEN": "essai"}
    command = [
        *COMMAND,
        "--port",
        "0",
        "--ready",
        str(ready),
        "--data",
        str(tmp_path / "d"),
        "--defect",
        "drops-nil-header",
    ]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        waited(lambda: ready.exists() or process.poll() is not None)
        told = json.loads(ready.read_text())
        assert told["pid"] == process.pid
        assert told["url"].startswith("http://127.0.0.1:")
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": "Bearer essai"}
            assert session.get(told["url"] + "/conformance/v1/idle", headers=headers, timeout=10).json() == {
                "idle": True
            }
            switched = session.put(
                told["url"] + "/conformance/v1/defects", json={"defects": []}, headers=headers, timeout=10
            )
            assert switched.status_code == 501
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) in (0, -signal.SIGTERM)
        assert "essai" not in process.stderr.read()


def test_it_stops_when_the_process_that_started_it_is_gone(tmp_path):
    ready = tmp_path / "ready.json"
    arguments = [*COMMAND, "--ready", str(ready), "--data", str(tmp_path / "d")]
    script = (
        "import pathlib, subprocess, sys, time\n"
        f"subprocess.Popen({arguments!r}, stderr=subprocess.DEVNULL)\n"
        f"while not pathlib.Path({str(ready)!r}).exists(): time.sleep(0.05)\n"
    )
    subprocess.run([sys.executable, "-c", script], timeout=30, check=True)
    pid = json.loads(ready.read_text())["pid"]
    waited(lambda: not alive(pid))


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that ended and was not waited for yet is a zombie: it runs no more.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_an_unknown_defect_stops_it_at_once(tmp_path):
    run = subprocess.run(
        [*COMMAND, "--data", str(tmp_path / "d"), "--defect", "unheard-of"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 2
    assert "unheard-of" in run.stderr


def test_importing_it_opens_no_connection():
    script = (
        "import socket\n"
        "def refuse(*_, **__): raise AssertionError('network at import')\n"
        "socket.socket.connect = socket.getaddrinfo = socket.socket.bind = refuse\n"
        "import conformance._bundled.reference_dui.application, conformance._bundled.reference_dui.__main__\n"
    )
    subprocess.run([sys.executable, "-c", script], timeout=30, check=True)
