"""The SOAP messages that the product sends to INSi and what it reads of the answers (wire.md §3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from lxml import etree

from .. import facts
from ..safe_xml import Element, read_xml

SOAP, WSA = "http://www.w3.org/2003/05/soap-envelope", "http://www.w3.org/2005/08/addressing"
PREFIX = "urn:ServiceIdentiteCertifiee:1.0.0:"
TRAITS, CARD = "http://www.cnamts.fr/INSiRecSans", "http://www.cnamts.fr/INSiRecVit"
RESULT = "http://www.cnamts.fr/INSiResultat"
BAM, LPS = "urn:siram:bam:ctxbam", "urn:siram:lps:ctxlps"
MAX_ANSWER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says: the code, and the identity when there is one."""

    code: str
    matricule: str = ""
    cle: str = ""
    oid: str = ""
    name: str = ""
    first_names: tuple[str, ...] = ()
    sex: str = ""
    birth_date: str = ""
    birth_place: str = ""
    former: tuple[tuple[str, str, str], ...] = ()
    batch: str = ""
    verified: tuple[tuple[str, str], ...] = ()


def by_traits(fields: Mapping[str, str], first_names: Sequence[str]) -> Element:
    """The body of a search by traits; given names repeat the element."""
    body = etree.Element(f"{{{TRAITS}}}RECSANSVITALE", nsmap={"ins": TRAITS})
    _add(body, TRAITS, "NomNaissance", fields["NomNaissance"])
    for name in first_names:
        _add(body, TRAITS, "Prenom", name)
    for name in ("Sexe", "DateNaissance", "LieuNaissance"):
        if fields.get(name):
            _add(body, TRAITS, name, fields[name])
    return body


def by_card(matricule: str, cle: str, name: str, birth_date: str) -> Element:
    """The body of a search by Vitale card."""
    body = etree.Element(f"{{{CARD}}}RECVITALE", nsmap={"ins": CARD})
    held = etree.SubElement(body, f"{{{CARD}}}MatriculeIndividu")
    _add(held, CARD, "NumIdentifiant", matricule)
    _add(held, CARD, "Cle", cle)
    _add(body, CARD, "NomNaissance", name)
    _add(body, CARD, "DateNaissance", birth_date)
    return body


def verification(namespace: str, fields: Mapping[str, str], first_name: str) -> Element:
    """The body of a verification, in the shape that the administrator was told."""
    body = etree.Element(f"{{{namespace}}}VERIFICATION", nsmap={"ins": namespace})
    for name, value in fields.items():
        _add(body, namespace, name, value)
    _add(body, namespace, "Prenom", first_name)
    return body


def batch(namespace: str, identities: Mapping[str, tuple[Mapping[str, str], str]]) -> Element:
    """The body that deposits identities to verify, each under a reference of the product's own."""
    body = etree.Element(f"{{{namespace}}}LOT", nsmap={"ins": namespace})
    for reference, (fields, first_name) in identities.items():
        one = verification(namespace, fields, first_name)
        one.set("Reference", reference)
        body.append(one)
    return body


def collection(namespace: str, number: str) -> Element:
    """The body that asks for the results of a batch."""
    body = etree.Element(f"{{{namespace}}}RELEVE", nsmap={"ins": namespace})
    _add(body, namespace, "NumLot", number)
    return body


def request(
    operation: str, body: Element, *, idam: str, issuer: str, message_id: str = "", context: bool = True
) -> bytes:
    """The whole message, with its addressing and both contexts."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "wsa": WSA})
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    _add(header, WSA, "Action", PREFIX + operation)
    _add(header, WSA, "MessageID", message_id or f"uuid:{uuid4()}")
    bam = etree.SubElement(header, f"{{{BAM}}}ContexteBAM", nsmap={"ctxbam": BAM}, attrib={"Version": "01_02"})
    for name, value in (("Id", str(uuid4())), ("Temps", now), ("Emetteur", issuer), ("COUVERTURE", "")):
        _add(bam, BAM, name, value)
    if context:
        lps = etree.SubElement(header, f"{{{LPS}}}ContexteLPS", nsmap={"ctxlps": LPS})
        lps.attrib.update({"Nature": "CTXLPS", "Version": "01_00"})
        for name, value in (("Id", str(uuid4())), ("Temps", now), ("Emetteur", issuer)):
            _add(lps, LPS, name, value)
        software = etree.SubElement(lps, f"{{{LPS}}}LPS")
        _add(software, LPS, "IDAM", idam).set("R", "4")
        told = (
            ("Version", facts.VERSION),
            ("Instance", str(uuid4())),
            ("Nom", f"urn:lps:dui-reference:{facts.VERSION}"),
        )
        for name, value in told:
            _add(software, LPS, name, value)
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def read(content: bytes) -> Told:
    """Read an answer; one without code is a fault of the service, with the code of its detail."""
    root = read_xml(content, MAX_ANSWER)
    found = {etree.QName(e).localname: (e.text or "").strip() for e in root.iter("*")}
    if "CodeCR" not in found:
        fault = next((e.get("code", "") for e in root.iter("{urn:siram}Erreur")), "")
        return Told(fault or "desir_000")
    active = root.find(f".//{{{RESULT}}}INSACTIF")
    inside = {} if active is None else _members(active)
    before = [_members(one) for one in root.iter(f"{{{RESULT}}}INSHISTO")]
    return Told(
        code=root.findtext(f".//{{{RESULT}}}CR/{{{RESULT}}}CodeCR") or found["CodeCR"],
        batch=found.get("NumLot", ""),
        verified=tuple(
            (one.get("Reference", ""), (one.findtext(f"{{{RESULT}}}CodeCR") or "").strip())
            for one in root.iter(f"{{{RESULT}}}IDENTITE")
        ),
        matricule=inside.get("NumIdentifiant", ""),
        cle=inside.get("Cle", ""),
        oid=inside.get("OID", ""),
        name=found.get("NomNaissance", ""),
        first_names=tuple(found.get("ListePrenom", "").split()),
        sex=found.get("Sexe", ""),
        birth_date=found.get("DateNaissance", ""),
        birth_place=found.get("LieuNaissance", ""),
        former=tuple((m.get("NumIdentifiant", ""), m.get("Cle", ""), m.get("OID", "")) for m in before),
    )


def _members(element: Element) -> dict[str, str]:
    return {etree.QName(e).localname: (e.text or "").strip() for e in element.iter("*")}


def _add(parent: Element, namespace: str, name: str, text: str) -> Element:
    made = etree.SubElement(parent, f"{{{namespace}}}{name}")
    made.text = text or None
    return made
