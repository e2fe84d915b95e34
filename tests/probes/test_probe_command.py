"""``conformance probe`` against the reference DUI's own front door, and against peers that hold or mislead it."""

import json
import os
import socket
import threading
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from conformance.bench.reference import ReferenceDui
from conformance.cli.probe import probe
from conformance.core.errors import SetupError, UsageError
from conformance.dossier.schema import validator
from conformance.drivers.http import HttpDriver
from conformance.hardening import State
from conformance.probes.budget import Budget
from conformance.probes.observer import observe
from conformance.probes.target import Target


@pytest.fixture(scope="module")
def dui(tmp_path_factory):
    with ReferenceDui(tmp_path_factory.mktemp("dui"), switchable=True) as running:
        yield running


def asked(*arguments):
    return CliRunner().invoke(probe, list(arguments), standalone_mode=False)


def sinning(dui, *names):
    HttpDriver(dui.url, os.environ["DUI_CONTROL_TOKEN"], 10).prepare(names)


def test_a_sound_door_has_nothing_weak(dui) -> None:
    sinning(dui)
    done = asked(dui.front, "--ca", dui.authority, "--format", "json")
    told = json.loads(done.stdout)
    assert list(validator("hardening").iter_errors(told)) == []
    assert (done.return_value, told["counted"], told["complete"]) == (0, False, True)
    assert {rule["check"]: rule["state"] for rule in told["rules"] if rule["state"] != "sound"} == {}


def test_what_is_weak_is_told_with_its_source_and_its_mending(dui) -> None:
    sinning(dui, "lets-its-cookie-travel-in-clear", "forgets-to-keep-browsers-encrypted")
    done = asked(dui.front, "--ca", dui.authority)
    assert done.return_value == 1
    assert "Strict-Transport-Security" in done.stdout
    assert "OWASP ASVS 4.0.3, V3.4.1" in done.stdout
    sinning(dui)


def test_without_its_authority_the_certificate_is_not_vouched_for(dui) -> None:
    sinning(dui)
    told = json.loads(asked(dui.front, "--format", "json").stdout)
    assert [r["check"] for r in told["rules"] if r["state"] == State.WEAK] == ["hardening.certificate-authority"]


def test_a_door_in_clear_is_told_to_be(dui) -> None:
    sinning(dui)
    told = json.loads(asked(dui.url.replace("/conformance/v1", "/"), "--format", "json").stdout)
    states = {rule["check"]: rule["state"] for rule in told["rules"]}
    assert states["hardening.encrypted"] == State.WEAK
    assert states["hardening.tls-versions"] == states["hardening.hsts"] == State.UNSEEN


@pytest.mark.parametrize("url", ["ftp://dui.test/", "dui.test", "https://user:secret@dui.test/", "https://a:b:c/", "x"])
def test_what_is_no_address_is_refused_without_telling_its_password(url) -> None:
    done = asked(url)
    assert isinstance(done.exception, UsageError)
    assert "secret" not in str(done.exception)


def test_a_file_that_is_no_authority_is_refused(tmp_path) -> None:
    (tmp_path / "x.pem").write_text("not a certificate")
    assert isinstance(asked("https://localhost:1/", "--ca", str(tmp_path / "x.pem")).exception, UsageError)


def test_nobody_there_is_a_matter_of_setup() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert isinstance(asked(f"https://127.0.0.1:{port}/").exception, SetupError)


@contextmanager
def answering(answer):
    """A peer in clear that answers each connection with ``answer(connection)``; lists who came."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    came.append(connection.recv(4096))
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", came
        listening.shutdown(socket.SHUT_RDWR)


def seen(url, budget):
    records = []
    reached = observe(Target.of(url), lambda kind, data, _: records.append((kind, data)), budget)
    return reached, records


def test_another_host_is_never_connected_to() -> None:
    with answering(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as (elsewhere, met):
        away = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}there\r\nContent-Length: 0\r\n\r\n".encode()
        with answering(lambda c: c.sendall(away)) as (url, came):
            reached, records = seen(url, Budget())
    assert reached
    assert met == []
    assert records[0][1]["location"] == f"{elsewhere}there"
    assert [line.split(b" ")[0] for line in came] == [b"GET", b"TRACE"]
    assert all(b"User-Agent: dui-conformance/" in request for request in came)


def test_a_peer_that_never_ends_its_answer_is_left() -> None:
    gone = threading.Event()

    def drip(connection) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not gone.wait(0.02):
            try:
                connection.sendall(b"X: y\r\n")
            except OSError:
                return

    with answering(drip) as (url, _):
        reached, records = seen(url, Budget(step=0.2))
        gone.set()
    assert not reached
    assert records[0][1]["status"] == 0


def test_a_budget_that_is_spent_ends_the_look_and_is_told() -> None:
    round_and_round = b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
    with answering(lambda c: c.sendall(round_and_round)) as (url, came):
        _, records = seen(url, Budget(connections=3))
    assert len(came) == 3
    assert records[-1] == ("probe.budget", {"connections": 3, "seconds": 60.0, "used": 3, "complete": False})


def test_no_cookie_keeps_its_value() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=verysecret; HttpOnly\r\nContent-Length: 0\r\n\r\n"
    with answering(lambda c: c.sendall(answer)) as (url, _):
        _, records = seen(url, Budget())
    cookies = next(data["cookies"] for kind, data in records if kind == "probe.cookies")
    assert cookies == [{"name": "sid", "secure": False, "http_only": True, "same_site": "", "lasting": False}]
    assert "verysecret" not in str(records)
