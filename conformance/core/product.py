"""The product sheet and how to reach the product: ``dui.toml``.

::

    [product]
    name = "Mon DUI"
    version = "4.2"
    editor = "Éditeur"
    reference = "REF-CONVERGENCE"     # the product reference that X-MSS-NIL carries

    [conditions]                      # each condition of the profiles, answered once
    pa_ph = true

    [offers]                          # PEUT requirements: does the product offer them?
    "SC.TBB.02.MS1" = false

    [driver]
    kind = "http"                     # or "guided"
    url = "http://127.0.0.1:8080/conformance/v1"
    token_env = "DUI_CONTROL_TOKEN"   # the name of an environment variable, never the token itself

    [[lane]]                          # absent: one lane named "main"
    name = "main"
    url = "http://…"                  # a lane may have its own driver address

    [front]                           # absent: nobody looks at the front door
    url = "https://dui.example/"      # where people enter; nothing else is connected to
    ca = "authority.pem"              # PEM of the authority to trust, beside this file; absent: those of the machine
    probe = true                      # false: do not look

    [limits]                          # seconds
    idle = 30
    quiet = 3
    answer = 30                       # of a product; a person (kind = "guided") has 1800 unless it is said
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.core.errors import UsageError

DRIVERS = ("http", "guided")
LANE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@dataclass(frozen=True, slots=True)
class Lane:
    """One product instance under test: where its driver answers, and what it runs."""

    name: str
    url: str
    scenarios: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    front: Front | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """Where people enter the product, and the file of the authority that vouches for its certificate, if it has its own."""

    url: str
    ca: str = ""
    probe: bool = True


# Of a person who sets certificates up and types a document, in seconds; a product answers in Limits.answer.
GUIDED_ANSWER = 1800.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, before an answer, idleness or quiet is given up or taken as reached."""

    idle: float = 30.0
    quiet: float = 3.0
    answer: float = 30.0


@dataclass(frozen=True, slots=True)
class Product:
    """What the editor declares of the product, and how the harness drives it."""

    name: str
    version: str
    editor: str
    reference: str
    driver: str
    lanes: tuple[Lane, ...]
    token_env: str | None = None
    conditions: Mapping[str, bool] = field(default_factory=dict)
    offers: Mapping[str, bool] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def sheet(self) -> dict[str, Any]:
        """What goes into the evidence and the outputs: no address, no secret."""
        return {
            "name": self.name,
            "version": self.version,
            "editor": self.editor,
            "reference": self.reference,
            "driver": self.driver,
            "conditions": dict(self.conditions),
            "offers": dict(self.offers),
            "parameters": dict(self.parameters),
            "lanes": [lane.name for lane in self.lanes],
        }


