"""The single faults of near misses: what is done to a conforming document, and which check must say so.

A fault is chosen so that it trips one check and no other; the tests hold every one of them to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, TypeAlias

from lxml import etree

from conformance.core.words import Level

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name
TreeFault: TypeAlias = Callable[[Element], None]

NAMES = {"h": "urn:hl7-org:v3", "r": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"}
OUTSIDE = "1.2.3.4.5"
PATIENT = "h:recordTarget/h:patientRole"
KEEPER = "h:custodian/h:assignedCustodian/h:representedCustodianOrganization"
AUTHOR = "h:author/h:assignedAuthor"
SIGNED = "h:legalAuthenticator"
EVENT = "h:documentationOf/h:serviceEvent"
ENCOUNTER = "h:componentOf/h:encompassingEncounter"
BODY = "h:component/h:nonXMLBody/h:text"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done, and which check says it, at which level."""

    check: str
    act: Callable[[Any], None]
    level: Level = Level.ERROR


def put(path: str, **attributes: str | None) -> TreeFault:
    """Set attributes of the first element of a path; ``None`` takes one away."""

    def act(root: Element) -> None:
        element = _first(root, path)
        for name, value in attributes.items():
            if value is not None:
                element.set(name, value)
            elif name in element.attrib:
                del element.attrib[name]

    return act


def write(path: str, text: str) -> TreeFault:
    """Replace the text of the first element of a path."""

    def act(root: Element) -> None:
        _first(root, path).text = text

    return act


def drop(path: str) -> TreeFault:
    """Take every element of a path away."""

    def act(root: Element) -> None:
        for element in _all(root, path):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)

    return act


def change(path: str, attribute: str, how: Callable[[str], str]) -> TreeFault:
    """Change an attribute of the first element of a path."""

    def act(root: Element) -> None:
        element = _first(root, path)
        element.set(attribute, how(element.get(attribute, "")))

    return act


def rename(tag: str) -> TreeFault:
    """Give the root another name."""

    def act(root: Element) -> None:
        root.tag = tag

    return act


def header(name: str, value: str | None) -> Callable[[EmailMessage], None]:
    """Replace a header of a message; ``None`` takes it away."""

    def act(message: EmailMessage) -> None:
        del message[name]
        if value is not None:
            message[name] = value

    return act


def _first(root: Element, path: str) -> Element:
    return _all(root, path)[0]


def _all(root: Element, path: str) -> list[Element]:
    found: Any = root.xpath(path, namespaces=NAMES)
    return list(found)


def _other_key(ins: str) -> str:
    return f"{ins[:13]}{int(ins[13:]) % 97 + 1:02d}"


def _slot(name: str) -> str:
    return f"//r:ExtrinsicObject/r:Slot[@name='{name}']"


