"""Every check of a CDA header: the conforming document passes, one fault fails by its own code."""

import pytest

from conformance.checks.subjects.cda import CdaDocument
from conformance.core.check import Registry
from conformance.core.words import Level
from tests.checks.documents_made import add, double, drop, n1, null, one, put, said, write

ALONE_CHECKS = sorted(check.id for check in Registry.for_subject(CdaDocument))
PATIENT = "h:recordTarget/h:patientRole/h:patient"
AUTHOR = "h:author/h:assignedAuthor"
KEEPER = "h:custodian/h:assignedCustodian/h:representedCustodianOrganization"
EVENT = "h:documentationOf/h:serviceEvent"
PERFORMER = f"{EVENT}/h:performer/h:assignedEntity"
FACILITY = "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility"
CI_SIS = "h:templateId[@root='1.2.250.1.213.1.1.1.1']"
OUTSIDE = "1.2.3.4.5"


def swap_title_and_time(root):
    one(root, "h:effectiveTime").addnext(one(root, "h:title"))


def replaces_itself(root):
    own = one(root, "h:id").get("root")
    xml = f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{own}"/></parentDocument></relatedDocument>'
    add(".", xml)(root)
    one(root, "h:componentOf").addprevious(one(root, "h:relatedDocument"))


def link(kind):
    def change(root):
        xml = (
            f'<relatedDocument typeCode="{kind}"><parentDocument><id root="1.2.3"/></parentDocument></relatedDocument>'
        )
        add(".", xml)(root)
        one(root, "h:componentOf").addprevious(one(root, "h:relatedDocument"))

    return change


