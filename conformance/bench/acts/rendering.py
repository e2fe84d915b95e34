"""Acts with documents that bring their style sheet: sent ones are displayed by it, and what shows is kept as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from conformance.bench.rendering import render
from conformance.bench.stage import Stage
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.core.words import Provenance
from conformance.evidence.store import ContentStore


def display(stage: Stage, record: Mapping[str, Any] | None) -> None:
    """Display every document of a message that left, by the style sheet that comes with it."""
    if record is None:
        return
    message = ContentStore(stage.window.journal.folder / "content").get(record["blobs"]["message"])
    for name, content in attached(message):
        if not is_archive(name, content):
            continue
        archive = XdmArchive.from_bytes(content)
        for document in archive.documents:
            made = render(document, archive.files.get(document.part or "", b""), archive.files)
            told = {name: value for name, value in asdict(made).items() if name != "output"}
            stage.window.write(
                "cda.rendered",
                {**told, "message": record["id"], "part": document.part, "unique_id": document.unique_id},
                marks=(*record["marks"], document.unique_id or ""),
                provenance=Provenance.PROBE,
                blobs={"output": made.output} if made.output else None,
            )
