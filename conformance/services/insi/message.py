"""The messages of INSi: what a request says, and how answers and faults are written (wire.md §3.1 to §3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from lxml import etree

from conformance.services.insi.batch import Asked
from conformance.services.insi.identity import Former, Known
from conformance.soap.envelope import SOAP, WSA, WSSE, answer, only
from conformance.soap.guarded import Element, Unreadable, parse, text_of

PREFIX = "urn:ServiceIdentiteCertifiee:1.0.0:"
BY_TRAITS, BY_CARD = "rechercherInsAvecTraitsIdentite", "rechercherInsAvecCarteVitale"
# No public document names the operations of verification: hypotheses.
VERIFY = "verifierInsIdentite"
TRAITS_NS, CARD_NS = "http://www.cnamts.fr/INSiRecSans", "http://www.cnamts.fr/INSiRecVit"
RESULT_NS = "http://www.cnamts.fr/INSiResultat"
DEPOSIT, COLLECT = "deposerLotVerification", "retirerLotVerification"
# Ours, as the operations are.
VERIFY_NS = "urn:dui-conformance:insi:verification:0"
BAM_NS, LPS_NS, SIRAM_NS = "urn:siram:bam:ctxbam", "urn:siram:lps:ctxlps", "urn:siram"
# The body of each operation.
BODIES: Mapping[str, str] = {
    BY_TRAITS: f"{{{TRAITS_NS}}}RECSANSVITALE",
    BY_CARD: f"{{{CARD_NS}}}RECVITALE",
    VERIFY: f"{{{VERIFY_NS}}}VERIFICATION",
    DEPOSIT: f"{{{VERIFY_NS}}}LOT",
    COLLECT: f"{{{VERIFY_NS}}}RELEVE",
}
CODES: Mapping[str, str] = {
    "00": "OK",
    "01": "Aucune identite trouvee",
    "02": "Plusieurs identites trouvees",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; a member that is not there is empty. ``fields`` are the elements of the body, by local name."""

    operation: str
    action: str
    message_id: str
    bam: Mapping[str, str]
    lps: Mapping[str, str]
    assertion: bool
    fields: Mapping[str, str] = field(default_factory=dict)
    first_names: tuple[str, ...] = ()
    batch: tuple[Asked, ...] = ()


def read(content: bytes) -> Request:
    """Read a request; raises :class:`Unreadable` when it is none of the service's."""
    root = parse(content)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise Unreadable("not-soap-1.2")
    body = only(root, f"{{{SOAP}}}Body")
    inside = [] if body is None else list(body.iterchildren("*"))
    if len(inside) != 1:
        raise Unreadable("body")
    header = only(root, f"{{{SOAP}}}Header")
    operation = next((name for name, tag in BODIES.items() if inside[0].tag == tag), "")
    return Request(
        operation=operation,
        action=_header(header, f"{{{WSA}}}Action"),
        message_id=_header(header, f"{{{WSA}}}MessageID"),
        bam=_context(header, f"{{{BAM_NS}}}ContexteBAM"),
        lps=_context(header, f"{{{LPS_NS}}}ContexteLPS"),
        assertion=header is not None and only(header, f"{{{WSSE}}}Security") is not None,
        fields={} if operation == DEPOSIT else _fields(inside[0]),
        first_names=() if operation == DEPOSIT else _first_names(inside[0]),
        batch=tuple(
            Asked(one.get("Reference", ""), _fields(one), _first_names(one))
            for one in inside[0].iterchildren(BODIES[VERIFY])
        )
        if operation == DEPOSIT
        else (),
    )


def result(
    request: Request, code: str, found: Known | None, *, number: str = "", batch: Sequence[tuple[str, str]] = ()
) -> bytes:
    """The answer of a search or a verification; ``number`` names a batch, ``batch`` holds each reference with its code."""
    made = etree.Element(f"{{{RESULT_NS}}}RESULTAT", nsmap={"insi": RESULT_NS})
    cr = _child(made, "CR")
    _child(cr, "CodeCR", code)
    _child(cr, "LibelleCR", CODES.get(code, "KO"))
    if found is not None:
        _individual(made, found)
    if number:
        _child(made, "NumLot", number)
    for reference, verified in batch:
        one = _child(made, "IDENTITE")
        one.set("Reference", reference)
        _child(one, "CodeCR", verified)
    return answer(made, action=f"{PREFIX}{request.operation}Response", relates_to=request.message_id)


def fault(siram: str, desir: str, reason: str) -> bytes:
    """A SOAP fault of the service: ``siram_…`` as subcode, ``desir_…`` in the detail (wire.md §3.3)."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "siram": SIRAM_NS})
    held = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    code = etree.SubElement(held, f"{{{SOAP}}}Code")
    etree.SubElement(code, f"{{{SOAP}}}Value").text = "soap:Sender"
    etree.SubElement(etree.SubElement(code, f"{{{SOAP}}}Subcode"), f"{{{SOAP}}}Value").text = f"siram:{siram}"
    told = etree.SubElement(etree.SubElement(held, f"{{{SOAP}}}Reason"), f"{{{SOAP}}}Text")
    told.set("{http://www.w3.org/XML/1998/namespace}lang", "fr")
    told.text = reason
    detail = etree.SubElement(etree.SubElement(held, f"{{{SOAP}}}Detail"), f"{{{SIRAM_NS}}}Erreur")
    detail.attrib.update({"code": desir, "severite": "fatale", "messageID": f"uuid:{uuid4()}"})
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _individual(parent: Element, found: Known) -> None:
    individual = _child(parent, "INDIVIDU")
    for name, told in (("INSACTIF", Former(found.matricule, found.cle, found.oid)), *_former(found)):
        held = _child(individual, name)
        identifier = _child(held, "IdIndividu")
        _child(identifier, "NumIdentifiant", told.matricule)
        _child(identifier, "Cle", told.cle)
        _child(held, "OID", told.oid)
        for member, day in (("DateDeb", told.begins), ("DateFin", told.ends)):
            if day:
                _child(held, member, day)
    traits = _child(individual, "TIQ")
    said = (
        ("NomNaissance", found.name),
        ("Prenom", found.first_names[0] if found.first_names else ""),
        ("ListePrenom", " ".join(found.first_names)),
        ("Sexe", found.sex),
        ("DateNaissance", found.birth_date),
        ("LieuNaissance", found.birth_place),
    )
    for name, value in said:
        if value:
            _child(traits, name, value)


def _fields(body: Element) -> dict[str, str]:
    return {etree.QName(e).localname: text_of(e) for e in body.iter("*") if not len(e)}


def _first_names(body: Element) -> tuple[str, ...]:
    return tuple(text_of(e) for e in body.iter("*") if etree.QName(e).localname == "Prenom")


def _former(found: Known) -> Iterator[tuple[str, Former]]:
    yield from (("INSHISTO", one) for one in found.history)


def _child(parent: Element, name: str, text: str = "") -> Element:
    made = etree.SubElement(parent, f"{{{RESULT_NS}}}{name}")
    made.text = text or None
    return made


def _header(header: Element | None, tag: str) -> str:
    return "" if header is None else text_of(only(header, tag))


def _context(header: Element | None, tag: str) -> dict[str, str]:
    found = None if header is None else only(header, tag)
    if found is None:
        return {}
    values = {etree.QName(e).localname: text_of(e) for e in found.iter("*") if not len(e)}
    return {**values, "Version context": found.get("Version", "")}
