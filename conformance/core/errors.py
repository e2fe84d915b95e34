"""Errors that reach a user: each is a card with a code, and each has its exit code.

The catalogue entry ``<code>`` is the sentence; ``<code>.cause`` and ``<code>.fix`` complete the card.
"""

from __future__ import annotations

from conformance.core import words
from conformance.core.texts import Language, known, say


class ConformanceError(Exception):
    """An error told as a card; :attr:`exit_code` is what a command then answers."""

    exit_code = words.HARNESS_ERROR

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code)

    def __str__(self) -> str:
        return self.card()

    def card(self, lang: Language | None = None) -> str:
        """The card: code and sentence, then the likely cause and the way out where they are known."""
        lines = [f"[{self.code}] {say(self.code, lang, **self.values)}"]
        for part in ("cause", "fix"):
            key = f"{self.code}.{part}"
            if known(key):
                lines.append(f"  {say('card.' + part, lang)} {say(key, lang, **self.values)}")
        return "\n".join(lines)


class UsageError(ConformanceError):
    """What was asked cannot be understood: a path, a name, a file that does not read."""

    exit_code = words.USAGE


class SetupError(ConformanceError):
    """The bench is not ready: a port, a certificate, a product that does not answer."""

    exit_code = words.SETUP


class HarnessError(ConformanceError):
    """The harness itself is at fault; never a verdict on the product."""
