"""The bench's handle on the running services: start them or attach to them, and ask them things.

::

    with Bench.start(evidence, home, ["main"]) as bench:
        opened = bench.mailbox("main", "dui@main.mssante.test", "PER")
        record = bench.await_record("main", "smtp.message", "<mark>", after=bench.sequences("main"), timeout=30)

Every fault is a :class:`~conformance.core.errors.ConformanceError`. A handle serves one thread.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from conformance.core import words
from conformance.core.errors import ConformanceError, HarnessError, SetupError, UsageError
from conformance.services.contract import EMBEDDED, Endpoints, LaneEndpoints, lane_of

# Seconds: the first start of a machine makes its keys.
START_LIMIT = 60.0
STOP_LIMIT = 10.0
ANSWER_LIMIT = 30.0
LAST_WORDS = 2000
_POLL = 0.02


class Bench:
    """A connection to one running set of services."""

    def __init__(self, endpoints: Endpoints, endpoints_file: Path, child: _Child | None = None) -> None:
        self.endpoints = endpoints
        self.endpoints_file = endpoints_file
        self._child = child
        self._lanes: dict[str, LaneEndpoints] = dict(endpoints.lanes)
        self._session = requests.Session()
        # The environment may name a proxy, or a trust store that knows nothing of the bench.
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {endpoints.control_token}"

    @classmethod
    def start(
        cls,
        evidence: Path,
        home: Path,
        lanes: Sequence[str],
        *,
        permitted: Sequence[str] = (),
        secret_variables: Sequence[str] = (),
        mail_backend: str = EMBEDDED,
    ) -> Self:
        """Start the services of these lanes in a process of their own, and wait until all of them listen.

        ``evidence`` is the run's evidence folder, ``home`` the state folder (its PKI is reused), ``permitted`` the
        names that the test root may certify beside ``.test`` and loopback, ``secret_variables`` the environment
        variables that hold secrets of the product, which the services must not write down, ``mail_backend`` what keeps
        the boxes (:data:`~conformance.services.contract.BACKENDS`).
        """
        (home / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        endpoints = home / "run" / f"services-{secrets.token_hex(6)}.json"
        command = [sys.executable, "-m", "conformance.services.host", "--evidence", str(evidence)]
        command += ["--endpoints", str(endpoints), "--home", str(home), "--lanes", ",".join(lanes)]
        command += ["--parent", str(os.getpid()), *(part for name in permitted for part in ("--permit", name))]
        command += ["--mail-backend", mail_backend]
        command += [part for name in secret_variables for part in ("--secret-env", name)]
        child = _Child(command)
        try:
            child.await_file(endpoints)
            return cls(Endpoints.read(endpoints), endpoints, child)
        except BaseException:
            child.end()
            raise

    @classmethod
    def attach(cls, endpoints_file: Path) -> Self:
        """Join services that run already, by the file they wrote."""
        try:
            endpoints = Endpoints.read(endpoints_file)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise SetupError("services.no-endpoints", path=str(endpoints_file), reason=str(exc)) from exc
        bench = cls(endpoints, endpoints_file)
        bench.health()
        return bench

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the services if this handle started them; one that only attached lets them run.

        What they wrote on their standard error, a fault of theirs, goes to this process's.
        """
        if self._child:
            sys.stderr.write(self._child.end())
            self.endpoints_file.unlink(missing_ok=True)
        self._session.close()

    def alive(self) -> bool:
        """Whether the services still run."""
        if self._child:
            return self._child.process.poll() is None
        try:
            self.health()
        except SetupError:
            return False
        return True

    def health(self) -> None:
        """Raise :class:`SetupError` unless the services answer."""
        self._ask("GET", "/health")

    def shutdown(self) -> None:
        """Tell the services to stop, whoever started them."""
        self._ask("POST", "/shutdown")

    def lane(self, name: str, *, expires_in: int | None = None) -> LaneEndpoints:
        """The endpoints of a lane, made when it is new (then ``expires_in`` is its access tokens' life, seconds)."""
        if name not in self._lanes:
            asked = {} if expires_in is None else {"expires_in": expires_in}
            self._lanes[name] = lane_of(self._ask("PUT", f"/lanes/{name}", json=asked))
        return self._lanes[name]

    def sequences(self, lane: str) -> dict[str, int]:
        """The last sequence number of every service in a lane."""
        return dict(self._ask("GET", f"/lanes/{lane}/sequences"))

    def mailbox(self, lane: str, address: str, kind: str, *, owner: str = "") -> dict[str, Any]:
        """Open a box of the lane's operator and return what opens it.

        ``{"refresh_token"}`` for PER and ORG, ``{"client_certificate_pem", "client_key_pem"}`` for APP; the members
        that do not apply are ``None``. Opening a box again gives a new refresh token.
        """
        return dict(
            self._ask("PUT", f"/lanes/{lane}/mailboxes", json={"address": address, "kind": kind, "owner": owner})
        )

    def deliver(self, lane: str, mailbox: str, raw: bytes, what: str) -> dict[str, Any]:
        """Put an inbound message in a box and return its ``mail.delivered`` record, with its ``id``."""
        where = {"mailbox": mailbox, "what": what}
        return dict(self._ask("POST", f"/lanes/{lane}/deliveries", params=where, data=raw))

    def fault(self, lane: str, fault: str, *, label: str = "", active: bool = True) -> dict[str, Any]:
        """Open a bad server of the lane (``docs/services/mssante.md`` names the faults) and return how to meet it.

        ``{"domain", "autoconfig_url"}``: a box of that domain, set up from that document, meets the fault. ``label``
        sets a server apart from others of the same fault; ``active`` false leaves it good until :meth:`switch`.
        """
        return dict(self._ask("PUT", f"/lanes/{lane}/faults", json={"fault": fault, "label": label, "active": active}))

    def switch(self, lane: str, domain: str, *, active: bool) -> None:
        """Put the fault of an open bad server on or off."""
        self._ask("POST", f"/lanes/{lane}/faults", json={"domain": domain, "active": active})

    def end_login(self, lane: str, mailbox: str) -> bool:
        """End the Pro Santé Connect login that opens a mailbox; false when it was over already."""
        return bool(self._ask("DELETE", f"/lanes/{lane}/logins", json={"mailbox": mailbox})["ended"])

    def service(self, lane: str, name: str) -> dict[str, Any]:
        """The endpoints of a national service of a lane (``docs/services/``); it starts when it is first asked for."""
        return dict(self._ask("PUT", f"/lanes/{lane}/services/{name}", limit=START_LIMIT))

    def act(self, lane: str, service: str, action: str, **members: Any) -> dict[str, Any]:
        """Tell a national service of a lane something; ``members`` and the answer are JSON values."""
        return dict(self._ask("POST", f"/lanes/{lane}/services/{service}", params={"action": action}, json=members))

    def await_record(
        self, lane: str, kind: str, mark: str, *, after: Mapping[str, int] | None = None, timeout: float
    ) -> dict[str, Any] | None:
        """Wait for a record of a lane that bears a mark (empty: any); ``None`` when none came in ``timeout`` seconds.

        ``after`` is what :meth:`sequences` answered before the stimulus: earlier records do not count.
        """
        asked = {"kind": kind, "mark": mark, "after": dict(after or {}), "timeout": timeout}
        found = self._ask("POST", f"/lanes/{lane}/wait", limit=timeout + ANSWER_LIMIT, json=asked)["record"]
        return dict(found) if found else None

    def _ask(self, method: str, path: str, *, limit: float = ANSWER_LIMIT, **content: Any) -> Any:
        try:
            url = self.endpoints.control_url + path
            response = self._session.request(method, url, timeout=limit, allow_redirects=False, **content)
            answer = response.json()
        except requests.RequestException as exc:
            raise SetupError("services.unreachable", url=self.endpoints.control_url, reason=str(exc)) from exc
        if not response.ok:
            raise _told(answer)
        return answer


def _told(card: Mapping[str, Any]) -> ConformanceError:
    kinds = {words.USAGE: UsageError, words.SETUP: SetupError}
    return kinds.get(card["exit_code"], HarnessError)(card["code"], **card["values"])


class _Child:
    """The process of the services, and what it says on its standard outputs."""

    def __init__(self, command: Sequence[str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        # A session of its own: Ctrl-C reaches the bench, which then stops the services in its own time.
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True
        )

    def await_file(self, path: Path) -> None:
        """Wait until the services say where they are."""
        deadline = time.monotonic() + START_LIMIT
        while not path.exists():
            if self.process.poll() is not None:
                raise SetupError("services.died", status=self.process.returncode, words=self.words() or "-")
            if time.monotonic() > deadline:
                raise SetupError("services.late", limit=int(START_LIMIT), words=self.words() or "-")
            time.sleep(_POLL)

    def words(self) -> str:
        """The last words, bounded."""
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - LAST_WORDS))
        return self._log.read().decode("utf-8", "replace")

    def end(self) -> str:
        """Stop the process, by force if it must be, and return its last words; again does nothing."""
        if self._log.closed:
            return ""
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_LIMIT)
        words = self.words()
        self._log.close()
        return words
