"""What the header of a received CDA says: the work list shows it, and the identity is compared with it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict, dataclass

from conformance.population import Person

from .safe_xml import Element, read_xml

HL7 = "{urn:hl7-org:v3}"
MAX_CDA = 30 * 1024 * 1024
MAX_TEXT = 300
_PATIENT = f"{HL7}recordTarget/{HL7}patientRole/{HL7}patient"


# A matricule of 13 characters and its key of two (Guide d'implémentation INS).
MATRICULE_AND_KEY = 15


@dataclass(frozen=True, slots=True)
class Traits:
    """Identity traits as written in a document; empty where it says nothing. ``birth_date`` is ISO 8601."""

    matricule: str = ""
    oid: str = ""
    birth_name: str = ""
    first_name: str = ""
    birth_date: str = ""
    sex: str = ""

    def is_of(self, person: Person) -> bool:
        """The strict match that allows integration without a person's eyes: qualified INS and all traits equal."""
        known = Traits(person.ins, person.oid, person.birth_name, person.first_name, person.birth_date, person.sex)
        return person.status == "qualifiee" and bool(person.matricule) and self == known

    def received(self, unique_id: str) -> Person | None:
        """The identity that came with a document, for INSi to verify; ``None`` without a matricule and its key."""
        if len(self.matricule) != MATRICULE_AND_KEY or self.sex not in ("M", "F"):
            return None
        return Person(
            key=f"received {unique_id}",
            birth_name=self.birth_name,
            birth_first_names=(self.first_name,),
            birth_date=self.birth_date,
            sex="M" if self.sex == "M" else "F",
            birth_place="",
            status="qualifiee",
            matricule=self.matricule[:13],
            cle=self.matricule[13:],
            oid=self.oid,
        )

    def as_json(self) -> dict[str, str]:
        """All members."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Header:
    """The metadata of a CDA that a reader needs."""

    unique_id: str
    set_id: str
    version: int
    replaces: str
    title: str
    type_code: str
    type_label: str
    author: str
    created: str
    traits: Traits
    pdf: bytes
    act: str = ""
    encounter: str = ""
    birth_first_names: tuple[str, ...] = ()
    birth_place: str = ""


def header_of(content: bytes) -> Header:
    """Read a CDA; a document that is not XML raises :class:`~reference_dui.faults.Fault`, a poor one gives empty members."""
    root = document_in(read_xml(content, MAX_CDA))
    code = root.find(f"{HL7}code")
    version = _attribute(root, "versionNumber", "value")
    return Header(
        unique_id=_id(root.find(f"{HL7}id")),
        set_id=_id(root.find(f"{HL7}setId")),
        version=int(version) if version.isdecimal() and len(version) < 9 else 1,
        replaces=_id(root.find(f"{HL7}relatedDocument[@typeCode='RPLC']/{HL7}parentDocument/{HL7}id")),
        title=(root.findtext(f"{HL7}title") or "").strip()[:MAX_TEXT],
        type_code=code.get("code", "") if code is not None else "",
        type_label=code.get("displayName", "")[:MAX_TEXT] if code is not None else "",
        author=_author(root),
        created=_attribute(root, "effectiveTime", "value"),
        traits=_traits(root),
        pdf=_pdf(root),
        act=_act(root),
        encounter=_encounter(root),
        birth_first_names=_first_names(root),
        birth_place=(root.findtext(f"{_PATIENT}/{HL7}birthplace/{HL7}place/{HL7}addr/{HL7}county") or "").strip(),
    )


def document_in(root: Element) -> Element:
    """The document itself, where a style sheet around it presents it (CI-SIS, self-presenting CDA)."""
    return root if root.tag == f"{HL7}ClinicalDocument" else next(root.iter(f"{HL7}ClinicalDocument"), root)


def _traits(root: Element) -> Traits:
    role = root.find(f"{HL7}recordTarget/{HL7}patientRole")
    if role is None:
        return Traits()
    identifier = role.find(f"{HL7}id")
    born = _attribute(role, f"patient/{HL7}birthTime", "value")[:8]
    return Traits(
        matricule=identifier.get("extension", "") if identifier is not None else "",
        oid=identifier.get("root", "") if identifier is not None else "",
        birth_name=(role.findtext(f"{HL7}patient/{HL7}name/{HL7}family[@qualifier='BR']") or "").strip(),
        first_name=(role.findtext(f"{HL7}patient/{HL7}name/{HL7}given[@qualifier='BR']") or "").strip(),
        birth_date=f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else "",
        sex=_attribute(role, f"patient/{HL7}administrativeGenderCode", "code"),
    )


def _first_names(root: Element) -> tuple[str, ...]:
    """The given names of birth: the list where the document gives it, else the first one."""
    given = root.findall(f"{_PATIENT}/{HL7}name/{HL7}given")
    listed = next((e.text or "" for e in given if e.get("qualifier") is None), "")
    first = next((e.text or "" for e in given if e.get("qualifier") == "BR"), "")
    return tuple((listed or first).split())


def _author(root: Element) -> str:
    assigned = root.find(f"{HL7}author/{HL7}assignedAuthor")
    if assigned is None:
        return ""
    name = assigned.find(f"{HL7}assignedPerson/{HL7}name")
    words = (
        [(e.text or "").strip() for tag in ("given", "family") for e in name.iterfind(f"{HL7}{tag}")]
        if name is not None
        else []
    )
    organisation = (assigned.findtext(f"{HL7}representedOrganization/{HL7}name") or "").strip()
    return ", ".join(part for part in (" ".join(words), organisation) if part)[:MAX_TEXT]


def _act(root: Element) -> str:
    """When the documented act began, and what it was where the header says."""
    event = root.find(f"{HL7}documentationOf/{HL7}serviceEvent")
    if event is None:
        return ""
    said = _attribute(event, "code", "displayName")
    return " ".join(filter(None, (_attribute(event, f"effectiveTime/{HL7}low", "value")[:8], said)))[:MAX_TEXT]


def _encounter(root: Element) -> str:
    """When the stay or visit began, and where."""
    stay = root.find(f"{HL7}componentOf/{HL7}encompassingEncounter")
    if stay is None:
        return ""
    place = stay.findtext(f"{HL7}location/{HL7}healthCareFacility/{HL7}location/{HL7}name") or ""
    return " ".join(filter(None, (_attribute(stay, f"effectiveTime/{HL7}low", "value")[:8], place.strip())))[:MAX_TEXT]


def _pdf(root: Element) -> bytes:
    text = root.find(f"{HL7}component/{HL7}nonXMLBody/{HL7}text")
    if text is None or text.get("mediaType") != "application/pdf" or text.get("representation") != "B64":
        return b""
    try:
        return base64.b64decode(text.text or "")
    except (binascii.Error, ValueError):
        return b""


def _attribute(element: Element, path: str, name: str) -> str:
    found = element.find(f"{HL7}{path}")
    return found.get(name, "") if found is not None else ""


def _id(element: Element | None) -> str:
    """``root`` or ``root^extension``, as the metadata write it."""
    if element is None:
        return ""
    return "^".join(part for part in (element.get("root", ""), element.get("extension", "")) if part)
