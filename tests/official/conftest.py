"""A small pack in the layout of the public one, written here, and documents for it."""

import importlib.util
import zipfile

import pytest

from conformance.official.chain import OfficialChain
from conformance.official.pack import add_pack
from tests.checks.documents_made import n1

SCH = "http://purl.oclc.org/dsdl/schematron"
HEADER = "schematrons/profils/header/HEADER.sch"
TYPED = "schematrons/LETTER.sch"
VOCABULARY = "schematrons/profils/header/include/voc-1.2.3.4-DYNAMIC.xml"

FILES = {
    "infrastructure/cda/CDA_extended.xsd": """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3" elementFormDefault="qualified">
  <xs:element name="ClinicalDocument"><xs:complexType><xs:sequence>
    <xs:element name="realmCode"><xs:complexType><xs:attribute name="code"/></xs:complexType></xs:element>
    <xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>
  </xs:sequence><xs:anyAttribute processContents="skip"/></xs:complexType></xs:element>
</xs:schema>""",
    HEADER: f"""<?xml version="1.0"?>
<schema xmlns="{SCH}" queryBinding="xslt2">
  <ns prefix="h" uri="urn:hl7-org:v3"/>
  <include href="include/language.sch"/>
  <include href="include/abstract.sch"/>
  <pattern id="title" is-a="filled"><param name="where" value="/h:ClinicalDocument/h:title"/></pattern>
  <pattern id="code">
    <rule abstract="true" id="named"><assert role="alerte" test="@displayName">no label for <name/></assert></rule>
    <rule context="/h:ClinicalDocument/h:code">
      <extends rule="named"/>
      <let name="theCode" value="@code"/>
      <assert role="erreur" test="exists(doc('include/voc-1.2.3.4-DYNAMIC.xml')//valueSet[1]/conceptList/concept[@code = $theCode])">
        code <value-of select="$theCode"/> is not in the list</assert>
    </rule>
    <rule context="/h:ClinicalDocument/*"><report role="info" test="self::h:setId">a set is named</report></rule>
  </pattern>
</schema>""",
    "schematrons/profils/header/include/language.sch": f"""<pattern xmlns="{SCH}" id="language">
  <let name="languages" value="('fr-FR', 'en-US')"/>
  <rule context="h:languageCode[@code]"><assert test="@code = $languages">language</assert></rule>
</pattern>""",
    "schematrons/profils/header/include/abstract.sch": f"""<pattern xmlns="{SCH}" id="filled" abstract="true">
  <rule context="$where"><assert test="normalize-space(.)">something is empty</assert></rule>
</pattern>""",
    VOCABULARY: """<valueSets xmlns="urn:hl7-org:v3"><valueSet xmlns="" id="1.2.3.4"><conceptList>
  <concept code="80788-3" codeSystem="2.16.840.1.113883.6.1"/></conceptList></valueSet></valueSets>""",
    TYPED: f"""<schema xmlns="{SCH}" queryBinding="xslt2" defaultPhase="some">
  <ns prefix="h" uri="urn:hl7-org:v3"/>
  <phase id="some"><active pattern="active"/></phase>
  <pattern id="active"><rule context="h:section"><assert test="h:title">a section has a title</assert></rule></pattern>
  <pattern id="asleep"><rule context="h:section"><assert test="false()">never</assert></rule></pattern>
</schema>""",
    "jeuxDeValeurs/JDV_Types.xml": """<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008">
  <ValueSet id="1.2.3.4" displayName="Types"><ConceptList>
    <Concept code="80788-3" codeSystem="2.16.840.1.113883.6.1" displayName="Projet"/></ConceptList></ValueSet>
</RetrieveValueSetResponse>""",
}


def written(folder, *, without=(), **changed):
    """Write the pack in ``folder``; ``changed`` renames a file, ``without`` leaves it out."""
    renamed = changed.get("renamed", {})
    for path, text in {**FILES, **changed.get("files", {})}.items():
        if path not in without:
            target = folder / renamed.get(path, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return folder


def zipped(folder, target):
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"TestContenuCDA/{path.relative_to(folder).as_posix()}")
    return target


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The state folder of one test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CONFORMANCE_HOME", str(folder))
    return folder


@pytest.fixture
def source(tmp_path):
    """The pack as its user has it."""
    return written(tmp_path / "TestPack")


@pytest.fixture
def chain(source):
    """The chain with the pack of the tests; without saxonche, nothing of it can run."""
    if importlib.util.find_spec("saxonche") is None:
        pytest.skip("saxonche is not installed (extra « official »)")
    with OfficialChain(add_pack(source, name="small")) as opened:
        yield opened


@pytest.fixture
def document():
    """A document that conforms, by both."""
    return n1()
