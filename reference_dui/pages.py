"""The pages of the product: which view answers where, and the headers that every page carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

from . import pages_admin, pages_mail, pages_record
from .accounts import pages as pages_accounts
from .accounts import pages_administration
from .dmp import pages as pages_dmp
from .headers import Guarded
from .psc import pages as pages_psc
from .sdo import pages as orientations
from .sins import Sins
from .visit import View, view

if TYPE_CHECKING:
    from .application import Dui


_VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", "/", pages_record.persons),
    ("GET", "/personnes/{person}", pages_record.person),
    ("POST", "/personnes", pages_record.create),
    ("POST", "/personnes/{person}/documents", pages_record.validate),
    ("POST", "/personnes/{person}/correspondants", pages_record.add_correspondent),
    ("POST", "/personnes/{person}/oppositions", pages_record.oppose),
    ("POST", "/personnes/{person}/transfert", pages_record.transfer),
    ("GET", "/documents/{document}", pages_record.document),
    ("GET", "/documents/{document}/cda", pages_record.cda),
    ("GET", "/documents/{document}/pdf", pages_record.pdf),
    ("GET", "/travail", pages_mail.work_list),
    ("GET", "/travail/{item}", pages_mail.item),
    ("GET", "/travail/{item}/pdf", pages_mail.item_pdf),
    ("POST", "/travail/{item}/rattacher", pages_mail.attach),
    ("POST", "/travail/{item}/rejeter", pages_mail.reject),
    ("GET", "/messages/recus", pages_mail.received),
    ("POST", "/messages/relever", pages_mail.fetch),
    ("GET", "/messages/envoyes", pages_mail.sent),
    ("GET", "/messages/ecrire", pages_mail.compose),
    ("POST", "/messages", pages_mail.write),
    ("GET", "/messages/{message:int}", pages_mail.message),
    ("POST", "/messages/{message:int}/accuse", pages_mail.acknowledge),
    *orientations.VIEWS,
    *pages_dmp.VIEWS,
    ("GET", "/traces", pages_admin.traces),
    *pages_accounts.VIEWS,
    ("GET", pages_psc.END, pages_psc.end),
)
_ADMINISTRATION: tuple[tuple[str, str, View], ...] = (
    ("GET", "/parametres", pages_admin.settings),
    ("POST", "/parametres", pages_admin.save_settings),
    *pages_administration.VIEWS,
    *pages_dmp.ADMINISTRATION,
)


def routes(dui: Dui) -> list[Route]:
    """Every page of the product."""
    made = [Route(path, view(dui, shown), methods=[method]) for method, path, shown in _VIEWS]
    made += [
        Route(path, view(dui, shown, role="administrator"), methods=[method]) for method, path, shown in _ADMINISTRATION
    ]
    return [
        *(Route(path, view(dui, shown, public=True), methods=["GET", "POST"]) for path, shown in pages_accounts.DOOR),
        Route(pages_psc.BEGIN, view(dui, pages_psc.begin, public=True), methods=["GET"]),
        Route(pages_psc.BACK, view(dui, pages_psc.back, public=True), methods=["GET"]),
        *made,
        Route("/{path:path}", view(dui, pages_admin.nowhere, public=True), methods=["GET"]),
    ]


def middleware(sins: Sins) -> list[Middleware]:
    """Only this machine's names are answered (a page elsewhere cannot rebind its name to us), with our headers."""
    return [
        Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
        Middleware(Guarded, sins=sins),
    ]
