"""TD0.3: a professional adds or removes their own authorisation on a record (wire.md §2.2)."""

from __future__ import annotations

from lxml import etree

from conformance.core.texts import say
from conformance.dmp.codes import HABILITATIONS
from conformance.services.dmp.exchange import Call, Reply, SoapFault
from conformance.services.dmp.held import matricule_of
from conformance.soap.guarded import text_of


def set_authorisation(call: Call) -> Reply:
    """Add or remove; saying twice what already holds changes nothing and is no fault."""
    action = text_of(call.envelope.body.find(f"{{{HABILITATIONS}}}action"))
    if action not in ("AJOUT", "SUPPRESSION"):
        raise SoapFault("Sender", "authorisation-action", action)
    if call.patient() is None:
        raise SoapFault("Sender", "no-record")
    before = call.store.authorisation(call.ins, call.vihf.name_id)
    if before == "blocked":
        # The name is the only one published for rights; that it answers this case too is a hypothesis.
        raise SoapFault("DMPAccessDeniedByRightsService", "blocked")
    after = "valid" if action == "AJOUT" else "none"
    if before != after:
        with call.store.together():
            call.store.authorise(call.ins, call.vihf.name_id, after, call.now)
    made = etree.Element(f"{{{HABILITATIONS}}}setAuthorizationResponse", nsmap={"ns1": HABILITATIONS})
    output = etree.SubElement(made, f"{{{HABILITATIONS}}}output")
    etree.SubElement(output, f"{{{HABILITATIONS}}}status").text = "DMPOk"
    told = "dmp.authorisation.same" if before == after else "dmp.authorisation.changed"
    etree.SubElement(output, f"{{{HABILITATIONS}}}context").text = say(told, "fr")
    return Reply(
        made,
        f"{HABILITATIONS}:HabilitationsEndPoint:setAuthorizationResponse",
        "ok",
        data={"patient": call.ins, "action": action, "before": before, "after": after},
        marks=(call.ins, matricule_of(call.ins)),
    )
