"""What each operation of the control API does in the product: the same acts as the pages offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import desk, office_actions, printing, results
from .accounts import actions as accounts
from .annuaire import actions as annuaire
from .dmp import actions as dmp
from .faults import Fault
from .files import actions as files
from .insi import actions as insi
from .members import Members
from .narrative import unwrapped
from .psc import actions as psc
from .sdo import actions as sdo
from .structures import actions as structures
from .tddui import actions as transfers

if TYPE_CHECKING:
    from .application import Dui

Answer = Mapping[str, Any] | bytes
# What a defect puts in the place of traits that are not given.
UNKNOWN = {"birth_name": "X", "birth_first_names": ["X"], "birth_date": "1900-01-01", "sex": "M"}
Action = Callable[["Dui", str, Members], Answer]


def configure_mailbox(dui: Dui, who: str, given: Members) -> Answer:
    """Set up a mailbox from its autoconfiguration document; answers once both connections were tested."""
    box = dui.mailboxes.configure(given.key("address"), given.key("kind"), given.mapping("settings"), who)
    return {"address": box.address, "kind": box.kind, "state": "ready"}


def configure_service(dui: Dui, who: str, given: Members) -> Answer:
    """Keep where a national service is and what opens it."""
    service = given.key("service")
    dui.connections.keep(service, given.mapping("settings"))
    dui.traces.add(who, "service.configure", service)
    return {"service": service, "state": "ready"}


def create_person(dui: Dui, who: str, given: Members) -> Answer:
    """Create a record, or correct its identity."""
    identity = given.mapping("identity")
    if dui.sins.has("demands-a-used-name") and not identity.get("used_name"):
        raise Fault("refdui.fault.missing-trait", trait="used_name")
    if dui.sins.has("creates-an-incomplete-identity"):
        identity = {**UNKNOWN, **identity}
    person = dui.people.save(given.key("person"), identity)
    dui.traces.add(who, "person.save", person.key, person.status)
    return {"person": person.key}


def add_correspondent(dui: Dui, who: str, given: Members) -> Answer:
    """Add a correspondent to a record."""
    person = given.key("person")
    completed = dui.directory.completed(given.mapping("correspondent"))
    found = dui.people.add_correspondent(person, given.key("address"), completed)
    dui.traces.add(who, "person.correspondent", person, found.address)
    return {"person": person, "address": found.address}


def record_opposition(dui: Dui, who: str, given: Members) -> Answer:
    """Record or lift an opposition."""
    person, channel, opposed = given.key("person"), given.key("channel"), given.flag("opposed")
    dui.people.oppose(person, channel, opposed)
    if not dui.sins.has("records-consent-without-trace"):
        dui.traces.add(who, "person.opposition", person, channel, "opposed" if opposed else "lifted")
    return {"person": person, "channel": channel, "opposed": opposed}


def fetch_mail(dui: Dui, who: str, given: Members) -> Answer:
    """Fetch what the mailbox holds now; answers when everything was sorted."""
    return {"received": dui.reception.fetch(who, given.key("address"))}


def open_message(dui: Dui, who: str, given: Members) -> Answer:
    """Display a received message, and return the read receipt that it asks for."""
    return {"receipt": desk.open_received(dui, who, given.key("address"), given.text("message_id"))}


def read_messages(dui: Dui, _: str, __: Members) -> Answer:
    """The lists of received and sent messages."""
    return {"messages": desk.listed(dui)}


def reject_document(dui: Dui, who: str, given: Members) -> Answer:
    """Refuse a pending item."""
    dui.reception.reject(who, given.key("item"))
    return {}


def read_inbox(dui: Dui, _: str, __: Members) -> Answer:
    """The work list."""
    items = [item.as_json() for item in dui.inbox.all()]
    if dui.sins.has("shows-the-type-instead-of-the-title"):
        items = [{**item, "title": item["type_code"]} for item in items]
    if dui.sins.has("hides-a-denial"):
        items = [{**item, "ins_denied": False} for item in items]
    return {"items": items}


def set_automatic_filing(dui: Dui, who: str, given: Members) -> Answer:
    """The setting of MSS/UX.07."""
    dui.settings.files_alone = given.flag("enabled")
    dui.traces.add(who, "settings.automatic-filing", str(dui.settings.files_alone))
    return {"enabled": dui.settings.files_alone}


def read_reception_counts(dui: Dui, _: str, given: Members) -> Answer:
    """Documents received, by type and by what became of them."""
    counts = dui.inbox.counts(given.key("since"))
    if dui.sins.has("counts-by-hand-as-automatic"):
        counts = [{**row, "automatic": row["automatic"] + row["manual"], "manual": 0} for row in counts]
    return {"counts": counts}


def read_unread(dui: Dui, _: str, given: Members) -> Answer:
    """What was filed of itself and nobody opened."""
    since = "" if dui.sins.has("ignores-the-period") else given.key("since")
    return {"items": [item.as_json() for item in dui.inbox.unread(since)]}


def attach_document(dui: Dui, who: str, given: Members) -> Answer:
    """Attach a pending item to a record."""
    return {"document": dui.reception.attach(who, given.key("item"), given.key("person"))}


def read_record(dui: Dui, who: str, given: Members) -> Answer:
    """The documents of a record."""
    person = dui.people.get(given.key("person"))
    dui.traces.add(who, "person.read", person.key)
    return {"documents": [document.summary() for document in dui.library.of_person(person.key)]}


def read_document(dui: Dui, who: str, given: Members) -> Answer:
    """The bytes of a document."""
    id = given.key("document")
    content = dui.library.bytes_of(id)
    if not dui.sins.has("never-marks-as-read"):
        dui.marks.open(dui.library.get(id).unique_id, who)
    dui.traces.add(who, "document.read", id)
    if dui.sins.has("takes-documents-out-of-their-style-sheet"):
        content = unwrapped(content)
    return content + b"\n" if dui.sins.has("rewrites-received-documents") else content


def read_traces(dui: Dui, _: str, __: Members) -> Answer:
    """The traces."""
    traces = dui.traces.latest()
    if dui.sins.has("names-nobody-in-its-traces"):
        traces = [{**trace, "who": ""} for trace in traces]
    return {"traces": traces}


_OWN = {
    action.__name__: action
    for action in (
        configure_mailbox,
        configure_service,
        create_person,
        add_correspondent,
        record_opposition,
        fetch_mail,
        open_message,
        read_messages,
        reject_document,
        set_automatic_filing,
        read_reception_counts,
        read_unread,
        read_inbox,
        attach_document,
        read_record,
        read_document,
        read_traces,
        *sdo.ACTIONS,
    )
}


def read_dashboard(dui: Dui, _: str, __: Members) -> Answer:
    """The counts of the dashboard."""
    return dui.dashboard.read()


def read_insi_calls(dui: Dui, _: str, __: Members) -> Answer:
    """The detail of the calls to INSi."""
    return {"calls": dui.dashboard.insi_calls()}


# Each part of the product with operations of its own adds them here.
ACTIONS: Mapping[str, Action] = {
    "read_dashboard": read_dashboard,
    "read_insi_calls": read_insi_calls,
    **_OWN,
    **accounts.ACTIONS,
    **annuaire.ACTIONS,
    **insi.ACTIONS,
    **office_actions.ACTIONS,
    **printing.ACTIONS,
    **results.ACTIONS,
    **psc.ACTIONS,
    **transfers.ACTIONS,
    **structures.ACTIONS,
    **files.ACTIONS,
    **dmp.ACTIONS,
}