CDA: Mapping[str, Fault] = {
    "realm of another country": Fault("cda.realm", put("h:realmCode", code="BE")),
    "typeId of another standard": Fault("cda.type-id", put("h:typeId", extension="POCD_HD000041")),
    "no CI-SIS template": Fault("cda.template-ids", drop("h:templateId[@root='1.2.250.1.213.1.1.1.1']")),
    "id without its root": Fault("cda.id", put("h:id", root=None)),
    "id that is neither an OID nor a UUID": Fault("cda.id", put("h:id", root="urn:oid:1.2.3")),
    "blank title": Fault("cda.title", write("h:title", " ")),
    "no title": Fault("cda.title", drop("h:title")),
    "document code outside the value set": Fault("cda.code", put("h:code", code="00000-0")),
    "document code in the wrong system": Fault("cda.code", put("h:code", codeSystem=OUTSIDE)),
    "confidentiality outside the value set": Fault("cda.confidentiality", put("h:confidentialityCode", code="Z")),
    "language of another country": Fault("cda.language", put("h:languageCode", code="de-DE"), Level.WARNING),
    "date without hour": Fault("cda.effective-time", put("h:effectiveTime", value="20260302"), Level.WARNING),
    "time without zone": Fault("cda.effective-time", put("h:effectiveTime", value="20260302100000"), Level.WARNING),
    "letters in the number of the author": Fault("cda.author", put(f"{AUTHOR}/h:id", extension="8ABCDEFGHIJK")),
    "author of an unknown profession": Fault("cda.author", put(f"{AUTHOR}/h:code", code="ZZ")),
    "version zero": Fault("cda.version", put("h:versionNumber", value="0")),
    "key of the matricule that does not fit": Fault(
        "cda.ins", change(f"{PATIENT}/h:id", "extension", _other_key), Level.WARNING
    ),
    "matricule without its key": Fault("cda.ins", change(f"{PATIENT}/h:id", "extension", lambda ins: ins[:13])),
    "letter in the matricule": Fault(
        "cda.ins", change(f"{PATIENT}/h:id", "extension", lambda ins: f"{ins[:9]}X{ins[10:]}")
    ),
    "INS under an OID that is none": Fault("cda.ins", put(f"{PATIENT}/h:id", root="1.2.250.1.213.1.4.99")),
    "no birth place": Fault("cda.traits", drop(f"{PATIENT}/h:patient/h:birthplace")),
    "digits in the birth name": Fault(
        "cda.traits", write(f"{PATIENT}/h:patient/h:name/h:family[@qualifier='BR']", "ESSAI2")
    ),
    "custodian that no FINESS names": Fault("cda.custodian", put(f"{KEEPER}/h:id", extension="RESIDENCE")),
    "nobody signs": Fault("cda.legal-authenticator", drop(SIGNED)),
    "signature code of another meaning": Fault("cda.legal-authenticator", put(f"{SIGNED}/h:signatureCode", code="X")),
    "act that ends before it begins": Fault(
        "cda.documentation-of", put(f"{EVENT}/h:effectiveTime/h:high", value="20200101000000+0100")
    ),
    "facility in the wrong code system": Fault(
        "cda.component-of", put(f"{ENCOUNTER}/h:location/h:healthCareFacility/h:code", codeSystem=OUTSIDE)
    ),
    "body that is not base64": Fault("cda.body-n1", write(BODY, "@@@@")),
    "body that is not a PDF": Fault("cda.body-n1", write(BODY, "Ym9uam91cg==")),
    "empty body": Fault("cda.body-n1", write(BODY, "")),
}

XDM: Mapping[str, Fault] = {
    "metadata of another message": Fault("xdm.metadata", rename("{urn:ihe:iti:xds-b:2007}RetrieveDocumentSetRequest")),
    "hash of another file": Fault("xdm.hash", write(f"{_slot('hash')}//r:Value", "0" * 40)),
    "size of another file": Fault("xdm.size", write(f"{_slot('size')}//r:Value", "1")),
    "file that is not in the archive": Fault("xdm.references", write(f"{_slot('URI')}//r:Value", "DOC00009.XML")),
    "another patient": Fault(
        "xdm.patient",
        put(
            "//r:ExtrinsicObject/r:ExternalIdentifier[r:Name/r:LocalizedString/@value='XDSDocumentEntry.patientId']",
            value="0^^^&1.2.3&ISO^NH",
        ),
    ),
    "no submission time": Fault("xdm.submission-set", drop("//r:RegistryPackage/r:Slot[@name='submissionTime']")),
    "submission of another patient": Fault(
        "xdm.patient",
        put(
            "//r:RegistryPackage/r:ExternalIdentifier[r:Name/r:LocalizedString/@value='XDSSubmissionSet.patientId']",
            value="0^^^&1.2.3&ISO^NH",
        ),
    ),
    "creation time with a zone": Fault("xdm.times", write(f"{_slot('creationTime')}//r:Value", "20260301100000+0100")),
    "unique id of another document": Fault(
        "xdm.unique-id",
        put(
            "//r:ExtrinsicObject/r:ExternalIdentifier[r:Name/r:LocalizedString/@value='XDSDocumentEntry.uniqueId']",
            value="1.2.3.4",
        ),
    ),
    "type of another document": Fault(
        "xdm.type-code",
        put(
            "//r:ExtrinsicObject/r:Classification[@classificationScheme='urn:uuid:f0306f51-975f-434e-a61c-c59651d33983']",
            nodeRepresentation="00000-0",
        ),
    ),
}

MESSAGE: Mapping[str, Fault] = {
    "no product reference": Fault("mail.nil", header("X-MSS-NIL", None)),
    "no document code": Fault("mail.codecda", header("X-MSS-CODECDA", None)),
    "another document code": Fault("mail.codecda", header("X-MSS-CODECDA", "00000-0")),
    "no INS mark": Fault("mail.ins", header("X-MSS-INS", None)),
    "INS mark of another meaning": Fault("mail.ins", header("X-MSS-INS", "PEUT-ETRE")),
    "subject in free words": Fault("mail.subject", header("Subject", "Document")),
    "no message id": Fault("mail.message-id", header("Message-ID", None)),
}
