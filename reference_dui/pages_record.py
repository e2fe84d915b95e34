"""The persons accompanied, and the record of each: identity, documents by part, correspondents, oppositions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from starlette.responses import Response

from .dmp import pages as dmp
from .faults import Fault
from .library import Document
from .narrative import sections_of
from .people import CHANNELS
from .tddui.export import export
from .tddui.showing import row_of
from .visit import Visit
from .writing import document_types

PARTS = ("administrative", "care", "support")


def persons(visit: Visit) -> Response:
    """Everybody, or those born on a day whose names or first names begin as asked."""
    day, asked = visit.query.get("naissance", "").strip(), visit.query.get("lettres", "").strip()
    if day:
        found = visit.dui.people.born(day, asked, visit.dui.sins)
    else:
        found = [p for p in visit.dui.people.all() if p.birth_name.startswith(asked.upper())]
    return visit.page("persons.html", persons=found, asked=asked, day=day)


def create(visit: Visit) -> Response:
    """Create a record from the five mandatory traits (INS/va1.21); the identity begins provisional."""
    form = visit.form
    key = f"p-{secrets.token_hex(5)}"
    names = form.get("birth_first_names", "").upper().split()
    identity: Mapping[str, Any] = {
        "birth_name": form.get("birth_name", "").strip().upper(),
        "birth_first_names": names,
        "birth_date": form.get("birth_date", ""),
        "sex": form.get("sex", ""),
        "birth_place": form.get("birth_place", "").strip().upper() or "99999",
        "status": "provisoire",
    }
    visit.dui.people.save(key, identity)
    visit.dui.traces.add(visit.who, "person.save", key, "provisoire")
    return visit.go(f"/personnes/{key}", "person")


def person(visit: Visit) -> Response:
    """The record in its three parts."""
    dui, key = visit.dui, visit.params["person"]
    found = dui.people.get(key)
    documents = _sorted(dui.library.of_person(key), visit.query.get("tri", ""))
    dui.traces.add(visit.who, "person.read", key)
    if "vu" not in visit.query:
        # Not where the page only shows itself again, what was begun being over.
        dui.dmp.opened(key)
    return visit.page(
        "person.html",
        person=found,
        parts=[(part, [d for d in documents if d.part == part]) for part in PARTS],
        replaced=dui.library.replaced(key),
        correspondents=dui.people.correspondents(key),
        oppositions=dui.people.oppositions(key),
        channels=CHANNELS,
        types=document_types(),
        items=[row_of(item) for item in dui.records.items(key)],
        mailboxes=[m for m in dui.mailboxes.all() if m.state == "ready"],
        today=datetime.now(UTC).date().isoformat(),
        displayed=replace(found, status="provisoire") if dui.sins.has("shows-every-status-as-provisional") else found,
        origins={d.id: dmp.origin_of(dui, d) for d in documents},
        dmp=dmp.panel(dui, key, documents),
        files=dui.shelf.of(key),
        shows_birth_date=not dui.sins.has("hides-the-birth-date"),
    )


def _sorted(documents: list[Document], order: str) -> list[Document]:
    """By type or by date of creation (CDA/INT.04), else as they came, newest first."""
    if order == "type":
        return sorted(documents, key=lambda d: (d.type_label, d.created))
    return sorted(documents, key=lambda d: d.created, reverse=True) if order == "date" else documents


def validate(visit: Visit) -> Response:
    """Write and validate a document: it is filed and sent."""
    form, key = visit.form, visit.params["person"]
    visit.dui.office.validate(
        visit.who,
        person=key,
        mailbox=form.get("mailbox", ""),
        type_code=form.get("type_code", ""),
        title=form.get("title", ""),
        text=form.get("text", ""),
        act_date=_noon(form.get("act_date", "")),
        replaces=form.get("replaces") or None,
    )
    return visit.go(f"/personnes/{key}", "document")


def add_correspondent(visit: Visit) -> Response:
    """Add a correspondent to the record."""
    form, key = visit.form, visit.params["person"]
    found = visit.dui.people.add_correspondent(key, form.get("address", ""), form)
    visit.dui.traces.add(visit.who, "person.correspondent", key, found.address)
    return visit.go(f"/personnes/{key}", "correspondent")


def oppose(visit: Visit) -> Response:
    """Record or lift an opposition."""
    key, channel = visit.params["person"], visit.form.get("channel", "")
    opposed = visit.form.get("opposed") == "yes"
    visit.dui.people.oppose(key, channel, opposed)
    visit.dui.traces.add(visit.who, "person.opposition", key, channel, "opposed" if opposed else "lifted")
    return visit.go(f"/personnes/{key}", "opposition")


def transfer(visit: Visit) -> Response:
    """Send the whole record to the receiving service that was set up."""
    key = visit.params["person"]
    export(visit.dui, visit.who, key)
    return visit.go(f"/personnes/{key}", "transfer")


def document(visit: Visit) -> Response:
    """What a document is, and where it comes from."""
    found = visit.dui.library.get(visit.params["document"])
    visit.dui.traces.add(visit.who, "document.read", found.id)
    visit.dui.marks.open(found.unique_id, visit.who)
    replaced = found.id in visit.dui.library.replaced(found.person)
    return visit.page(
        "document.html",
        document=found,
        person=visit.dui.people.get(found.person),
        replaced=replaced,
        sections=sections_of(visit.dui.library.bytes_of(found.id)),
    )


def pdf(visit: Visit) -> Response:
    """The PDF of a document."""
    id = visit.params["document"]
    return _file(visit.dui.library.pdf_of(id), "application/pdf", f"{id}.pdf")


def cda(visit: Visit) -> Response:
    """The CDA of a document, bytes as produced or received."""
    id = visit.params["document"]
    return _file(visit.dui.library.bytes_of(id), "text/xml", f"{id}.xml")


def _file(content: bytes, kind: str, name: str) -> Response:
    # Always a download: a received document never runs in the pages of the product.
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _noon(day: str) -> str:
    """The act at noon of its day, in this machine's time zone: the form asks for the day only."""
    try:
        when = datetime.combine(datetime.fromisoformat(day).date(), time(12)).astimezone()
    except ValueError as exc:
        raise Fault("refdui.fault.wrong-date", date=day[:40]) from exc
    return when.isoformat()
