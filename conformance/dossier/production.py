"""A guard before sealing: no health identifier of a real person may leave the machine inside a dossier.

The matricules of the bench are fictitious and under test OIDs. A matricule beside a *production* OID (INS-NIR
``1.2.250.1.213.1.4.8`` or INS-NIA ``….9``; Guide d'implémentation de l'INS, list of OIDs) that the run did not
issue itself may be somebody's.
"""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator

from conformance.evidence.evidence import Evidence
from conformance.evidence.store import Altered

_OID = re.compile(rb"1\.2\.250\.1\.213\.1\.4\.[89](?![0-9.])")
# Thirteen characters of a NIR (sex, year, month, department with Corsica, commune, rank), with its key or without.
_MATRICULE = re.compile(rb"(?<![0-9A-Za-z])([1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6})(?:[0-9]{2})?(?![0-9A-Za-z])")
NEAR = 200  # bytes on either side of the OID: an attribute, a CX, an extension element away
MAX_PART = 32 * 1024 * 1024
MAX_MEMBERS = 200
MAX_DEPTH = 3


def production_matricules(evidence: Evidence) -> dict[str, list[str]]:
    """Matricules beside a production OID that the run did not issue, each with the records that show it."""
    found: dict[str, list[str]] = {}
    seen_in: dict[str, set[str]] = {}
    for record in evidence.records.values():
        if record.kind == "population.person":
            continue
        matricules = _matricules(json.dumps(dict(record.data), ensure_ascii=False).encode("utf-8", "replace"))
        for digest in record.blobs.values():
            if digest not in seen_in:
                seen_in[digest] = _in_content(evidence, digest)
            matricules |= seen_in[digest]
        for matricule in sorted(matricules - set(evidence.population)):
            found.setdefault(matricule, []).append(record.id)
    return found


def _in_content(evidence: Evidence, digest: str) -> set[str]:
    try:
        content = evidence.contents.get(digest)
    except Altered:
        return set()
    return {matricule for text in _texts(content, MAX_DEPTH) for matricule in _matricules(text)}


def _matricules(text: bytes) -> set[str]:
    near = (text[max(0, at.start() - NEAR) : at.end() + NEAR] for at in _OID.finditer(text))
    return {found.group(1).decode() for around in near for found in _MATRICULE.finditer(around)}


def _texts(content: bytes, depth: int) -> Iterator[bytes]:
    """The content itself, and what it wraps: the decoded parts of a message, the members of a zip."""
    yield content
    if depth == 0:
        return
    if content.startswith(b"PK\x03\x04"):
        for member in _members(content):
            yield from _texts(member, depth - 1)
    elif re.match(rb"[!-9;-~]+:", content[:100]):
        for part in _parts(content):
            yield from _texts(part, depth - 1)


def _parts(content: bytes) -> list[bytes]:
    try:
        message = email.message_from_bytes(content, policy=email.policy.compat32)
        decoded = [part.get_payload(decode=True) for part in message.walk()]
    except (ValueError, LookupError, RecursionError):
        return []  # the raw bytes were already read
    return [part for part in decoded if isinstance(part, bytes)]


def _members(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist()[:MAX_MEMBERS]:
                with archive.open(info) as member:
                    yield member.read(MAX_PART)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError):
        return  # an archive that does not open shows no identity
