"""TD0.2, test of existence and of authorisation, and TD0.4, list of the records one may open (wire.md §2.2, §2.3)."""

from __future__ import annotations

from uuid import uuid4

from lxml import etree

from conformance.dmp import codes
from conformance.dmp.codes import HL7, PATIENTS
from conformance.services.dmp.exchange import Call, Reply, SoapFault
from conformance.services.dmp.held import Patient, matricule_of
from conformance.soap.guarded import Element

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_AUTHORISATION = ("AUTORISATION", "1.2.250.1.213.4.1.2.6.1", "1.2.250.1.213.4.1.2.6.2")
_PHYSICIAN = ("STATUT_MT", "1.2.250.1.213.4.1.2.6.3")
_ACCOUNT = ("COMPTE_INTERNET_OUVERT", "1.2.250.1.213.4.1.2.9")
_SPACE = ("RATTACHEMENT_ENS", "1.2.250.1.213.4.1.2.3")


def test_of_existence(call: Call) -> Reply:
    """Answer who has a record and whether the user may open it."""
    body = call.envelope.body
    reason = body.find(f".//{{{HL7}}}reasonCode")
    if reason is None or (reason.get("code"), reason.get("codeSystem")) != codes.REASON_TEST:
        raise SoapFault("Sender", "reason-code")
    value = body.find(f".//{{{HL7}}}patientIdentifier/{{{HL7}}}value")
    asked = ("", "") if value is None else (value.get("extension", ""), value.get("root", ""))
    if asked != call.vihf.patient:
        raise SoapFault("Sender", "other-patient")
    found = call.store.patient(asked[0])
    known = found if found is not None and found.oid == asked[1] else None
    state = call.store.authorisation(asked[0], call.vihf.name_id)
    data = {
        "patient": asked[0],
        "state": known.state if known else "absent",
        "authorisation": state if known and known.state == "open" else "none",
    }
    made = _answer(body, known, codes.AUTHORISATION_STATES[data["authorisation"]])
    marks = (asked[0], matricule_of(asked[0]))
    return Reply(made, f"{HL7}:PRPA_IN201308UV02", "ok", data=data, marks=marks)


def authorised_records(call: Call) -> Reply:
    """Answer whose records the user may open."""
    made = etree.Element(f"{{{PATIENTS}}}patientListResponse", nsmap={"ns1": PATIENTS})
    output = etree.SubElement(made, f"{{{PATIENTS}}}output")
    etree.SubElement(output, f"{{{PATIENTS}}}status").text = "DMPOk"
    listed = call.store.authorised(call.vihf.name_id)
    for patient, at in listed:
        one = etree.SubElement(output, f"{{{PATIENTS}}}patient")
        etree.SubElement(one, f"{{{PATIENTS}}}ins", root=patient.oid, extension=patient.ins)
        etree.SubElement(one, f"{{{PATIENTS}}}date").text = at
    told = tuple(patient.ins for patient, _ in listed)
    marks = tuple(mark for ins in told for mark in (ins, matricule_of(ins)))
    data = {"count": len(told), "patients": list(told)}
    return Reply(made, f"{PATIENTS}:PatientsEndPoint:patientListResponse", "ok", data=data, marks=marks)


def _answer(request: Element, patient: Patient | None, authorisation: str) -> Element:
    root = etree.Element(
        f"{{{HL7}}}PRPA_IN201308UV02", nsmap={"hl7": HL7, "xsi": XSI}, attrib={"ITSVersion": "XML_1.0"}
    )
    _add(root, "id", root=str(uuid4()))
    _add(root, "interactionId", extension="PRPA_IN201308UV02", root="2.16.840.1.113883.1.6")
    _add(root, "processingCode", code="P")
    _add(root, "processingModeCode", code="T")
    _add(root, "acceptAckCode", code="NE")
    sender = _add(_add(root, "sender", typeCode="SND"), "device", classCode="DEV", determinerCode="INSTANCE")
    _add(sender, "id", root=codes.SENDER)
    if patient is not None and patient.state == "open":
        name, keyword, system = _AUTHORISATION
        line = _add(root, "attentionLine")
        _add(line, "keyWordText", code=name, codeSystem=keyword)
        _typed(line, "CV", code=authorisation, codeSystem=system)
        line = _add(root, "attentionLine")
        _add(line, "keyWordText", code=_PHYSICIAN[0], codeSystem=_PHYSICIAN[1])
        _typed(line, "BL", value="false")
    target = _add(_add(root, "acknowledgement", typeCode="AA"), "targetMessage")
    _copy(request.find(f"{{{HL7}}}id"), target)
    act = _add(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    _add(act, "reasonCode", code=codes.REASON_TEST[0], codeSystem=codes.REASON_TEST[1])
    if patient is not None:
        _subject(act, patient)
    ack = _add(act, "queryAck")
    _copy(request.find(f".//{{{HL7}}}queryId"), ack)
    # ``NF`` for nobody is HL7's own; what the DMP says of a closed record was not seen: a hypothesis.
    _add(ack, "queryResponseCode", code="OK" if patient else "NF")
    return root


def _subject(act: Element, patient: Patient) -> None:
    event = _add(_add(act, "subject", typeCode="SUBJ"), "registrationEvent", classCode="REG", moodCode="EVN")
    _add(event, "statusCode", code="completed")
    person = _add(_add(event, "subject1", typeCode="SBJ"), "patient", classCode="PAT")
    _add(person, "id", extension=patient.ins, root=patient.oid)
    _add(person, "statusCode", code="active" if patient.state == "open" else "terminated")
    traits = patient.traits
    body = _add(person, "patientPerson", classCode="PSN", determinerCode="INSTANCE")
    name = _add(body, "name")
    for given in traits.get("birth_first_names", ()):
        _add(name, "given").text = str(given)
    _add(name, "family", qualifier="BR").text = str(traits.get("birth_name", ""))
    if traits.get("used_name"):
        _add(name, "family", qualifier="SP").text = str(traits["used_name"])
    _add(body, "administrativeGenderCode", code=str(traits.get("sex", "")))
    _add(body, "birthTime", value=str(traits.get("birth_date", "")).replace("-", ""))
    for (code, system), value in ((_ACCOUNT, "false"), (_SPACE, "true")):
        observed = _add(
            _add(person, "subjectOf", typeCode="SBJ"), "administrativeObservation", classCode="OBS", moodCode="EVN"
        )
        _add(observed, "code", code=code, codeSystem=system)
        _typed(observed, "BL", value=value)


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{HL7}}}{tag}", attributes)


def _typed(parent: Element, kind: str, **attributes: str) -> None:
    _add(parent, "value", **attributes).set(f"{{{XSI}}}type", kind)


def _copy(found: Element | None, parent: Element) -> None:
    if found is not None:
        told = {name: found.get(name, "") for name in ("root", "extension") if found.get(name)}
        _add(parent, str(etree.QName(found).localname), **told)