FAULTS = [
    ("cda.well-formed", put(".", moodCode="INT"), "cda.value"),
    ("cda.well-formed", swap_title_and_time, "cda.order"),
    ("cda.well-formed", add(".", "<surprise></surprise>"), "cda.foreign-element"),
    ("cda.well-formed", write("h:title/..", "text"), "cda.stray-text"),
    ("cda.well-formed", drop("h:component"), "cda.missing"),
    ("cda.well-formed", double("h:component"), "cda.repeated"),
    ("cda.well-formed", drop("h:component/h:nonXMLBody"), "cda.one-body"),
    ("cda.realm", drop("h:realmCode"), "cda.missing"),
    ("cda.realm", put("h:realmCode", code="BE"), "cda.value"),
    ("cda.type-id", drop("h:typeId"), "cda.missing"),
    ("cda.type-id", put("h:typeId", extension="POCD_HD000041"), "cda.value"),
    ("cda.template-ids", drop(CI_SIS), "cda.template.missing"),
    ("cda.template-ids", double(CI_SIS), "cda.template.repeated"),
    ("cda.template-ids", put(CI_SIS, extension="2022.01"), "cda.template.versioned"),
    ("cda.template-ids", put("h:templateId[3]", root=OUTSIDE), "cda.template.structured"),
    ("cda.template-ids", put("h:templateId[3]", root="not an oid"), "cda.not-an-oid"),
    ("cda.template-ids", drop("h:templateId[3]"), "cda.template.no-model"),
    ("cda.id", drop("h:id"), "cda.missing"),
    ("cda.id", null("h:id"), "cda.null"),
    ("cda.id", double("h:id"), "cda.repeated"),
    ("cda.id", put("h:id", root=None), "cda.no-attribute"),
    ("cda.id", put("h:id", root="1.02.3"), "cda.not-an-oid"),
    ("cda.code", drop("h:code"), "cda.missing"),
    ("cda.code", put("h:code", code="00000-0"), "cda.unknown-code"),
    ("cda.code", put("h:code", codeSystem=OUTSIDE), "cda.wrong-system"),
    ("cda.code", put("h:code", displayName=None), "cda.no-attribute"),
    ("cda.code", put("h:code", code="28653 4"), "cda.not-a-code"),
    ("cda.title", drop("h:title"), "cda.missing"),
    ("cda.title", write("h:title", "   "), "cda.blank"),
    ("cda.effective-time", drop("h:effectiveTime"), "cda.missing"),
    ("cda.effective-time", put("h:effectiveTime", value="20260230100000+0100"), "cda.not-a-time"),
    ("cda.effective-time", put("h:effectiveTime", value="2026-03-02T10:00:00Z"), "cda.not-a-time"),
    ("cda.confidentiality", drop("h:confidentialityCode"), "cda.missing"),
    ("cda.confidentiality", put("h:confidentialityCode", code="Z"), "cda.unknown-code"),
    ("cda.confidentiality", put("h:confidentialityCode", codeSystem=OUTSIDE), "cda.wrong-system"),
    ("cda.language", drop("h:languageCode"), "cda.missing"),
    ("cda.language", put("h:languageCode", code="français"), "cda.not-a-language"),
    ("cda.version", drop("h:setId"), "cda.missing"),
    ("cda.version", put("h:versionNumber", value="0"), "cda.version.not-positive"),
    ("cda.version", replaces_itself, "cda.version.itself"),
    ("cda.record-target", drop("h:recordTarget"), "cda.missing"),
    ("cda.record-target", double("h:recordTarget"), "cda.repeated"),
    ("cda.record-target", put(f"{PATIENT}/h:name/h:family", qualifier="SP"), "cda.value"),
    ("cda.record-target", put(f"{PATIENT}/h:birthTime", value="19790230"), "cda.not-a-time"),
    ("cda.record-target", null(f"{PATIENT}/h:administrativeGenderCode"), "cda.null"),
    ("cda.record-target", put(f"{PATIENT}/h:administrativeGenderCode", code="X"), "cda.unknown-code"),
    ("cda.author", drop("h:author"), "cda.missing"),
    ("cda.author", drop(f"{AUTHOR}/h:id"), "cda.missing"),
    ("cda.author", put(f"{AUTHOR}/h:id", extension="8ABCDEFGHIJK"), "cda.person-id.rpps"),
    ("cda.author", put(f"{AUTHOR}/h:code", code="G15_9999"), "cda.unknown-code"),
    ("cda.author", drop(f"{AUTHOR}/h:assignedPerson/h:name/h:family"), "cda.missing"),
    ("cda.author", add(AUTHOR, '<telecom value="0102030405"></telecom>'), "cda.telecom.form"),
    ("cda.author", add(AUTHOR, '<telecom value="mailto:nobody"></telecom>'), "cda.telecom.form"),
    ("cda.author", add(AUTHOR, '<telecom value="tel:none"></telecom>'), "cda.telecom.form"),
    ("cda.author", add(AUTHOR, '<telecom value="tel:01" nullFlavor="UNK"></telecom>'), "cda.telecom.one"),
    ("cda.author", add(AUTHOR, '<telecom nullFlavor="NI"></telecom>'), "cda.value"),
    ("cda.author", add(AUTHOR, '<addr use="BUREAU"></addr>'), "cda.value"),
    ("cda.author", add(f"{AUTHOR}/h:assignedPerson/h:name", "<prefix>Madame</prefix>"), "cda.unknown-code"),
    ("cda.custodian", drop("h:custodian"), "cda.missing"),
    ("cda.custodian", put(f"{KEEPER}/h:id", root=OUTSIDE), "cda.custodian.root"),
    ("cda.custodian", put(f"{KEEPER}/h:id", extension="structure"), "cda.structure-id.form"),
    ("cda.legal-authenticator", drop("h:legalAuthenticator"), "cda.missing"),
    ("cda.legal-authenticator", double("h:legalAuthenticator"), "cda.repeated"),
    ("cda.legal-authenticator", put("h:legalAuthenticator/h:signatureCode", code="X"), "cda.value"),
    ("cda.legal-authenticator", put("h:legalAuthenticator/h:time", value="hier"), "cda.not-a-time"),
    ("cda.documentation-of", drop("h:documentationOf"), "cda.missing"),
    ("cda.documentation-of", drop(f"{EVENT}/h:performer"), "cda.missing"),
    ("cda.documentation-of", double(f"{EVENT}/h:performer"), "cda.repeated"),
    ("cda.documentation-of", put(f"{EVENT}/h:effectiveTime/h:low", value="20991231100000+0100"), "cda.time.order"),
    (
        "cda.documentation-of",
        put(f"{PERFORMER}/h:representedOrganization/h:standardIndustryClassCode", code="VILLE"),
        "cda.unknown-code",
    ),
    ("cda.component-of", drop("h:componentOf"), "cda.missing"),
    ("cda.component-of", drop("h:componentOf/h:encompassingEncounter/h:location"), "cda.missing"),
    ("cda.component-of", put(f"{FACILITY}/h:code", code="SA99"), "cda.unknown-code"),
    ("cda.component-of", put(f"{FACILITY}/h:code", codeSystem=OUTSIDE), "cda.wrong-system"),
    ("cda.body-n1", put("h:component/h:nonXMLBody/h:text", mediaType="application/x-msdownload"), "cda.body.attribute"),
    ("cda.body-n1", put("h:component/h:nonXMLBody/h:text", representation=None), "cda.body.attribute"),
    ("cda.body-n1", write("h:component/h:nonXMLBody/h:text", "&&&"), "cda.body.not-base64"),
    ("cda.body-n1", write("h:component/h:nonXMLBody/h:text", ""), "cda.body.empty"),
    ("cda.body-n1", write("h:component/h:nonXMLBody/h:text", "TVqQAAMAAAA="), "cda.body.not-pdf"),
    ("cda.body-n1", drop("h:component/h:nonXMLBody/h:text"), "cda.body.no-text"),
]
REMARKS = [
    ("cda.code", put("h:code", displayName="Projet"), "cda.other-label"),
    ("cda.effective-time", put("h:effectiveTime", value="20260302"), "cda.time.no-instant"),
    ("cda.language", put("h:languageCode", code="en-US"), "cda.language.other"),
    ("cda.version", link("XFRM"), "cda.version.link"),
    ("cda.author", put(f"{AUTHOR}/h:id", root=OUTSIDE), "cda.person-id.root"),
    ("cda.author", put(f"{AUTHOR}/h:id", extension="899700000000"), "cda.luhn"),
    ("cda.author", put(f"{AUTHOR}/h:id", extension="ABCDEF"), "cda.person-id.form"),
    ("cda.custodian", drop(f"{KEEPER}/h:name"), "cda.custodian.unnamed"),
    ("cda.custodian", put(f"{KEEPER}/h:id", extension=None), "cda.structure-id.none"),
    ("cda.record-target", put("h:effectiveTime", value="19000101000000+0100"), "cda.time.before-birth"),
]


