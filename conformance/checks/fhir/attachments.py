"""Attachments: the size and the hash that are stated are those of the data.

Source: FHIR R4 4.0.1, datatypes.html#Attachment: ``size`` in bytes before base64, ``hash`` the SHA-1 of the data.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from conformance.checks.fhir.index import Frame, Index
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.primitives import decoded
from conformance.checks.fhir.report import Report


def judge_attachment(value: Mapping[str, Any], place: Place, frame: Frame, index: Index, report: Report) -> None:
    """Judge one Attachment, on its own data or on the Binary of the Bundle that its url names."""
    size, digest = value.get("size"), value.get("hash")
    if size is None and digest is None:
        return
    data = _data(value, frame, index)
    if data is None:
        url = value.get("url")
        report.not_checkable("attachment", place, url if isinstance(url, str) else "-")
        return
    if isinstance(size, int) and not isinstance(size, bool) and size != len(data):
        report.error("fhir.attachment.size", Place(place, "size"), len(data), size)
    if isinstance(digest, str):
        computed = hashlib.sha1(data, usedforsecurity=False).digest()
        stated = decoded(digest)
        if stated is not None and stated != computed:
            report.error("fhir.attachment.hash", Place(place, "hash"), base64.b64encode(computed).decode(), digest)


def _data(value: Mapping[str, Any], frame: Frame, index: Index) -> bytes | None:
    own = value.get("data")
    if isinstance(own, str):
        return decoded(own)
    url = value.get("url")
    binary = index.resolve(url, frame).resource if isinstance(url, str) else None
    data = binary.get("data") if binary is not None and binary.get("resourceType") == "Binary" else None
    return decoded(data) if isinstance(data, str) else None
