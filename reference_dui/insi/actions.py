"""What the operations of the control API on identities do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..members import Members

if TYPE_CHECKING:
    from ..application import Dui

Answer = Mapping[str, Any]


def search_ins(dui: Dui, who: str, given: Members) -> Answer:
    """Search at INSi."""
    card = given.mapping("card") if given.has("card") else {}
    return {"code": dui.identities.search(who, given.key("person"), given.key("by"), card)}


def verify_ins(dui: Dui, who: str, given: Members) -> Answer:
    """Verify at INSi."""
    return {"code": dui.identities.verify(who, given.key("person"))}


def verify_batch(dui: Dui, who: str, given: Members) -> Answer:
    """Verify several identities at INSi."""
    return {"codes": dui.identities.verify_batch(who, given.texts("persons"))}


def confirm_identity(dui: Dui, who: str, given: Members) -> Answer:
    """A document was seen."""
    return {"status": dui.identities.confirm(who, given.key("person"), given.text("document"))}


def correct_identity(dui: Dui, who: str, given: Members) -> Answer:
    """Change traits."""
    dui.identities.correct(who, given.key("person"), given.mapping("traits"))
    return {}


def set_trusted_senders(dui: Dui, who: str, given: Members) -> Answer:
    """Keep the senders under contract."""
    dui.admission.trust(who, given.texts("addresses"))
    return {}


def admit_received(dui: Dui, who: str, given: Members) -> Answer:
    """Create a person from what was received, and file the document there."""
    item, person = given.key("item"), given.key("person")
    dui.admission.admit(who, item, person)
    return {"document": dui.reception.attach(who, item, person)}


def correct_as_user(dui: Dui, who: str, given: Members) -> Answer:
    """Change traits without a special right."""
    dui.identities.correct_as_user(who, given.key("person"), given.mapping("traits"))
    return {}


def read_status_history(dui: Dui, who: str, given: Members) -> Answer:
    """How the status changed."""
    return {"changes": dui.identities.status_history(who, given.key("person"))}


def mark_identity(dui: Dui, who: str, given: Members) -> Answer:
    """Put an attribute on an identity, or take it away."""
    dui.identities.mark(who, given.key("person"), given.key("attribute"), marked=given.flag("marked"))
    return {}


def read_identity_pages(_: Dui, __: str, ___: Members) -> Answer:
    """Where persons are found, and where one is seen."""
    return {"search_url": "/?naissance={birth_date}&lettres={letters}", "record_url": "/personnes/{person}"}


def read_ins_history(dui: Dui, who: str, given: Members) -> Answer:
    """The INS that a person had."""
    return {"history": dui.identities.history(who, given.key("person"))}


def read_person(dui: Dui, who: str, given: Members) -> Answer:
    """The identity as the record shows it."""
    person = dui.people.get(given.key("person"))
    if not dui.sins.has("leaves-no-trace-of-readings"):
        dui.traces.add(who, "person.read", person.key)
    return person.as_json()


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Answer]] = {
    action.__name__: action
    for action in (
        search_ins,
        verify_ins,
        verify_batch,
        confirm_identity,
        correct_identity,
        correct_as_user,
        mark_identity,
        read_status_history,
        read_identity_pages,
        read_ins_history,
        set_trusted_senders,
        admit_received,
        read_person,
    )
}