def load_product(path: Path) -> Product:
    """Read ``dui.toml``; every defect is a :class:`UsageError` that names the key."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise UsageError("dui.unreadable", path=str(path), reason=exc.strerror or str(exc)) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError("dui.not-toml", path=str(path), reason=str(exc)) from exc
    return product_of(raw, str(path))


def product_of(raw: Mapping[str, Any], origin: str) -> Product:
    """Build the product sheet from its parsed form."""
    read = _Reader(raw, origin)
    read.only("", "product", "conditions", "offers", "driver", "lane", "limits", "parameters", "front")
    read.only("product", "name", "version", "editor", "reference")
    read.only("driver", "kind", "url", "token_env")
    kind = read.string("driver", "kind")
    if kind not in DRIVERS:
        raise UsageError("dui.value", path=origin, key="driver.kind", expected=" | ".join(DRIVERS), got=kind)
    url = read.string("driver", "url") if kind == "http" else ""
    _addressed(url, "driver.url", origin)
    read.only("front", "url", "ca", "probe")
    return Product(
        name=read.string("product", "name"),
        version=read.string("product", "version"),
        editor=read.string("product", "editor"),
        reference=read.string("product", "reference"),
        driver=kind,
        lanes=_lanes(read, url),
        token_env=read.string("driver", "token_env") if "token_env" in read.table("driver") else None,
        conditions=read.booleans("conditions"),
        offers=read.booleans("offers"),
        parameters=read.tables("parameters"),
        limits=_limits(read, kind),
    )


def _lanes(read: _Reader, url: str) -> tuple[Lane, ...]:
    rows = read.raw.get("lane") or [{"name": "main"}]
    if not isinstance(rows, list):
        raise UsageError("dui.value", path=read.origin, key="lane", expected="[[lane]]", got="[lane]")
    lanes = []
    for row in rows:
        if not isinstance(row, Mapping):
            raise UsageError("dui.value", path=read.origin, key="lane", expected="[[lane]]", got=repr(row))
        if unknown := set(row) - {"name", "url", "scenarios", "defects", "front"}:
            raise UsageError("dui.unknown-key", path=read.origin, key=f"lane.{min(unknown)}")
        name = str(row.get("name", ""))
        if not name or set(name) - LANE_CHARACTERS:
            raise UsageError("dui.value", path=read.origin, key="lane.name", expected="[a-z0-9-]+", got=name)
        address = str(row.get("url", url))
        _addressed(address, "lane.url", read.origin)
        front = _front(row.get("front", read.raw.get("front")), read.origin)
        lanes.append(Lane(name, address, read.names(row, "scenarios"), read.names(row, "defects"), front))
    names = [lane.name for lane in lanes]
    if len(set(names)) != len(names):
        raise UsageError("dui.value", path=read.origin, key="lane.name", expected="unique", got=", ".join(names))
    return tuple(lanes)


def _front(raw: object, origin: str) -> Front | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or set(raw) - {"url", "ca", "probe"}:
        raise UsageError("dui.value", path=origin, key="front", expected="{url, ca, probe}", got=repr(raw))
    url, ca, probe = raw.get("url"), raw.get("ca", ""), raw.get("probe", True)
    if not isinstance(url, str) or not url or not isinstance(ca, str) or not isinstance(probe, bool):
        raise UsageError("dui.value", path=origin, key="front", expected='url = "https://…"', got=repr(dict(raw)))
    _addressed(url, "front.url", origin)
    # A file named in a sheet lies beside it.
    return Front(url, str(Path(origin).parent / ca) if ca else "", probe)


def _addressed(url: str, key: str, origin: str) -> None:
    try:
        good = not url or (urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname))
    except ValueError:
        good = False
    if not good:
        raise UsageError("dui.value", path=origin, key=key, expected="http(s)://…", got=url)


def _limits(read: _Reader, kind: str) -> Limits:
    read.only("limits", "idle", "quiet", "answer")
    values = {"answer": GUIDED_ANSWER} if kind == "guided" else {}
    for name, value in read.table("limits").items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 3600:
            raise UsageError("dui.value", path=read.origin, key=f"limits.{name}", expected="0 < s <= 3600", got=value)
        values[name] = float(value)
    return Limits(**values)


@dataclass(frozen=True)
class _Reader:
    raw: Mapping[str, Any]
    origin: str

    def table(self, name: str) -> Mapping[str, Any]:
        found = self.raw.get(name, {}) if name else self.raw
        if not isinstance(found, Mapping):
            raise UsageError("dui.value", path=self.origin, key=name, expected=f"[{name}]", got=type(found).__name__)
        return found

    def only(self, name: str, *known: str) -> None:
        if unknown := set(self.table(name)) - set(known):
            key = f"{name}.{min(unknown)}".lstrip(".")
            raise UsageError("dui.unknown-key", path=self.origin, key=key)

    def string(self, table: str, key: str) -> str:
        value = self.table(table).get(key)
        if not isinstance(value, str) or not value.strip():
            raise UsageError("dui.missing", path=self.origin, key=f"{table}.{key}")
        return value

    def names(self, row: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise UsageError("dui.value", path=self.origin, key=f"lane.{key}", expected='["…"]', got=repr(value))
        return tuple(value)

    def tables(self, name: str) -> dict[str, Mapping[str, Any]]:
        found = dict(self.table(name))
        for key, value in found.items():
            if not isinstance(value, Mapping):
                got = repr(value)
                raise UsageError(
                    "dui.value", path=self.origin, key=f"{name}.{key}", expected=f"[{name}.{key}]", got=got
                )
        return found

    def booleans(self, name: str) -> dict[str, bool]:
        table = self.table(name)
        for key, value in table.items():
            if not isinstance(value, bool):
                got = repr(value)
                raise UsageError("dui.value", path=self.origin, key=f"{name}.{key}", expected="true | false", got=got)
        return dict(table)
