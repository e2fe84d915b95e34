"""An answer before it leaves: its status, its resource, and what the journal keeps of the exchange."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from conformance.services.http import Cut
from conformance.services.sdo.faults import Fault
from conformance.services.sdo.resources import outcome

MEDIA = "application/fhir+json"


@dataclass
class Answer:
    """``data`` goes into the record of the call, ``body`` and the answer itself into its blobs."""

    status: int
    resource: Mapping[str, Any]
    data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    body: bytes = b""

    def __post_init__(self) -> None:
        self.data["status"] = self.status

    @property
    def content(self) -> bytes:
        """The resource as it leaves, in ASCII: what a client sent may hold half a surrogate pair."""
        return json.dumps(self.resource, separators=(",", ":")).encode("ascii")

    @property
    def blobs(self) -> dict[str, bytes]:
        """What was sent and what is answered."""
        return {"body": self.body, "answer": self.content}

    def response(self, method: str, fault: Fault | None) -> Response:
        """The HTTP answer; ``cut`` ends the connection in its middle."""
        content = b"" if method == "HEAD" else self.content
        headers = dict(self.headers)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="sdo", error="invalid_token"'
        if fault is not None and fault.name == "too-many":
            headers["Retry-After"] = str(max(1, int(fault.delay)))
        if fault is not None and fault.name == "cut":
            return Cut(content, self.status, headers, media_type=MEDIA)
        return Response(content, self.status, headers, media_type=MEDIA)


class Refused(Exception):
    """A call that is not carried out: an OperationOutcome says why."""

    def __init__(
        self,
        status: int,
        code: str,
        words: str,
        data: Mapping[str, Any] | None = None,
        *,
        body: bytes = b"",
        marks: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.words = words
        self.data = dict(data or {})
        self.body = body
        self.marks = marks

    def answer(self) -> Answer:
        """What leaves."""
        return Answer(self.status, outcome(self.code, self.words), self.data, marks=self.marks, body=self.body)
