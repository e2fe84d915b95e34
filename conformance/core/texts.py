"""One catalogue for every sentence a user reads, in French and in English.

A domain keeps its sentences in ``conformance/texts/<domain>.toml``::

    ["mail.nil.missing"]
    fr = "Le message ne porte pas l'en-tête X-MSS-NIL."
    en = "The message carries no X-MSS-NIL header."

Sentences hold ``{named}`` places; a place that no value fills stays visible, so that a gap is seen.
"""

from __future__ import annotations

import locale
import os
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages, as profiles write them."""

    fr: str
    en: str

    def __str__(self) -> str:
        return self.fr if language() == "fr" else self.en

    def in_(self, lang: Language) -> str:
        """The sentence in one language."""
        return self.fr if lang == "fr" else self.en

    @classmethod
    def of(cls, raw: Mapping[str, str] | str) -> Text:
        """Read ``{fr: …, en: …}`` or one string that serves both languages (a code, a title)."""
        if isinstance(raw, str):
            return cls(raw, raw)
        return cls(raw["fr"], raw["en"])


class _Visible(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def language() -> Language:
    """The language in force: chosen, else ``CONFORMANCE_LANG``, else the locale's, else English."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    asked = os.environ.get("CONFORMANCE_LANG") or _locale_language()
    return "fr" if asked.lower().startswith("fr") else "en"


def use_language(lang: Language | None) -> None:
    """Choose the language of this context; ``None`` goes back to the environment's."""
    _chosen.set(lang)


def say(key: str, lang: Language | None = None, /, **values: object) -> str:
    """The sentence ``key`` with its places filled; an unknown key raises :class:`KeyError`."""
    return catalogue()[key].in_(lang or language()).format_map(_Visible(values))


def known(key: str) -> bool:
    """Whether the catalogue holds this sentence."""
    return key in catalogue()


@cache
def catalogue() -> Mapping[str, Text]:
    """Every sentence, by key; a key said twice or in one language only raises :class:`ValueError`."""
    sentences: dict[str, Text] = {}
    for source in sorted(resources.files("conformance.texts").iterdir(), key=lambda item: item.name):
        if not source.name.endswith(".toml"):
            continue
        for key, entry in tomllib.loads(source.read_text(encoding="utf-8")).items():
            if key in sentences:
                raise ValueError(f"sentence {key!r} is written twice ({source.name})")
            if set(entry) != set(LANGUAGES):
                raise ValueError(f"sentence {key!r} needs exactly fr and en ({source.name})")
            sentences[key] = Text.of(entry)
    return sentences


def _locale_language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value
    return locale.getlocale()[0] or "en"
