"""The mailbox: received and sent messages, and the work list of received documents."""

from __future__ import annotations

from starlette.responses import Response

from conformance.population import Person

from . import desk
from .faults import NotFound
from .header import Traits
from .visit import Visit

TRAITS = ("matricule", "oid", "birth_name", "first_name", "birth_date", "sex")


def work_list(visit: Visit) -> Response:
    """The documents that wait for a decision, then those decided."""
    items = visit.dui.inbox.all()
    return visit.page(
        "worklist.html",
        pending=[i for i in items if i.state == "pending"],
        unread=[i for i in items if i.state == "integrated" and i.unread],
        settled=[i for i in items if i.state == "rejected" or (i.state == "integrated" and not i.unread)],
    )


def item(visit: Visit) -> Response:
    """One received document beside the persons it may concern, trait by trait."""
    found = visit.dui.inbox.get(visit.params["item"])
    candidates = sorted(visit.dui.people.all(), key=lambda p: -_likeness(found.traits, p))[:5]
    compared = [(p, _comparison(found.traits, p)) for p in candidates if _likeness(found.traits, p)]
    return visit.page("item.html", item=found, compared=compared, traits=TRAITS)


def item_pdf(visit: Visit) -> Response:
    """The PDF that a received document carries."""
    id = visit.params["item"]
    headers = {"Content-Disposition": f'attachment; filename="{id}.pdf"'}
    return Response(visit.dui.inbox.pdf(id), media_type="application/pdf", headers=headers)


def attach(visit: Visit) -> Response:
    """Attach a received document to a record, once the person compared the traits."""
    person = visit.form.get("person", "")
    visit.dui.reception.attach(visit.who, visit.params["item"], person)
    return visit.go(f"/personnes/{visit.dui.people.get(person).key}", "attached")


def reject(visit: Visit) -> Response:
    """Refuse a received document."""
    visit.dui.reception.reject(visit.who, visit.params["item"])
    return visit.go("/travail", "rejected")


def received(visit: Visit) -> Response:
    """The received messages, those of citizens told from those of professionals (MSS/UX.25)."""
    boxes = [box for box in visit.dui.mailboxes.all() if box.state == "ready"]
    return visit.page("received.html", messages=desk.received(visit.dui), mailboxes=boxes)


def fetch(visit: Visit) -> Response:
    """Fetch the mail of a mailbox."""
    with visit.dui.outbox.busy():
        visit.dui.reception.fetch(visit.who, visit.form.get("mailbox", ""))
    return visit.go("/messages/recus", "fetched")


def sent(visit: Visit) -> Response:
    """The messages sent, waiting or failed, with the reason."""
    return visit.page("sent.html", messages=visit.dui.correspondence.folder("sent"))


def message(visit: Visit) -> Response:
    """One message."""
    found = visit.dui.correspondence.get(int(visit.params["message"]))
    if found is None:
        raise NotFound("refdui.fault.no-message")
    asked = desk.receipt_asked(visit.dui, found)
    return visit.page("message.html", message=found, subject=desk.shown_subject(found.subject), asked=asked)


def acknowledge(visit: Visit) -> Response:
    """Return the read receipt that a received message asks for."""
    found = visit.dui.correspondence.get(int(visit.params["message"]))
    if found is None or found.direction != "received":
        raise NotFound("refdui.fault.no-message")
    with visit.dui.outbox.busy():
        desk.open_received(visit.dui, visit.who, found.mailbox, found.message_id)
    return visit.go("/messages/recus", "acknowledged")


def compose(visit: Visit) -> Response:
    """The form of a new message, or of a reply."""
    asked = visit.query.get("reponse", "")
    original = visit.dui.correspondence.get(int(asked)) if asked.isdecimal() and len(asked) < 12 else None
    boxes = [m for m in visit.dui.mailboxes.all() if m.state == "ready"]
    return visit.page("compose.html", original=original, mailboxes=boxes)


def write(visit: Visit) -> Response:
    """Queue a message."""
    form = visit.form
    visit.dui.office.write(
        visit.who,
        mailbox=form.get("mailbox", ""),
        to=form.get("to", "").replace(",", " ").split(),
        text=form.get("text", ""),
        subject=form.get("subject", ""),
        read_receipt=form.get("read_receipt") == "yes",
        in_reply_to=form.get("in_reply_to") or None,
        no_reply=form.get("no_reply") == "yes",
    )
    return visit.go("/messages/envoyes", "queued")


def _comparison(said: Traits, person: Person) -> list[tuple[str, str, str, bool]]:
    known = _known(person)
    return [(name, getattr(said, name), known[name], getattr(said, name) == known[name]) for name in TRAITS]


def _likeness(said: Traits, person: Person) -> int:
    known = _known(person)
    return sum(
        bool(known[name]) and getattr(said, name) == known[name] for name in TRAITS if name not in ("oid", "sex")
    )


def _known(person: Person) -> dict[str, str]:
    return {
        "matricule": person.ins,
        "oid": person.oid,
        "birth_name": person.birth_name,
        "first_name": person.first_name,
        "birth_date": person.birth_date,
        "sex": person.sex,
    }