@pytest.mark.parametrize("check_id", ALONE_CHECKS)
def test_the_conforming_document_passes(check_id):
    assert said(check_id, n1(), levels=tuple(Level)) == []


@pytest.mark.parametrize(
    ("check_id", "fault", "code"), FAULTS, ids=[f"{c[0]}-{c[2]}-{i}" for i, c in enumerate(FAULTS)]
)
def test_one_fault_fails_by_its_own_code(check_id, fault, code):
    assert code in said(check_id, n1(fault))


@pytest.mark.parametrize(("check_id", "fault", "code"), REMARKS, ids=[f"{c[0]}-{c[2]}" for c in REMARKS])
def test_what_is_not_forbidden_is_a_remark(check_id, fault, code):
    assert said(check_id, n1(fault), levels=(Level.WARNING,)) == [code]
    assert said(check_id, n1(fault)) == []


def test_every_check_has_a_fault_here_or_beside():
    beside = {"cda.ins", "cda.traits", "cda.structure", "cda.header", "cda.datatypes"}
    assert {case[0] for case in FAULTS} | beside == set(ALONE_CHECKS)


@pytest.mark.parametrize("check_id", [c for c in ALONE_CHECKS if c != "cda.well-formed"])
def test_no_check_passes_a_document_that_does_not_read(check_id):
    assert said(check_id, b"<ClinicalDocument") == ["cda.unreadable"]


def test_a_wrong_type_id_does_not_hide_the_other_faults():
    # The published Schematron judges nothing else of such a document.
    def both(root):
        put("h:typeId", extension="POCD_HD000041")(root)
        drop("h:legalAuthenticator")(root)

    assert said("cda.legal-authenticator", n1(both)) == ["cda.missing"]


def test_a_finding_says_where():
    found = Registry.get("cda.author")(
        CdaDocument.from_bytes(n1(put("h:author/h:time", value="hier")), part="A.XML"), None
    )
    (finding,) = found
    assert (finding.where.part, finding.where.line) == ("A.XML", 2)
    assert finding.where.xpath == "/ClinicalDocument/author/time/@value"
    assert (finding.expected, finding.got) == ("YYYYMMDDhhmmss+hhmm", "hier")


def test_a_prefix_on_the_namespace_changes_nothing():
    content = n1().replace(b'xmlns="urn:hl7-org:v3"', b'xmlns:c="urn:hl7-org:v3"')
    content = content.replace(b"</", b"</c:").replace(b"<", b"<c:").replace(b"<c:/c:", b"</c:").replace(b"<c:?", b"<?")
    assert said("cda.well-formed", content) == []
    assert said("cda.record-target", content) == []


def test_a_self_presenting_document_is_read_inside_its_style_sheet():
    inner = n1().split(b"?>", 1)[1]
    content = b'<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform">' + inner + b"</x:stylesheet>"
    assert CdaDocument.from_bytes(content).code == "80788-3"
