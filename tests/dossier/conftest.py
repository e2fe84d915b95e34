"""A tiny run: two checks, one profile, one window, and a dossier sealed from them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import yaml

from conformance.core import texts
from conformance.core.check import Registry, check
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.texts import Text
from conformance.core.words import Provenance
from conformance.dossier import layout
from conformance.dossier.judged import Judged, judge
from conformance.dossier.layout import Entry
from conformance.dossier.outputs import Summary, write_outputs
from conformance.dossier.plain import canonical_json
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import Journal
from conformance.evidence.observation import Observation

SCENARIO = "test.note-sent"
HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> \u202e & \"quoted\""

SENTENCES = {
    "check.test.signed": Text("Chaque note porte sa signature.", "Every note is signed."),
    "check.test.short": Text("Chaque note est brève.", "Every note is short."),
    "test.signed.missing": Text("La note n'est pas signée ({got}).", "The note is not signed ({got})."),
    "test.signed.missing.cause": Text("La signature est facultative.", "The signature is optional."),
    "test.signed.missing.fix": Text("Activez la signature.", "Turn the signature on."),
    "test.short.long": Text("La note est longue.", "The note is long."),
}

PROOFS = [{"id": "1.1.1", "statement": "Une vidéo"}]


def _row(id: str, way: str = "automatic", check: str = "test.short", **more: Any) -> dict[str, Any]:
    aspect: dict[str, Any] = {"id": "only", "statement": "Un point", "verification": way}
    aspect |= {"checks": [check]} if way == "automatic" else {}
    aspect |= {"scenarios": [SCENARIO]} if way in ("automatic", "guided") else {}
    requirement = {"id": id, "level": "DOIT", "class": "W", "chapter": "MSS", "statement": "Une note", "source": "Test"}
    return {**requirement, "aspects": [aspect], **more}


def _profile(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schema": 1,
        "name": "test-profile",
        "title": {"fr": "Profil d'essai", "en": "Test profile"},
        "referential": "REM-TEST",
        "version": "Va1",
        "notice": {"fr": "Profil fictif.", "en": "Fictitious profile."},
        "sources": ["none"],
        "conditions": {
            "special": {"label": "Spécifique", "question": "Le cas ?"},
            "other": {"label": "Autre", "question": "L'autre ?"},
        },
        "requirements": list(rows),
    }


ALL_ROWS = (
    _row("T.01"),
    _row("T.02", check="test.signed", statement=HOSTILE, proofs=PROOFS),
    _row("T.03", check="test.signed", level="PEUT", chapter="TBB"),
    _row("T.04", way="guided", chapter="DOC"),
    _row("T.05", way="planned", chapter="INS"),
    _row("T.06", way="planned", chapter="INS", condition="special"),
)


@dataclass(frozen=True)
class Note:
    """A text that the product sent."""

    text: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        for record in observation.of_kind("test.note"):
            yield cls(observation.blob(record, "message").decode(), (record.id,))


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    texts.use_language("fr")
    yield
    texts.use_language(None)


@pytest.fixture(autouse=True)
def sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    merged = {**texts.catalogue(), **SENTENCES}
    monkeypatch.setattr(texts, "catalogue", lambda: merged)


@pytest.fixture(autouse=True)
def checks() -> Iterator[None]:
    """Two checks of our own, for the length of a test."""

    @check("test.signed", source="Test §1")
    def every_note_is_signed(note: Note) -> Iterator[Finding]:
        """Every note is signed.

        Pass: the word is there. Fail: it is not.
        """
        if "signed" not in note.text:
            yield error("test.signed.missing", expected="signed", got=HOSTILE, where=Where(header="X-Sign", line=2))

    @check("test.short", source="Test §2")
    def every_note_is_short(note: Note) -> Iterator[Finding]:
        """Every note is short."""
        if len(note.text) > 200:
            yield warning("test.short.long")

    yield
    for id in ("test.signed", "test.short"):
        Registry.checks.pop(id, None)


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    """One requirement of the test profile."""
    return _row


@dataclass
class Run:
    """A run's evidence folder, still to be written to, and its profile."""

    folder: Path
    journal: Journal
    profile: Path
    attempts: int = 0

    def note(self, text: str | bytes = "Subject: bonjour\r\n\r\nune note", **data: Any) -> str:
        """One window in which the product sends one note; the id of its record."""
        lane, bench = "main", Provenance.HARNESS
        self.attempts += 1
        name = f"w{self.attempts}"
        opening = {"window": name, "scenario": SCENARIO, "attempt": self.attempts, "starts": self.journal.lasts(lane)}
        self.journal.append("scenario", lane, "window.open", provenance=bench, data=opening)
        sent = self.journal.append(
            "test",
            lane,
            "test.note",
            provenance=Provenance.WIRE,
            data=data,
            blobs={"message": text if isinstance(text, bytes) else text.encode()},
        )
        closing = {"window": name, "reason": "idle", "ends": self.journal.lasts(lane)}
        self.journal.append("scenario", lane, "window.close", provenance=bench, data=closing)
        return sent.id

    def judged(self) -> Judged:
        return judge(Evidence.load(self.folder), [self.profile])

    def sealed(self, out: Path, **asked: Any) -> Summary:
        self.journal.close()
        return write_outputs(out, self.folder, [self.profile], **asked)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Start a run under a profile made of these requirements."""
    started: list[Run] = []

    def start(*rows: dict[str, Any]) -> Run:
        folder = tmp_path / f"run{len(started)}"
        profile = folder / "test-profile.yaml"
        folder.mkdir()
        profile.write_text(yaml.safe_dump(_profile(rows or ALL_ROWS)), encoding="utf-8")
        made = Run(folder / "evidence", Journal(folder / "evidence"), profile)
        product = {
            "name": HOSTILE,
            "version": "1.0",
            "editor": "Éditeur d'essai",
            "reference": "REF-1",
            "conditions": {"special": False},
        }
        data = {"product": product, "seed": 7, "versions": {"dui-conformance": "0.1.0"}}
        made.journal.append("run", "*", "run.start", provenance=Provenance.HARNESS, data=data)
        started.append(made)
        return made

    yield start
    for made in started:
        made.journal.close()


@pytest.fixture
def sealed(run: Callable[..., Run], tmp_path: Path) -> Summary:
    """A run with every kind of verdict, sealed."""
    made = run()
    made.note()
    return made.sealed(tmp_path / "out")


@pytest.fixture
def forge(tmp_path: Path) -> Callable[[Path, dict[str, bytes | None]], Path]:
    """A dossier with other files and a manifest made to fit: what somebody who knows the format could hand over."""

    def make(path: Path, changed: dict[str, bytes | None]) -> Path:
        with zipfile.ZipFile(path) as archive:
            files = {info.filename: archive.read(info) for info in archive.infolist()}
        files = {name: content for name, content in {**files, **changed}.items() if content is not None}
        manifest = json.loads(files.pop(layout.MANIFEST))
        entries = [Entry(name, len(c), hashlib.sha256(c).hexdigest()) for name, c in sorted(files.items())]
        manifest["files"] = [{"path": e.path, "size": e.size, "sha256": e.sha256} for e in entries]
        manifest["root"]["sha256"] = layout.root_hash(entries)
        files[layout.MANIFEST] = canonical_json(manifest)
        target = tmp_path / "forged.zip"
        with zipfile.ZipFile(target, "w") as archive:
            for name in layout.in_order(files):
                info = zipfile.ZipInfo(name)
                info.external_attr, info.create_system = 0o100644 << 16, 3
                archive.writestr(info, files[name])
        return target

    return make
