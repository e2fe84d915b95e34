"""The pages of the DMP: its panel in the record, its documents, help, settings; and the dashboard of the core services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from conformance.core.texts import say

from ..dashboard import CHANNELS
from ..library import Document
from ..visit import View, Visit
from .choices import LEVELS, Preload

if TYPE_CHECKING:
    from ..application import Dui

HELP = "/aide/dmp"
HOUR = 3600
# The names of ``read_words`` (docs/control-api.md), and where the pages take each from.
WORDS = {
    **{f"dmp.{name}": f"refdui.dmp.state.{name}" for name in ("allowed", "refused", "closed", "absent")},
    "feeding.fed": "refdui.dmp.feeding.fed",
    "feeding.refused": "refdui.dmp.feeding.failed",
    "origin.dmp": "refdui.origin.dmp",
    "origin.mssante": "refdui.origin.received",
    "notice.held": "refdui.done.dmp-held",
    "notice.newer": "refdui.dmp.notice.newer",
    "notice.deleted": "refdui.dmp.notice.deleted",
}


def panel(dui: Dui, person: str, documents: list[Document]) -> dict[str, Any]:
    """What the page of the record says of the DMP, from what is known already."""
    watch = dui.dmp.watch
    return {
        "state": watch.state(person),
        "verifying": watch.verifying(person),
        "news": watch.news(person),
        "newer": watch.newer(person),
        "notices": watch.notices(person),
        "feedings": {d.id: feeding_of(dui, d) for d in documents if d.origin == "produced"},
        "help": "" if dui.sins.has("offers-no-help-on-the-dmp") else HELP,
    }


def feeding_of(dui: Dui, document: Document) -> str:
    """The state of a document towards the DMP, as lists show it; empty when it was never due there."""
    state = dui.dmp.queue.state_of(document.id)
    return "fed" if state == "failed" and dui.sins.has("shows-a-refusal-as-fed") else state


def origin_of(dui: Dui, document: Document) -> str:
    """Where a document came from, as lists show it."""
    alike = dui.sins.has("shows-every-origin-alike") and document.origin != "produced"
    return "received" if alike else document.origin


def documents(visit: Visit) -> Response:
    """The documents of a person's DMP, by type where one is asked for (DMP/UX.14)."""
    person, asked = visit.params["person"], visit.query.get("type", "").strip()[:40]
    found = visit.dui.dmp.consult(visit.who, person, {})
    types = sorted({one["type_code"] for one in found})
    shown = [one for one in found if not asked or one["type_code"] == asked]
    about = visit.dui.people.get(person)
    return visit.page("dmp_documents.html", person=about, documents=shown, types=types, asked=asked)


def integrate(visit: Visit) -> Response:
    """Bring a document of the DMP into the record, or show the one that the record holds already."""
    person = visit.params["person"]
    done = visit.dui.dmp.integrate(visit.who, person, visit.form.get("unique_id", ""))
    return visit.go(f"/documents/{done['document']}", "dmp-held" if done["already"] else "dmp-integrated")


def remove(visit: Visit) -> Response:
    """Take a document that came from elsewhere out of the record."""
    found = visit.dui.library.get(visit.params["document"])
    visit.dui.library.remove(found.id)
    visit.dui.traces.add(visit.who, "document.remove", found.id, found.person)
    return visit.go(f"/personnes/{found.person}", "document-removed")


def help_page(visit: Visit) -> Response:
    """How to consult the DMP and search it (DMP/UX.45)."""
    return visit.page("dmp_help.html")


def settings(visit: Visit) -> Response:
    """What is preloaded and for how long; the types announced, for the structure and for the service (DMP/UX.17)."""
    choices = visit.dui.dmp.choices
    kept = choices.preload
    chosen = {"preload": ", ".join(kept.type_codes), "hours": max(1, kept.seconds // HOUR)}
    levels = {level: ", ".join(choices.followed(level)) for level in LEVELS}
    return visit.page("dmp_settings.html", chosen=chosen, levels=levels)


def save_settings(visit: Visit) -> Response:
    """Keep the settings of the DMP."""
    form, choices = visit.form, visit.dui.dmp.choices
    hours = form.get("hours", "")
    choices.preload = Preload(tuple(form.get("preload", "").split(",")), int(hours) * HOUR if hours.isdigit() else 0)
    for level in LEVELS:
        choices.follow(level, form.get(level, "").split(","))
    visit.dui.traces.add(visit.who, "settings.dmp-preloading", form.get("preload", ""), hours)
    return visit.go("/parametres/dmp", "settings")


def dashboard(visit: Visit) -> Response:
    """The dashboard of the core services (SC.TBB.01.MS1)."""
    return visit.page("dashboard.html", channels=CHANNELS, **visit.dui.dashboard.read())


def words() -> dict[str, str]:
    """The words of the pages, by the names of the control API."""
    return {name: say(key, "fr") for name, key in WORDS.items()}


VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", "/personnes/{person}/dmp", documents),
    ("POST", "/personnes/{person}/dmp", integrate),
    ("POST", "/documents/{document}/retirer", remove),
    ("GET", HELP, help_page),
    ("GET", "/tableau-de-bord", dashboard),
)
ADMINISTRATION: tuple[tuple[str, str, View], ...] = (
    ("GET", "/parametres/dmp", settings),
    ("POST", "/parametres/dmp", save_settings),
)
