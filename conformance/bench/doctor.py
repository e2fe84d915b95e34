"""Ten basic checks before a run. Their only verdict is ``setup``: nothing here says anything of conformity.

Most errors of a first run are configuration errors; each is told apart, with what to do.
"""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import requests

from conformance.bench.profiles import shipped_profiles
from conformance.core.errors import ConformanceError
from conformance.core.home import home_folder
from conformance.core.product import Product, load_product
from conformance.core.profile import load_profile
from conformance.core.texts import say
from conformance.drivers.factory import token_of
from conformance.drivers.operations import ConfigureMailbox, ReadAbout, ReadIdle, SendMessage

FIRST_OPERATIONS = (ReadIdle.name, ConfigureMailbox.name, SendMessage.name)
CLOCK_TOLERANCE = 60.0
DISK_FLOOR = 200 * 1024 * 1024
# Markers that `conformance init` leaves to be replaced.
BLANKS = ("…", "...")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check's answer: ``verdict`` is ``ok``, ``setup``, or ``skipped`` when an earlier one makes it moot."""

    check: str
    verdict: str
    values: dict[str, str] = field(default_factory=dict)

    def told(self) -> str:
        """The sentence."""
        suffix = {"ok": "ok", "setup": "bad", "skipped": "skipped"}[self.verdict]
        key = "doctor.skipped" if suffix == "skipped" else f"doctor.{self.check}.{suffix}"
        return say(key, **self.values)

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/doctor.json``)."""
        return {"check": self.check, "verdict": self.verdict, "message": self.told()}


class Trouble(Exception):
    """A check's refusal, with the values of its sentence."""

    def __init__(self, **values: object) -> None:
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(str(self.values))


@dataclass
class Doctor:
    """The ten checks over one product sheet."""

    path: Path
    product: Product | None = None
    about: requests.Response | None = None

    def diagnose(self) -> Iterator[Diagnosis]:
        """Every check in order; what depends on a failed one is skipped."""
        broken: set[str] = set()
        for name, needs, look in self._checks():
            if broken & needs:
                broken.add(name)
                yield Diagnosis(name, "skipped")
                continue
            try:
                look()
            except (Trouble, ConformanceError) as exc:
                broken.add(name)
                values = exc.values if isinstance(exc, Trouble) else {"card": exc.card()}
                yield Diagnosis(name, "setup", {k: str(v) for k, v in values.items()})
            else:
                yield Diagnosis(name, "ok")

    def _checks(self) -> tuple[tuple[str, set[str], Callable[[], None]], ...]:
        return (
            ("sheet", set(), self._sheet),
            ("blanks", {"sheet"}, self._blanks),
            ("conditions", {"sheet"}, self._conditions),
            ("token", {"sheet"}, self._token),
            ("reach", {"sheet", "token"}, self._reach),
            ("authorised", {"reach"}, self._authorised),
            ("identity", {"authorised"}, self._identity),
            ("operations", {"authorised"}, self._operations),
            ("clock", {"reach"}, self._clock),
            ("bench", set(), self._bench),
        )

    @property
    def _sheeted(self) -> Product:
        if self.product is None:
            raise Trouble(card="")
        return self.product

    def _sheet(self) -> None:
        self.product = load_product(self.path)

    def _blanks(self) -> None:
        product = self._sheeted
        for key in ("name", "version", "editor", "reference"):
            if any(blank in getattr(product, key) for blank in BLANKS):
                raise Trouble(key=f"product.{key}")

    def _conditions(self) -> None:
        asked = {c for path in shipped_profiles().values() for c in load_profile(path).conditions}
        if missing := sorted(asked - set(self._sheeted.conditions)):
            raise Trouble(conditions=", ".join(missing))

    def _token(self) -> None:
        token_of(self._sheeted)

    def _reach(self) -> None:
        product = self._sheeted
        if product.driver != "http":
            return
        url = product.lanes[0].url
        try:
            self.about = self._get(url, token_of(product))
        except requests.RequestException as exc:
            raise Trouble(url=url, reason=type(exc).__name__) from exc

    def _authorised(self) -> None:
        if self.about is not None and self.about.status_code in (401, 403):
            raise Trouble(status=self.about.status_code)

    def _identity(self) -> None:
        if self.about is None or self.about.status_code != requests.codes.ok:
            return
        said, product = self._body(), self._sheeted
        for key in ("version", "reference"):
            if key in said and said[key] != getattr(product, key):
                raise Trouble(key=key, sheet=getattr(product, key), product=said[key])

    def _operations(self) -> None:
        offered = self._body().get("operations")
        if isinstance(offered, list) and (missing := [name for name in FIRST_OPERATIONS if name not in offered]):
            raise Trouble(operations=", ".join(missing))

    def _clock(self) -> None:
        if self.about is None or "Date" not in self.about.headers:
            return
        apart = abs(parsedate_to_datetime(self.about.headers["Date"]).timestamp() - time.time())
        if apart > CLOCK_TOLERANCE:
            raise Trouble(seconds=f"{apart:.0f}")

    def _bench(self) -> None:
        folder = home_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with socket.create_server(("127.0.0.1", 0)):
                free = shutil.disk_usage(folder).free
        except OSError as exc:
            raise Trouble(reason=exc.strerror or str(exc)) from exc
        if free < DISK_FLOOR:
            raise Trouble(reason=f"{free // 1024 // 1024} MiB")

    def _body(self) -> dict[str, Any]:
        try:
            said = self.about.json() if self.about is not None else {}
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    def _get(self, url: str, token: str | None) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            limit = min(self._sheeted.limits.answer, 10.0)
            return session.get(url.rstrip("/") + ReadAbout.path, headers=headers, timeout=limit, allow_redirects=False)
