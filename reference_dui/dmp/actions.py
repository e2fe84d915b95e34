"""What each operation on the DMP does in the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance.population import Correspondent

from ..faults import Fault
from ..members import Members
from ..people import correspondent_of
from . import pages
from .choices import Preload

if TYPE_CHECKING:
    from ..application import Dui

VISIBILITIES = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
FUNCTIONS = ("TableauDeBord", "DossierPatient")


def visibility_of(given: Members) -> tuple[str, ...]:
    """The visibility codes of a request; none when it says nothing."""
    codes = tuple(given.texts("visibility")) if given.has("visibility") else ()
    if set(codes) - set(VISIBILITIES):
        raise Fault("refdui.fault.wrong-member", member="visibility")
    return codes


def author_of(dui: Dui, given: Members) -> Correspondent | None:
    """Who wrote a document, where the request says so; somebody whom the RPPS knows no more is remembered as such."""
    if not given.has("author"):
        return None
    told = Members(given.mapping("author"))
    who = correspondent_of("ancien@dui.test", {n: told.maybe(n) for n in ("name", "first_name", "profession")})
    author = replace(who, identifier=told.key("identifier"))
    dui.dmp.gone_authors.note(author.identifier, gone=not told.flag("registered", default=True))
    return author


def set_dmp_preloading(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """What is preloaded, and for how long."""
    dui.dmp.choices.preload = Preload(tuple(given.texts("type_codes")), given.number("seconds"))
    dui.traces.add(who, "settings.dmp-preloading", ", ".join(given.texts("type_codes")), str(given.number("seconds")))
    return {}


def plan_visit(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Plan a visit; its documents are preloaded behind."""
    dui.people.get(given.key("person"))
    dui.dmp.preloading.plan(who, given.key("person"), given.key("at"))
    return {}


def follow_dmp_types(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """The types that the record announces, at one level."""
    dui.dmp.choices.follow(given.key("level"), given.texts("type_codes"))
    dui.traces.add(who, "settings.dmp-types", given.key("level"), ", ".join(given.texts("type_codes")))
    return {}


def read_dmp_news(dui: Dui, _: str, given: Members) -> Mapping[str, Any]:
    """What the page of the record announces."""
    person = dui.people.get(given.key("person"))
    return {"types": [asdict(news) for news in dui.dmp.watch.news(person.key)]}


def read_pages(dui: Dui, _: str, given: Members) -> Mapping[str, Any]:
    """Where the pages of a person are."""
    record = f"/personnes/{quote(dui.people.get(given.key('person')).key, safe='')}"
    return {"record_url": record, "dmp_url": f"{record}/dmp", "help_url": pages.HELP}


def read_words(_: Dui, __: str, ___: Members) -> Mapping[str, Any]:
    """The words of the pages."""
    return {"words": pages.words()}


def remove_document(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Take a document that came from elsewhere out of its record."""
    found = dui.library.get(given.key("document"))
    if not dui.sins.has("keeps-what-the-user-removes"):
        dui.library.remove(found.id)
    dui.traces.add(who, "document.remove", found.id, found.person)
    return {}


def feed_to_dmp(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Feed by hand a document that is not in the DMP."""
    dui.dmp.feed(who, given.key("document"))
    return {}


def delete_from_dmp(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Take a document out of the DMP."""
    dui.dmp.delete(who, given.key("document"))
    return {}


def archive_in_dmp(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Archive a document in the DMP."""
    dui.dmp.archive(who, given.key("document"))
    return {}


def set_dmp_visibility(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Change from whom a document of the DMP is hidden."""
    dui.dmp.show(who, given.key("document"), visibility_of(given))
    return {}


def set_secret_connection(dui: Dui, _: str, given: Members) -> Mapping[str, Any]:
    """Connect secretly about a person, or no more."""
    dui.dmp.secrecy.choose(dui.people.get(given.key("person")).key, active=given.flag("active"))
    return {}


def consult_dmp(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """The documents of a person in the DMP."""
    criteria = given.mapping("criteria") if given.has("criteria") else {}
    if not all(isinstance(v, list) and all(isinstance(one, str) for one in v) for v in criteria.values()):
        raise Fault("refdui.fault.wrong-member", member="criteria")
    return {"documents": dui.dmp.consult(who, given.key("person"), criteria, given.maybe("account") or "")}


def integrate_from_dmp(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Bring a document of the DMP into the record."""
    done = dui.dmp.integrate(who, given.key("person"), given.key("unique_id"))
    told = done["already"] and not dui.sins.has("opens-what-it-holds-without-a-word")
    return {**done, "url": f"/documents/{done['document']}" + ("?fait=dmp-held" if told else "")}


def open_dmp_web(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Where the browser is sent for a function of the DMP's web access."""
    function = given.key("function")
    if function not in FUNCTIONS:
        raise Fault("refdui.fault.wrong-member", member="function")
    return {"url": dui.dmp.address(who, function, given.maybe("person"))}


def read_dmp_states(dui: Dui, _: str, given: Members) -> Mapping[str, Any]:
    """What became of the documents of a person towards the DMP."""
    documents = dui.library.of_person(given.key("person"))
    return {"documents": [{"document": d.id, "state": dui.dmp.queue.state_of(d.id)} for d in documents]}


def catch_up_dmp(dui: Dui, who: str, given: Members) -> Mapping[str, Any]:
    """Feed what the records of a group hold of the past."""
    try:
        since = datetime.fromisoformat(given.text("since"))
    except ValueError as exc:
        raise Fault("refdui.fault.wrong-member", member="since") from exc
    if since.tzinfo is None:
        raise Fault("refdui.fault.wrong-member", member="since")
    persons, types = given.texts("persons"), given.texts("type_codes")
    dui.dmp.history.catch_up(who, persons, types, since, given.number("per_second"))
    return {}


def read_history_rate(dui: Dui, _: str, given: Members) -> Mapping[str, Any]:
    """The indicator of the history, for a month."""
    return dui.dmp.rate.read(given.key("month"))


def record_death(dui: Dui, _: str, given: Members) -> Mapping[str, Any]:
    """Know that a person died."""
    dui.dmp.history.record_death(given.key("person"), given.key("date"))
    return {}


ACTIONS = {
    action.__name__: action
    for action in (
        feed_to_dmp,
        delete_from_dmp,
        archive_in_dmp,
        set_dmp_visibility,
        set_secret_connection,
        consult_dmp,
        integrate_from_dmp,
        open_dmp_web,
        read_dmp_states,
        catch_up_dmp,
        record_death,
        read_history_rate,
        set_dmp_preloading,
        plan_visit,
        follow_dmp_types,
        read_dmp_news,
        read_pages,
        read_words,
        remove_document,
    )
}
