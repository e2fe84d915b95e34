"""Who may see what of a record: consultation, one's own structure's documents, masking."""

from __future__ import annotations

from conformance.services.dmp.exchange import Call, Rejected, SoapFault
from conformance.services.dmp.held import Held, HeldSet, Link, matricule_of

# What a stored query gives back.
Thing = Held | HeldSet | Link


def may_consult(call: Call) -> None:
    """Raise unless the user may open this record now."""
    if call.patient() is None:
        raise Rejected("XDSUnknownPatientId", "no-record")
    if call.faults.strike("stale", call.transaction) is not None:
        call.store.authorise(call.ins, call.vihf.name_id, "expired", call.now)
    if not authorised(call):
        # The name is the only one published for rights; that it answers this case too is a hypothesis.
        raise SoapFault("DMPAccessDeniedByRightsService", "not-authorised")


def authorised(call: Call) -> bool:
    """Whether the user's authorisation on this record is in force."""
    return call.store.authorisation(call.ins, call.vihf.name_id) == "valid"


def visible(call: Call, entry: Held) -> bool:
    """Whether professionals see a document: one masked from them is seen by its author's structure only."""
    return "MASQUE_PS" not in entry.facts["codes"]["confidentiality"] or entry.structure == call.vihf.structure


def reachable(call: Call, one: Held | HeldSet | None) -> bool:
    """Whether an object of the registry may be given when it is asked for by its id.

    A structure may look for the reference of what it fed without the right to consult (PDT-INF-526).
    """
    if one is None or one.matricule != matricule_of(call.ins):
        return False
    if one.structure == call.vihf.structure:
        return True
    return authorised(call) and (isinstance(one, HeldSet) or visible(call, one))
