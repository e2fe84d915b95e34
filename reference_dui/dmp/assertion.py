"""The VIHF: a SAML 2.0 assertion about the user, signed with the structure's certificate."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from conformance.population import Person

from .. import facts
from ..sins import Sins
from .link import Link

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DS = "http://www.w3.org/2000/09/xmldsig#"
X509_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
SMARTCARD = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX"
# G15 profession and RPPS speciality of the fictitious user: a general practitioner.
_ROLES = (
    ("10", "1.2.250.1.71.1.2.7", "Médecin"),
    ("SM54", "1.2.250.1.71.4.2.5", "Médecine Générale (SM)"),
)


def assertion(link: Link, person: Person | None, sins: Sins, *, secret: bool = False) -> etree._Element:
    """Make and sign the assertion of one call about a person; ``secret`` asks for a secret connection."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    root = etree.Element(
        f"{{{SAML}}}Assertion",
        nsmap={"saml2": SAML, "xsi": XSI},
        attrib={"ID": f"_{uuid4()}", "IssueInstant": now, "Version": "2.0"},
    )
    certificate = x509.load_pem_x509_certificate(link.signing_certificate_pem.encode())
    issuer = _under(root, "Issuer", Format=X509_NAME)
    issuer.text = certificate.subject.rfc4514_string()
    etree.SubElement(root, f"{{{DS}}}Signature", nsmap={"ds": DS}, attrib={"Id": "placeholder"})
    name = _under(_under(root, "Subject"), "NameID")
    name.text = _named(link, sins)
    context = _under(_under(root, "AuthnStatement", AuthnInstant=now), "AuthnContext")
    _under(context, "AuthnContextClassRef").text = SMARTCARD
    _attributes(root, link, person, sins)
    if secret and not sins.has("forgets-the-secret-connection"):
        # Its name is CI-SIS's (volet de transmission d'un document CDA en HL7 v2, VIHF du DMP); its value is in no public source.
        _text(root[-1], "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code", HIDDEN)
    return _signed(root, link, sins)


def _named(link: Link, sins: Sins) -> str:
    """Who calls: the user, as the defects in force leave it."""
    if sins.has("calls-in-the-name-of-the-structure"):
        return link.structure
    return "899900000037" if sins.has("calls-in-the-name-of-a-colleague") else link.user.identifier


def _attributes(root: etree._Element, link: Link, person: Person | None, sins: Sins) -> None:
    statement = _under(root, "AttributeStatement")
    user = link.user
    _text(statement, "Identifiant_Structure", link.structure)
    _text(statement, "Secteur_Activite", "SA17^1.2.250.1.71.4.2.4")
    _text(statement, "urn:oasis:names:tc:xspa:1.0:subject:subject-id", f"{user.first_name} {user.name}")
    roles = _under(statement, "Attribute", Name="urn:oasis:names:tc:xacml:2.0:subject:role")
    for code, system, label in _ROLES[:1] if sins.has("leaves-the-speciality-out-of-the-vihf") else _ROLES:
        _coded(roles, "Role", code, system, label)
    _text(statement, "VIHF_Version", "3.0")
    _text(statement, "Authentification_mode", "INDIRECTE_RENFORCEE")
    if person is not None:
        resource = f"{person.ins}^^^&{person.oid}&ISO^NH"
        _text(statement, "urn:oasis:names:tc:xacml:2.0:resource:resource-id", resource)
    _text(statement, "Ressource_URN", "urn:dmp")
    purpose = _under(statement, "Attribute", Name="urn:oasis:names:tc:xspa:1.0:subject:purposeofuse")
    _coded(purpose, "PurposeOfUse", "normal", "1.2.250.1.213.1.1.4.248", "Accès normal")
    _text(statement, "LPS_ID", facts.REFERENCE)
    _text(statement, "LPS_Nom", facts.NAME)
    _text(statement, "LPS_Version", facts.VERSION)
    _text(statement, "LPS_ID_HOMOLOGATION_DMP", facts.DMP_APPROVAL)


class _AnyDigest(XMLSigner):
    """signxml's own, which lets the defect sign as some products still do."""

    def check_deprecated_methods(self) -> None:
        """Refuse nothing."""


def _signed(root: etree._Element, link: Link, sins: Sins) -> etree._Element:
    sha1 = sins.has("signs-the-vihf-with-sha1")
    signer = (_AnyDigest if sha1 else XMLSigner)(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA1 if sha1 else SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = signer.sign(
        root,
        key=link.signing_key_pem,
        cert=link.signing_certificate_pem,
        reference_uri=str(root.get("ID")),
        id_attribute="ID",
    )
    if sins.has("changes-the-vihf-once-signed"):
        for value in signed.iter(f"{{{SAML}}}AttributeValue"):
            value.text = "3.0 " if value.text == "3.0" else value.text
    return signed


def _text(parent: etree._Element, name: str, value: str) -> None:
    _under(_under(parent, "Attribute", Name=name), "AttributeValue").text = value


def _coded(parent: etree._Element, kind: str, code: str, system: str, label: str) -> None:
    value = _under(parent, "AttributeValue")
    made = etree.SubElement(
        value, f"{{{HL7}}}{kind}", nsmap={"hl7": HL7}, attrib={"code": code, "codeSystem": system, "displayName": label}
    )
    made.set(f"{{{XSI}}}type", "CE")


def _under(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{SAML}}}{tag}", attributes)
