"""What can go wrong in the product, and how it is told: a catalogue code and its values."""

from __future__ import annotations

from conformance.core.texts import say


class Fault(Exception):
    """Something refused or impossible; ``status`` is what the control API then answers."""

    status = 400

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code)

    def __str__(self) -> str:
        return say(self.code, "fr", **self.values)


class NotFound(Fault):
    """No such person, document, mailbox or item."""

    status = 404


class Conflict(Fault):
    """The state of the thing does not allow it: an item already integrated, a version already replaced."""

    status = 409


class MailFault(Fault):
    """The operator or the token endpoint refused, or could not be reached. ``transient``: trying again may help."""

    status = 502

    def __init__(self, code: str, /, *, transient: bool = True, **values: object) -> None:
        super().__init__(code, **values)
        self.transient = transient
