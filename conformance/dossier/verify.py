"""Whether a dossier is as it was sealed, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from conformance.core.errors import UsageError
from conformance.core.texts import Language, say
from conformance.core.words import GOOD, NON_CONFORMITIES, SETUP
from conformance.dossier import layout
from conformance.dossier.judged import SCHEMA
from conformance.dossier.reading import SealedDossier
from conformance.dossier.signature import Signature, check_signature, load_authority
from conformance.dossier.structure import AlteredDossier

HEX = frozenset("0123456789abcdef")
Matched = Literal["root", "seal"]


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. ``altered`` lists the files at fault with the catalogue key of why; empty when sound.

    ``matched`` says which hash the expected one is. A dossier whose bytes are sound keeps its hashes here even
    when it is not the expected one.
    """

    files: int = 0
    root: str | None = None
    seal: str | None = None
    altered: tuple[tuple[str, str], ...] = ()
    matched: Matched | None = None
    signature: Signature = field(default_factory=lambda: Signature("absent"))

    @property
    def sound(self) -> bool:
        """Whether every byte is as sealed, and as expected where a hash was given."""
        return not self.altered

    def exit_code(self, *, allow_unsigned: bool) -> int:
        """0 sound and signed by whom we trust (or unsigned and allowed), 1 altered, 3 sound but nobody vouches."""
        if not self.sound:
            return NON_CONFORMITIES
        if self.signature.state == "trusted" or (allow_unsigned and self.signature.state == "absent"):
            return GOOD
        return SETUP

    def as_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "schema": SCHEMA,
            "sound": self.sound,
            "files": self.files,
            "root": self.root,
            "seal": self.seal,
            "expected": self.matched,
            "altered": [{"path": path, "reason": reason} for path, reason in self.altered],
            "signature": {"state": self.signature.state, "signer": self.signature.signer},
        }

    def told(self, lang: Language | None = None) -> str:
        """The same for a person."""
        if not self.sound:
            why = ((path, say(f"altered.{reason}", lang)) for path, reason in self.altered)
            return "\n".join(say("dossier.altered", lang, path=path, why=text) for path, text in why)
        lines = [
            say("verify.sound", lang, count=self.files),
            say("verify.root", lang, hash=self.root),
            say("verify.seal", lang, hash=self.seal),
        ]
        if self.matched:
            lines.append(say(f"verify.expected.{self.matched}", lang))
        lines.append(self.signature.told(lang))
        return "\n".join(lines)


def verify(path: Path, *, expect: str | None = None, trust: Path | None = None) -> Verification:
    """Verify a dossier; ``expect`` is its root or its seal hash, ``trust`` the certificate of an authority.

    What cannot be opened, a hash or a certificate that does not read, is a :class:`UsageError`.
    """
    expected = _hash(expect) if expect is not None else None
    authority = load_authority(trust) if trust else None
    try:
        with SealedDossier(path) as dossier:
            altered = tuple(_faults(dossier))
            matched = _matched(dossier, expected)
            if expected and not matched:
                altered += ((layout.MANIFEST, "expected"),)
            return Verification(
                files=len(dossier.entries) + 1,
                root=dossier.root,
                seal=dossier.seal,
                altered=altered,
                matched=matched,
                signature=check_signature(dossier.signature, dossier.manifest_bytes, authority),
            )
    except AlteredDossier as exc:
        return Verification(altered=((exc.path, exc.reason),))


def _faults(dossier: SealedDossier) -> Iterator[tuple[str, str]]:
    for path, entry in sorted(dossier.entries.items()):
        if path.startswith(layout.CONTENT) and path.removeprefix(layout.CONTENT).replace("/", "") != entry.sha256:
            yield path, "name"
        try:
            for _ in dossier.stream(path):
                pass
        except AlteredDossier as exc:
            yield exc.path, exc.reason
            continue
        if path in layout.PRESENTATION and dossier.root.encode() not in dossier.read(path):
            yield path, "root-printed"
    for profile in dossier.manifest["profiles"]:
        sealed = dossier.entries.get(f"{layout.PROFILES}{profile['name']}.yaml")
        if sealed is None or sealed.sha256 != profile["digest"]:
            yield f"{layout.PROFILES}{profile['name']}.yaml", "profile"


def _matched(dossier: SealedDossier, expected: str | None) -> Matched | None:
    if expected == dossier.root:
        return "root"
    return "seal" if expected == dossier.seal else None


def _hash(value: str) -> str:
    found = value.strip().lower().removeprefix("sha256:")
    if len(found) != 64 or set(found) - HEX:
        raise UsageError("dossier.bad-hash", value=value)
    return found
