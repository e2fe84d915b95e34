"""The members of a request, read with their types: a wrong one is a :class:`Fault` that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .faults import Fault

MAX_KEY = 200


class Members:
    """A JSON object and the members of the path, read one by one."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    def text(self, name: str) -> str:
        """A string that must be there and say something."""
        value = self._raw.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Fault("refdui.fault.wrong-member", member=name)
        return value

    def key(self, name: str) -> str:
        """A short string that names something; no control characters."""
        value = self.text(name)
        if len(value) > MAX_KEY or not value.isprintable():
            raise Fault("refdui.fault.wrong-member", member=name)
        return value

    def has(self, name: str) -> bool:
        """Whether a member says anything."""
        return bool(self._raw.get(name))

    def maybe(self, name: str) -> str | None:
        """A string or nothing."""
        value = self._raw.get(name)
        if value is not None and not isinstance(value, str):
            raise Fault("refdui.fault.wrong-member", member=name)
        return value or None

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """A boolean; without ``default`` it must be there."""
        value = self._raw.get(name, default)
        if not isinstance(value, bool):
            raise Fault("refdui.fault.wrong-member", member=name)
        return value

    def number(self, name: str) -> int:
        """A whole number."""
        value = self._raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Fault("refdui.fault.wrong-member", member=name)
        return value

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        value = self._raw.get(name)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise Fault("refdui.fault.wrong-member", member=name)
        return value

    def listing(self, name: str) -> list[Any]:
        """A list of anything."""
        value = self._raw.get(name)
        if not isinstance(value, list):
            raise Fault("refdui.fault.wrong-member", member=name)
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A JSON object."""
        value = self._raw.get(name)
        if not isinstance(value, Mapping):
            raise Fault("refdui.fault.wrong-member", member=name)
        return value
