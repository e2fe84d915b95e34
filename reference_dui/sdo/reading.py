"""What the product reads in the SI-SDO's resources; anything unclear is a :class:`Fault`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..faults import Fault
from ..header import HL7, MAX_CDA, MAX_TEXT, Header, header_of
from ..safe_xml import read_xml

CNSA = "{urn:cnsaSDO}"
# Numbers of persons at an MDPH: one arc under this root for each (published example CDA_SI-ESMS_Decision.xml).
MDPH_ROOTS = "1.2.250.1.213.7."
DECISION, EVALUATION = "57830-2", "51848-0"


@dataclass(frozen=True, slots=True)
class Received:
    """A DocumentReference of the SI-SDO: its identifiers, its version, its CDA and what the header says."""

    resource: str
    version: int
    decision: str
    national: str
    content: bytes
    header: Header


def received(resource: Mapping[str, Any]) -> Received:
    """Read a decision or an evaluation."""
    identifiers = {i.get("use"): i.get("value") for i in objects(resource.get("identifier"))}
    contents = objects(resource.get("content"))
    attachment = contents[0].get("attachment") if contents else None
    data = attachment.get("data") if isinstance(attachment, Mapping) else None
    decision, national = identifiers.get("usual"), identifiers.get("official")
    if not (isinstance(decision, str) and isinstance(national, str) and isinstance(data, str)):
        raise Fault("refdui.fault.sdo-unclear", what=str(resource.get("id"))[:100])
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise Fault("refdui.fault.sdo-unclear", what=str(resource.get("id"))[:100]) from exc
    meta = resource.get("meta")
    version = str(meta.get("versionId", "")) if isinstance(meta, Mapping) else ""
    return Received(
        resource=str(resource.get("id")),
        version=int(version) if version.isdecimal() and len(version) < 9 else 1,
        decision=decision,
        national=national,
        content=content,
        header=header_of(content),
    )


def entries(bundle: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    """The resources of one type in a page of results."""
    for entry in objects(bundle.get("entry")):
        resource = entry.get("resource")
        if isinstance(resource, Mapping) and resource.get("resourceType") == kind:
            yield resource


def following(bundle: Mapping[str, Any]) -> str:
    """The address of the next page, or nothing."""
    found = [link.get("url") for link in objects(bundle.get("link")) if link.get("relation") == "next"]
    return str(found[0]) if found and found[0] else ""


def input_of(task: Mapping[str, Any], code: str) -> Any:
    """The value of an input of a Task by the code of its type; ``None`` where there is none."""
    for entry in objects(task.get("input")):
        kind = entry.get("type")
        codings = objects(kind.get("coding")) if isinstance(kind, Mapping) else []
        if any(coding.get("code") == code for coding in codings):
            return next((value for name, value in entry.items() if name.startswith("value")), None)
    return None


def status_of(task: Mapping[str, Any]) -> tuple[str, str, str]:
    """Of a Task: the idNat_Decision, the status of the establishment, its day."""
    national, status = input_of(task, "idNat_Decision"), input_of(task, "statutESMS")
    codings = objects(status.get("coding")) if isinstance(status, Mapping) else []
    return (
        str(national.get("value", "")) if isinstance(national, Mapping) else "",
        str(codings[0].get("code", "")) if codings else "",
        str(input_of(task, "dateStatutESMS") or ""),
    )


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that may be anything."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def individual_of(content: bytes) -> str:
    """The number of the person at the MDPH: the id of the person that is under the roots of MDPHs."""
    for id in read_xml(content, MAX_CDA).iterfind(f"{HL7}recordTarget/{HL7}patientRole/{HL7}id"):
        if id.get("root", "").startswith(MDPH_ROOTS):
            return id.get("extension", "")
    return ""


def right_of(content: bytes) -> str:
    """What the decision grants, in its own words."""
    found = read_xml(content, MAX_CDA).find(f".//{CNSA}typeDroitOuPrestation")
    return (found.get("displayName", "") if found is not None else "")[:MAX_TEXT]
