from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from conformance.core.errors import SetupError, UsageError
from conformance.core.fidelity import RECORDER
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.contract import Endpoints

MESSAGE = b"From: a@pro.main.mssante.test\r\nMessage-ID: <One@pro.main.test>\r\n\r\nBonjour\r\n"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home: Path, evidence: Path) -> Iterator[Bench]:
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        yield bench


def until(done: Callable[[], bool], limit: float = 15.0) -> bool:
    deadline = time.monotonic() + limit
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def refresh(bench: Bench, web: requests.Session, lane: str, token: str) -> dict[str, object]:
    here = bench.lane(lane)
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answer = web.post(here.psc_token_endpoint, data=form, auth=(here.client_id, here.client_secret), timeout=10)
    return dict(answer.json())


def test_the_endpoints_are_written_for_their_owner_only(bench: Bench) -> None:
    assert Endpoints.read(bench.endpoints_file) == bench.endpoints
    assert stat.S_IMODE(bench.endpoints_file.stat().st_mode) == 0o600
    assert set(bench.endpoints.lanes) == {"main"}
    assert bench.alive()


def test_a_mailbox_opens_with_a_token_that_the_provider_honours(bench: Bench, web: requests.Session) -> None:
    before = bench.sequences("main")
    opened = bench.mailbox("main", "one@main.mssante.test", "PER")
    assert opened["client_key_pem"] is None
    answer = refresh(bench, web, "main", opened["refresh_token"])
    assert answer["expires_in"] == 120
    record = bench.await_record("main", "psc.token", "", after=before, timeout=10)
    assert record
    assert record["data"]["outcome"] == "ok"
    assert bench.sequences("main")["psc"] == record["seq"]
    assert record["id"] == f"psc/main/{record['seq']}"


def test_an_application_s_mailbox_opens_with_a_certificate(bench: Bench) -> None:
    opened = bench.mailbox("main", "app@main.mssante.test", "APP")
    assert opened["refresh_token"] is None
    assert opened["client_certificate_pem"].startswith("-----BEGIN CERTIFICATE")
    assert "PRIVATE KEY" in opened["client_key_pem"]


def test_a_delivery_is_recorded_and_can_be_awaited(bench: Bench, evidence: Path) -> None:
    bench.mailbox("main", "two@main.mssante.test", "ORG")
    before = bench.sequences("main")
    delivered = bench.deliver("main", "two@main.mssante.test", MESSAGE, "greeting")
    found = bench.await_record("main", "mail.delivered", "One@PRO.main.test", after=before, timeout=10)
    assert found == delivered
    assert delivered["id"] in {record.id for record in read_journal(evidence)}
    late = bench.sequences("main")
    assert bench.await_record("main", "mail.delivered", "one@pro.main.test", after=late, timeout=0.1) is None


def test_a_lane_made_at_run_time_is_separate(bench: Bench, web: requests.Session) -> None:
    lane = bench.lane("late-1", expires_in=7)
    other = bench.lane("main")
    assert lane.psc_issuer != other.psc_issuer
    assert lane.client_id != other.client_id
    assert bench.lane("late-1") == lane
    assert Bench.attach(bench.endpoints_file).lane("late-1") == lane
    assert {service: last for service, last in bench.sequences("late-1").items() if last} == {RECORDER: 2}
    token = bench.mailbox("late-1", "x@late-1.mssante.test", "PER")["refresh_token"]
    assert refresh(bench, web, "late-1", token)["expires_in"] == 7
    assert refresh(bench, web, "main", token)["error"] == "invalid_grant"
    assert web.get(lane.autoconfig_url, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda b: b.sequences("nowhere"), r"services\.unknown-lane"),
        (lambda b: b.lane("Not A Lane"), r"services\.lane-name"),
        (lambda b: b.mailbox("main", "x@elsewhere.test", "PER"), r"mssante\.foreign-address"),
        (lambda b: b.mailbox("main", "x@main.mssante.test", "XXX"), r"services\.box-kind"),
        (lambda b: b.mailbox("main", "x@main.mssante.test", "PER", owner="8000"), r"services\.unknown-persona"),
        (lambda b: b.await_record("main", "psc.token", "", timeout=3600), r"services\.control\.bad-request"),
        (lambda b: b.lane("z", expires_in=0), r"services\.control\.bad-request"),
    ],
)
def test_what_cannot_be_done_is_a_card(bench: Bench, ask: Callable[[Bench], object], code: str) -> None:
    with pytest.raises(UsageError, match=code):
        ask(bench)


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer wrong", "Basic {token}"])
def test_nobody_commands_without_the_token(bench: Bench, web: requests.Session, token: str) -> None:
    given = {"Authorization": token.format(token=bench.endpoints.control_token)} if token else {}
    for method, path in (("GET", "/health"), ("POST", "/shutdown"), ("GET", "/no-such-path")):
        answer = web.request(method, bench.endpoints.control_url + path, headers=given, timeout=10)
        assert answer.status_code == 401
    assert bench.alive()


