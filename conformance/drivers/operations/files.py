"""Files that enter a product by upload, and the sets of data that it makes for tests."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class UploadFile(Operation):
    """Put a file in the record of a person, as a user would from a workstation; ``content`` is base64.

    A product that finds something wrong with the file refuses (4xx).
    """

    name = "upload_file"
    method = "PUT"
    path = "/persons/{person}/files/{file}"

    person: str
    file: str
    content: str


@dataclass(frozen=True, slots=True)
class MakeTestSet(Operation):
    """Make a set of data for tests out of what the product holds, by its own tool. Answers the bytes of the set."""

    name = "make_test_set"
    method = "POST"
    path = "/test-sets"
