"""Compiled rules kept on disk, under a hash of the rules, of every file they include and of the compiler.

The header rules of the public pack take twelve to seventeen seconds to compile: their XSLT is written once, and a
worker process then keeps what Saxon makes of it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conformance.core.home import home_folder
from conformance.official.layout import Rules
from conformance.official.pack import Pack
from conformance.official.references import References
from conformance.official.schematron import Expanded, Uncompilable, expand
from conformance.official.source import SourceFile
from conformance.official.xslt import rebased, write_sheet

# Part of every key: raise it when the XSLT that we write changes.
COMPILER = "own-1"
MAX_READS = 20_000

Pipeline = Callable[[Path, list[Path], Path], None]


@dataclass(slots=True)
class Compiler:
    """The sheets of one pack. ``pipeline`` runs the pack's own compiler: source, sheets in order, result."""

    pack: Pack
    pipeline: Pipeline
    _included: References | None = None
    _read: dict[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Which compiler is used: the pack's own when it has one, else ours."""
        return "pack" if self.pack.layout.skeleton else "own"

    def sheet(self, rules: Rules) -> Path:
        """The compiled sheet, written now if it is not known; :class:`Uncompilable` says why it cannot be."""
        if lacking := self.pack.lacks(rules):
            raise Uncompilable(lacking)
        path = home_folder() / "official" / "compiled" / f"{self.key(rules)}.xsl"
        if path.is_file():
            return path
        base = self.pack.path_of(rules.path)
        made = self._by_pack(base) if self.pack.layout.skeleton else write_sheet(self._expanded(rules), base)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        with os.fdopen(handle, "wb") as opened:
            opened.write(made)
        Path(partial).replace(path)
        return path

    def key(self, rules: Rules) -> str:
        """The hash of the rules, of what they include, of where they lie and of what compiles them."""
        whole = hashlib.sha256(f"{COMPILER}\0{self.pack.path_of(rules.path)}\0".encode())
        included = {each.target for each in self._references().reached_from(rules.path) if not each.data}
        for relative in [*self.pack.layout.skeleton, rules.path, *sorted(included)]:
            whole.update(f"{relative}\0".encode())
            whole.update(hashlib.sha256(self._bytes(relative)).digest())
        return whole.hexdigest()

    def _references(self) -> References:
        if self._included is None:
            root = self.pack.files
            paths = sorted(path for path in root.rglob("*.sch") if path.is_file())
            files = [SourceFile(path.relative_to(root).as_posix(), path.read_bytes()) for path in paths]
            self._included = References.of(files)
        return self._included

    def _expanded(self, rules: Rules) -> Expanded:
        left = MAX_READS

        def read(relative: str) -> bytes:
            nonlocal left
            left -= 1
            if left < 0:
                raise Uncompilable(f"{rules.path} includes more than {MAX_READS} files")
            return self._bytes(relative)

        return expand(rules.path, read)

    def _by_pack(self, base: Path) -> bytes:
        with tempfile.TemporaryDirectory(prefix="conformance-rules-") as folder:
            result = Path(folder, "compiled.xsl")
            self.pipeline(base, [self.pack.path_of(each) for each in self.pack.layout.skeleton], result)
            return rebased(result.read_bytes(), base)

    def _bytes(self, relative: str) -> bytes:
        if relative not in self._read:
            path = self.pack.path_of(relative)
            if not path.resolve().is_relative_to(self.pack.files.resolve()):
                raise Uncompilable(f"{relative} lies outside the pack")
            self._read[relative] = path.read_bytes()
        return self._read[relative]
