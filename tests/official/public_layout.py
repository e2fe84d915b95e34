"""A pack with the layout of the public one and with its defects, each of them once; every rule and list is our own.

The defects are those measured on the published repository at its commit of 19/02/2025: includes and a value set whose
letter case is that of no file, the vocabulary of document types that is in no commit, a folder of includes committed as
an empty file, value sets that are empty or whose OID two files bear, paths to files that are nowhere, header rules that
fire on the right typeId only, patterns left out of the default phase.
"""

from __future__ import annotations

SCH = "http://purl.oclc.org/dsdl/schematron"
SVS = "urn:ihe:iti:svs:2008"
SCHEMA = "infrastructure/cda/CDA_extended.xsd"
HEADER = "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch"
INCLUDE = "schematrons/profils/structurationMinimale/include"
VOCABULARY = f"{INCLUDE}/voc-1.2.250.1.213.1.1.5.471-DYNAMIC.xml"
BODY = "schematrons/profils/IHE.sch"
CARDIOLOGY = "schematrons/CI-SIS_CARD-ESSAI.sch"
BIOLOGY = "schematrons/CI-SIS_BIO-ESSAI.sch"
CANCER = "schematrons/CI-SIS_CANCER-ESSAI.sch"
PRESCRIPTION = "schematrons/CI-SIS_EP-ESSAI.sch"
OPEN = "/h:ClinicalDocument[h:typeId[@root='2.16.840.1.113883.1.3'][@extension='POCD_HD000040']]"


def _schema(*inside: str, attributes: str = "") -> str:
    patterns = "".join(inside)
    return f'<schema xmlns="{SCH}" queryBinding="xslt2"{attributes}><ns prefix="h" uri="urn:hl7-org:v3"/>{patterns}</schema>'


def _pattern(id: str, context: str, test: str, told: str, role: str = "erreur") -> str:
    return f'<pattern id="{id}"><rule context="{context}"><assert role="{role}" test="{test}">{told}</assert></rule></pattern>'


def _included(id: str, context: str, test: str) -> str:
    return f'<pattern xmlns="{SCH}" id="{id}"><rule context="{context}"><assert test="{test}">{id}</assert></rule></pattern>'


def _values(oid: str, *codes: str) -> str:
    concepts = "".join(f'<Concept code="{c}" codeSystem="2.16.840.1.113883.6.1" displayName="x"/>' for c in codes)
    return (
        f'<RetrieveValueSetResponse xmlns="{SVS}"><ValueSet id="{oid}" displayName="x"><ConceptList>{concepts}'
        "</ConceptList></ValueSet></RetrieveValueSetResponse>"
    )


KNOWN = "exists(doc('include/voc-1.2.250.1.213.1.1.5.471-DYNAMIC.xml')//valueSet[1]/conceptList/concept[@code = current()/@code])"
FILES = {
    SCHEMA: (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3">'
        '<xs:element name="ClinicalDocument"><xs:complexType><xs:sequence>'
        '<xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence></xs:complexType>'
        "</xs:element></xs:schema>"
    ),
    HEADER: _schema(
        '<include href="include/Titre.sch"/>',
        _pattern("root", "/", "exists(" + OPEN[1:].replace("'", "&apos;") + ")", "typeId", role="warning"),
        _pattern("type", f"{OPEN}/h:code", KNOWN, "document type"),
        _pattern("realm", OPEN, "h:realmCode/@code = 'FR'", "realm"),
    ),
    f"{INCLUDE}/titre.sch": _included("title", f"{OPEN}/h:title", "normalize-space(.)"),
    BODY: _schema('<include href="entrees/E_DirectiveAnticipee.sch"/>'),
    "schematrons/profils/entrees/E_directiveAnticipee.sch": _included("entry", "h:entry", "*"),
    CARDIOLOGY: _schema('<include href="Sections/S_resultats.sch"/>'),
    "schematrons/sections/S_Resultats.sch": _included("section", "h:section", "h:title"),
    BIOLOGY: _schema('<include href="specificationsVolets/BIO/entete.sch"/>'),
    "schematrons/specificationsVolets/BIO": "",
    CANCER: _schema(
        _pattern("stage", "h:section", "exists(document('../jeuxDeValeurs/JDV_Absent.xml')) or true()", "stage"),
        _pattern("kind", "h:section", "exists(document('../jeuxDeValeurs/jdv_types-deux.xml')) or true()", "kind"),
    ),
    PRESCRIPTION: _schema(
        '<phase id="some"><active pattern="awake"/></phase>',
        _pattern("awake", "h:section", "h:code", "code"),
        _pattern("asleep", "h:section", "false()", "never"),
        attributes=' defaultPhase="some"',
    ),
    "jeuxDeValeurs/JDV_J07-XdsTypeCode-CISIS.xml": _values("1.2.250.1.213.1.1.5.471", "80788-3", "11488-4"),
    "jeuxDeValeurs/JDV_Types-Deux.xml": _values("1.2.9.1", "a"),
    "jeuxDeValeurs/JDV_Double_1.xml": _values("1.2.9.2", "a"),
    "jeuxDeValeurs/JDV_Double_2.xml": _values("1.2.9.2", "b"),
    **{f"jeuxDeValeurs/JDV_Vide_{number}.xml": "" for number in (1, 2, 3)},
}
