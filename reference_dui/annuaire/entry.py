"""What the product keeps of a professional of the directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
_PROFESSION, _SPECIALTY = "/TRE-G15-ProfessionSante", "/TRE-R38-SpecialiteOrdinale"
_MAIL_TYPE = "fr-core-contact-point-email-type"


@dataclass(frozen=True, slots=True)
class Entry:
    """A professional: national identifier, names of practice, profession (``G15_…``), structure, MSSanté address."""

    identifier: str
    name: str
    first_name: str
    profession: str
    structure: str = ""
    address: str = ""

    def as_json(self) -> dict[str, str]:
        """The members."""
        return asdict(self)


def of_practitioner(resource: Mapping[str, Any]) -> Entry | None:
    """Read a Practitioner of the directory; ``None`` for one without a national identifier or a name."""
    identifier = next((i.get("value") for i in resource.get("identifier", ()) if i.get("system") == IDNPS), None)
    names = resource.get("name") or [{}]
    if not identifier or not names[0].get("family"):
        return None
    return Entry(
        identifier=str(identifier),
        name=str(names[0]["family"]),
        first_name=" ".join(map(str, names[0].get("given", ()))),
        profession=_profession(resource),
        address=next(filter(None, map(_mailbox, resource.get("telecom", ()))), ""),
    )


def _profession(resource: Mapping[str, Any]) -> str:
    codes: dict[str, str] = {}
    for qualification in resource.get("qualification", ()):
        for coding in qualification.get("code", {}).get("coding", ()):
            for table in (_PROFESSION, _SPECIALTY):
                if str(coding.get("system", "")).endswith(table):
                    codes[table] = str(coding.get("code", ""))
    profession, specialty = codes.get(_PROFESSION, ""), codes.get(_SPECIALTY, "")
    return f"G15_{profession}/{specialty}" if specialty else f"G15_{profession}"


def _mailbox(telecom: Mapping[str, Any]) -> str:
    """The address of an MSSanté box; an ordinary mail address is none."""
    kinds = [
        e.get("valueCoding", {}).get("code")
        for e in telecom.get("extension", ())
        if str(e.get("url", "")).endswith(_MAIL_TYPE)
    ]
    return str(telecom.get("value", "")) if "MSSANTE" in kinds else ""
