"""The command-line library's own words in the language of the command: Click looks them up by ``gettext``."""

from __future__ import annotations

import atexit
import gettext
import os
import struct
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.core.texts import Language, catalogue

PREFIX = "click."
DOMAIN = "messages"
# Sentences that Click asks for in the singular and in the plural at once.
PLURALS = {
    "click.meant": "click.meant-several",
    "click.extra-argument": "click.extra-arguments",
    "click.takes-one": "click.takes-several",
    "click.needs-one": "click.needs-several",
    "click.not-choice": "click.not-choices",
}
HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n > 1);\n"


def speak(lang: Language) -> None:
    """Have Click speak a language, in this process and in those that it starts; it knows English by itself."""
    os.environ["LANGUAGE"] = lang
    if lang != "en":
        gettext.bindtextdomain(DOMAIN, _folder(lang))


def compiled(lang: Language) -> bytes:
    """The catalogue's sentences for Click as a GNU message file (gettext manual, "The Format of GNU MO Files")."""
    words = {"": HEADER, **_sentences(lang)}
    pairs = sorted((key.encode(), value.encode()) for key, value in words.items())
    count = len(pairs)
    texts = [key for key, _ in pairs] + [value for _, value in pairs]
    place, table = 28 + 16 * count, b""
    for text in texts:
        table += struct.pack("<II", len(text), place)
        place += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    return head + table + b"".join(text + b"\0" for text in texts)


@cache
def _folder(lang: Language) -> str:
    folder = TemporaryDirectory(prefix="conformance-words-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    target = Path(folder.name) / lang / "LC_MESSAGES" / f"{DOMAIN}.mo"
    target.parent.mkdir(parents=True)
    target.write_bytes(compiled(lang))
    return folder.name


def _sentences(lang: Language) -> dict[str, str]:
    known = {key: text for key, text in catalogue().items() if key.startswith(PREFIX)}
    found = {text.en: text.in_(lang) for text in known.values()}
    for one, several in PLURALS.items():
        found[f"{known[one].en}\0{known[several].en}"] = f"{known[one].in_(lang)}\0{known[several].in_(lang)}"
    return found