def test_junk_asked_of_the_control_interface_is_refused(bench: Bench, web: requests.Session) -> None:
    given = {"Authorization": f"Bearer {bench.endpoints.control_token}"}
    url = f"{bench.endpoints.control_url}/lanes/main/wait"
    for body in (b"[]", b"{", b"[" * 60_000, b'{"after": 3}', b'{"after": {"psc": "x"}}', b'{"kind": 4}'):
        answer = web.post(url, data=body, headers=given, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (400, "services.control.bad-request")
    assert web.post(url, data=b" " * 70_000, headers=given, timeout=10).status_code == 413


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")
def test_the_process_listens_on_loopback_and_reaches_nobody(bench: Bench, web: requests.Session) -> None:
    web.get(bench.lane("main").psc_jwks_uri, timeout=10)
    process = Path(f"/proc/{bench.endpoints.pid}")
    links = [str(fd.readlink()) for fd in (process / "fd").iterdir()]
    held = {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = [line.split() for name in ("tcp", "tcp6", "udp", "udp6") for line in _lines(process / "net" / name)]
    ours = [row for row in rows if row[9] in held]
    assert len([row for row in ours if row[3] == "0A"]) >= 5
    assert {row[1].partition(":")[0] for row in ours} == {"0100007F"}
    assert {row[2].partition(":")[0] for row in ours} <= {"0100007F", "00000000"}


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:]


def test_stopping_ends_the_process_and_leaves_a_whole_journal(bench_home: Path, tmp_path: Path) -> None:
    with Bench.start(tmp_path / "evidence", bench_home, ["a", "b"]) as bench:
        bench.deliver("a", "someone@pro.a.mssante.test", MESSAGE, "greeting")
    assert not bench.alive()
    assert not bench.endpoints_file.exists()
    ids = [record.id for record in read_journal(tmp_path / "evidence") if record.service != RECORDER]
    assert ids == ["mssante.delivery/a/1"]
    with pytest.raises(SetupError, match=r"services\.unreachable"):
        bench.health()


def test_services_told_to_shut_down_stop_and_take_their_file_away(bench_home: Path, tmp_path: Path) -> None:
    with Bench.start(tmp_path / "evidence", bench_home, []) as bench:
        guest = Bench.attach(bench.endpoints_file)
        guest.shutdown()
        assert until(lambda: not bench.alive())
        assert not guest.alive()
        with pytest.raises(SetupError, match=r"services\.no-endpoints"):
            Bench.attach(bench.endpoints_file)


PARENT = """
import sys, time
from pathlib import Path
from conformance.services.client import Bench
bench = Bench.start(Path(sys.argv[1]), Path(sys.argv[2]), [])
print(bench.endpoints_file, flush=True)
time.sleep(60)
"""


def test_services_die_with_the_process_that_started_them(bench_home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "evidence"), str(bench_home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        endpoints = Path(parent.stdout.readline().strip())
        orphan = Bench.attach(endpoints)
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    assert until(lambda: not endpoints.exists())
    assert until(lambda: not orphan.alive())


def test_a_start_that_fails_tells_why(bench_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_LANG", "en")
    with pytest.raises(SetupError, match=r"(?s)services\.died.*services\.lane-name"):
        Bench.start(tmp_path / "evidence", bench_home, ["NOT A LANE"])
    with pytest.raises(SetupError, match=r"services\.pki\.not-permitted"):
        Bench.start(tmp_path / "evidence", bench_home, [], permitted=["bench.example"])


def test_the_run_folder_is_private_and_left_clean(bench: Bench, bench_home: Path) -> None:
    assert stat.S_IMODE((bench_home / "run").stat().st_mode) == 0o700
    assert [bench.endpoints_file] == list((bench_home / "run").iterdir())


def test_a_service_that_nobody_plays_is_refused_with_a_card(bench: Bench) -> None:
    with pytest.raises(UsageError) as refused:
        bench.service("main", "nothing")
    assert refused.value.code == "services.unknown-service"
    with pytest.raises(UsageError):
        bench.act("main", "nothing", "do")
